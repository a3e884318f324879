package xlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// The magic numbers, as they stand in a file.
const (
	magicRows = 0xd5ba0bab
	magicZstd = 0xd5ba0bba
	magicEOF  = 0xd510aded
)

// headSize is the length of a block's fixed header: magic, length of the content, checksum of the block before
// (always 0), checksum of the content, and a string that pads it.
const headSize = 19

// compressFrom is the size of a block, with its header, from which its rows are compressed.
const compressFrom = 2048

// blockTarget is the size at which rows that need not stay together begin a new block.
const blockTarget = 128 << 10

// maxRows bounds what a compressed block may swell to.
const maxRows = 2 << 30

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is crc32c without the inversions of the common form.
func checksum(p []byte) uint32 { return ^crc32.Update(^uint32(0), castagnoli, p) }

// codec holds the zstd machinery. It is made when first needed, because it is large and many files need none.
type codec struct {
	encoder func() (*zstd.Encoder, error)
	decoder func() (*zstd.Decoder, error)
}

func newCodec() *codec {
	return &codec{
		encoder: sync.OnceValues(func() (*zstd.Encoder, error) {
			return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
				zstd.WithEncoderCRC(false), zstd.WithWindowSize(1<<20), zstd.WithLowerEncoderMem(true))
		}),
		decoder: sync.OnceValues(func() (*zstd.Decoder, error) {
			return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxMemory(maxRows))
		}),
	}
}

// head is a decoded fixed header.
type head struct {
	magic  uint32
	length uint64
	crc    uint32
}

func appendHead(dst []byte, magic uint32, content []byte) []byte {
	at := len(dst)
	dst = binary.BigEndian.AppendUint32(dst, magic)
	dst = appendUint(dst, uint64(len(content)))
	dst = append(dst, 0)
	dst = binary.BigEndian.AppendUint32(append(dst, 0xce), checksum(content))
	padding := headSize - (len(dst) - at) - 1
	dst = append(dst, 0xa0|byte(padding))
	for range padding {
		dst = append(dst, 0)
	}
	return dst
}

// appendBlock appends rows as one block, compressed when that is worth it.
func (c *codec) appendBlock(dst, rows []byte) ([]byte, error) {
	if headSize+len(rows) < compressFrom {
		return append(appendHead(dst, magicRows, rows), rows...), nil
	}
	encoder, err := c.encoder()
	if err != nil {
		return dst, fmt.Errorf("zstd: %w", err)
	}
	at := len(dst)
	dst = append(dst, make([]byte, headSize)...)
	dst = encoder.EncodeAll(rows, dst)
	appendHead(dst[:at], magicZstd, dst[at+headSize:])
	return dst, nil
}

// decodeHead reads a fixed header from headSize bytes. The reason of a failure is in Tarantool's words.
func decodeHead(src []byte) (h head, reason string) {
	h.magic = binary.BigEndian.Uint32(src)
	if h.magic != magicRows && h.magic != magicZstd {
		return h, fmt.Sprintf("invalid magic: 0x%x", binary.LittleEndian.Uint32(src))
	}
	var ok bool
	rest := src[4:headSize]
	if h.length, rest, ok = readUint(rest); !ok || h.length > maxRows {
		return h, "broken fixheader length"
	}
	if _, rest, ok = readUint(rest); !ok {
		return h, "broken fixheader crc32p"
	}
	crc, rest, ok := readUint(rest)
	if !ok || crc > 1<<32-1 {
		return h, "broken fixheader crc32c"
	}
	h.crc = uint32(crc)
	if len(rest) == 0 || rest[0]&0xe0 != 0xa0 || int(rest[0]&0x1f) != len(rest)-1 {
		return h, "broken fixheader padding"
	}
	return h, ""
}

// decodeBlock checks the content of a block and returns its rows, which may lie in content or in buf.
func (c *codec) decodeBlock(h head, content, buf []byte) (rows []byte, reason string) {
	if checksum(content) != h.crc {
		return nil, "tx checksum mismatch"
	}
	if h.magic == magicRows {
		return content, ""
	}
	decoder, err := c.decoder()
	if err != nil {
		return nil, "failed to decompress tx: " + err.Error()
	}
	rows, err = decoder.DecodeAll(content, buf[:0])
	if err != nil {
		return nil, "failed to decompress tx: " + err.Error()
	}
	return rows, ""
}
