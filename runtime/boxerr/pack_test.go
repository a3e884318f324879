package boxerr_test

import (
	"encoding/hex"
	"reflect"
	"testing"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple/mp"
)

func TestPackedErrorsComeBack(t *testing.T) {
	e := boxerr.NewCustom("Mine", 5, "words").At("a.lua", 7)
	e.Prev = boxerr.NewAccessDenied("Read", "space", "s", "u")
	e.Prev.Prev = boxerr.NewSystem(boxerr.ClassSystemError, 2, "open")
	packed := e.AppendMsgpack(nil)
	if err := mp.Validate(packed); err != nil {
		t.Fatal(err)
	}
	_, data := mp.Extension(packed)
	back, err := boxerr.Unpack(data)
	if err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("got %+v, %v", back, err)
	}
}

func TestPackingIsTarantools(t *testing.T) {
	e := boxerr.NewCustom("Foo", 5, "x").At("er.lua", 3)
	e.Prev = boxerr.New(boxerr.NoSuchSpace, "s").At("er.lua", 3)
	// What stock Tarantool encodes the same stack to.
	want := "c76a038100928700ab437573746f6d4572726f72020301a665722e6c756103a178040005050681ab637573746f6d5f74797065a3466f6f" +
		"8600ab436c69656e744572726f72020301a665722e6c756103b853706163652027732720646f6573206e6f7420657869737404000524"
	if got := hex.EncodeToString(e.AppendMsgpack(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func FuzzUnpack(f *testing.F) {
	_, data := mp.Extension(boxerr.New(boxerr.NoSuchSpace, "x").AppendMsgpack(nil))
	f.Add(data)
	f.Add([]byte{0x81, 0, 0x90})
	f.Add([]byte{0x81, 0, 0x91, 0x81, 6, 0x81, 1, 2})
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := boxerr.Unpack(data)
		if err != nil {
			return
		}
		if err := mp.Validate(e.AppendMsgpack(nil)); err != nil {
			t.Fatal(err)
		}
	})
}
