package procedure_test

import (
	"bytes"
	"io"
	"net"
	"testing"

	"shardlua/runtime/iproto"
)

// benchmark sends batches of 16 equal requests over one connection.
func benchmark(b *testing.B, request []byte) {
	in := start(b, wireScript)
	c, err := net.Dial("unix", in.path)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	if _, err := io.ReadFull(c, make([]byte, iproto.GreetingSize)); err != nil {
		b.Fatal(err)
	}
	const flight = 16
	all := bytes.Repeat(request, flight)
	buf := make([]byte, 1<<16)
	b.ReportAllocs()
	for done := 0; done < b.N; done += flight {
		if _, err := c.Write(all); err != nil {
			b.Fatal(err)
		}
		have, got := 0, 0
		for got < flight {
			n, err := c.Read(buf[have:])
			if err != nil {
				b.Fatal(err)
			}
			have += n
			data := buf[:have]
			for {
				_, size, err := iproto.NextFrame(data)
				if err != nil {
					break
				}
				data = data[size:]
				got++
			}
			have = copy(buf, data)
		}
	}
}

func BenchmarkPing(b *testing.B) { benchmark(b, frame(head(0x40), "\x80")) }
func BenchmarkSelect(b *testing.B) {
	benchmark(b, frame(head(1), "\x83", space, "\x12\x03\x20\x91\x01"))
}
func BenchmarkCall(b *testing.B) {
	benchmark(b, frame(head(10), "\x82\x22\xa4echo\x21\x91\x05"))
}
