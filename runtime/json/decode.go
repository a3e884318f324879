package json

import (
	"fmt"
	"math"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/luamp"
	"shardlua/runtime/serial"
	"shardlua/runtime/vm"
)

// Decode makes a Lua value of a JSON text. The error is a *serial.Error that
// says what was expected, what was found, and where.
func Decode(L *lua.LState, text string, o *serial.Options) (lua.LValue, error) {
	p := parser{L: L, o: o, hints: serial.HintsOf(L)}
	p.scanner = scanner{text: text, anything: o.DecodeInvalidNumbers}
	p.next()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.next(); p.kind != endToken {
		return nil, p.expected("the end")
	}
	return v, nil
}

type parser struct {
	scanner
	L     *lua.LState
	o     *serial.Options
	hints *serial.Hints
}

// place is where the token is: lines count from 1, characters are bytes.
func (p *parser) place() string {
	return fmt.Sprintf("on line %d at character %d", p.lines+1, p.start-p.lineStart+1)
}

func (p *parser) expected(what string) error {
	return &serial.Error{Text: fmt.Sprintf("Expected %s but found %s %s", what, p.kind, p.place())}
}

// value makes a value of the token that has been read and those that belong to
// it.
func (p *parser) value(depth int) (lua.LValue, error) {
	switch p.kind {
	case stringToken:
		return lua.LString(p.str), nil
	case uintToken:
		return luamp.Integer(p.uint), nil
	case intToken:
		return luamp.SignedInteger(p.int), nil
	case numberToken:
		if !p.anything && math.IsInf(p.num, 0) {
			return nil, &serial.Error{Text: "number must not be NaN or Inf"}
		}
		return lua.LNumber(p.num), nil
	case boolToken:
		return lua.LBool(p.truth), nil
	case nullToken:
		return vm.Null, nil
	case beginObject, beginArray:
		if depth++; depth > p.o.DecodeDepth() {
			return nil, &serial.Error{Text: fmt.Sprintf("Found too many nested data structures (%d) %s", depth, p.place())}
		}
		if p.kind == beginArray {
			return p.array(depth)
		}
		return p.object(depth)
	}
	return nil, p.expected("value")
}

func (p *parser) array(depth int) (lua.LValue, error) {
	t := p.L.NewTable()
	if p.o.DecodeSaveMetatables {
		t.Metatable = p.hints.Array
	}
	if p.next(); p.kind == endArray {
		return t, nil
	}
	for i := 1; ; i++ {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		t.RawSetInt(i, v)
		switch p.next(); p.kind {
		case endArray:
			return t, nil
		case comma:
			p.next()
		default:
			return nil, p.expected("comma or array end")
		}
	}
}

func (p *parser) object(depth int) (lua.LValue, error) {
	t := p.L.NewTable()
	if p.o.DecodeSaveMetatables {
		t.Metatable = p.hints.Map
	}
	if p.next(); p.kind == endObject {
		return t, nil
	}
	for {
		if p.kind != stringToken {
			return nil, p.expected("object key string")
		}
		key := p.str
		if p.next(); p.kind != colon {
			return nil, p.expected("colon")
		}
		p.next()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		t.RawSetString(key, v)
		switch p.next(); p.kind {
		case endObject:
			return t, nil
		case comma:
			p.next()
		default:
			return nil, p.expected("comma or object end")
		}
	}
}
