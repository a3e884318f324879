package ctype

import (
	"fmt"
	"strings"
)

// Symbol is a declared function, variable or constant.
type Symbol struct {
	Type     *Type
	Constant bool
	Value    int64
	// Name is what the linker calls it.
	Name string
}

// Universe is the types and symbols that one instance has declared.
type Universe struct {
	names   map[string]*Type // basic types and typedefs
	tags    map[string]*Type // of struct, union and enum
	symbols map[string]Symbol
	numbers int // of types without a name
	pack    int
	packs   []int
	// Outside finds a struct that the host has, nil for none.
	Outside func(tag string) *Type
}

var (
	voidType   = &Type{Kind: Void, name: "void", size: 1, align: 1}
	boolType   = &Type{Kind: Bool, name: "bool", size: 1, align: 1, Unsigned: true}
	charType   = intType("char", 1, false)
	ucharType  = intType("unsigned char", 1, true)
	shortType  = intType("short", 2, false)
	ushortType = intType("unsigned short", 2, true)
	plainInt   = intType("int", 4, false)
	uintType   = intType("unsigned int", 4, true)
	int64Type  = intType("int64_t", 8, false)
	uint64Type = intType("uint64_t", 8, true)
	floatType  = &Type{Kind: Float, name: "float", size: 4, align: 4}
	doubleType = &Type{Kind: Float, name: "double", size: 8, align: 8}
)

func intType(name string, size int, unsigned bool) *Type {
	return &Type{Kind: Int, name: name, size: size, align: size, Unsigned: unsigned}
}

// The types that the host makes values of.
var (
	Int32  = plainInt
	Uint8  = ucharType
	Char   = charType
	Int64  = int64Type
	Uint64 = uint64Type
	None   = voidType
)

var basicNames = map[string]*Type{
	"int8_t": charType, "uint8_t": ucharType, "int16_t": shortType, "uint16_t": ushortType, "int32_t": plainInt,
	"uint32_t": uintType, "int64_t": int64Type, "uint64_t": uint64Type, "intptr_t": int64Type, "uintptr_t": uint64Type,
	"ptrdiff_t": int64Type, "size_t": uint64Type, "ssize_t": int64Type, "wchar_t": plainInt, "va_list": PointerTo(voidType),
	"__builtin_va_list": PointerTo(voidType), "__gnuc_va_list": PointerTo(voidType),
}

// firstNumber is what types without a name are counted from: LuaJIT counts its own first.
const firstNumber = 1064

// NewUniverse has the types of C alone.
func NewUniverse() *Universe {
	u := &Universe{names: map[string]*Type{}, tags: map[string]*Type{}, symbols: map[string]Symbol{}, numbers: firstNumber}
	for name, t := range basicNames {
		u.names[name] = t
	}
	return u
}

// Symbol finds a declared symbol.
func (u *Universe) Symbol(name string) (Symbol, bool) {
	s, ok := u.symbols[name]
	return s, ok
}

// NewRecord makes a complete struct type of the host's, of that size.
func NewRecord(tag string, size int, value any) *Type {
	return &Type{Kind: Struct, record: &Record{Tag: tag, Complete: size > 0, size: size, align: 8, Value: value}}
}

// Declare reads the declarations of a text, with arguments for its $. The text is read up to an error.
func (u *Universe) Declare(text string, args ...any) error {
	p, err := u.parser(text, args)
	if err != nil {
		return err
	}
	if err := p.try(p.declarations); err != nil {
		return err
	}
	return p.used()
}

// Parse reads one type, with arguments for its $.
func (u *Universe) Parse(text string, args ...any) (*Type, error) {
	p, err := u.parser(text, args)
	if err != nil {
		return nil, err
	}
	var t *Type
	if err := p.try(func() {
		t = p.typeName()
		if p.at().text != "" {
			p.fail("'<eof>' expected near '%s'", p.at().near())
		}
	}); err != nil {
		return nil, err
	}
	return t, p.used()
}

func (u *Universe) anonymous() string {
	u.numbers++
	return fmt.Sprint(u.numbers)
}

func (u *Universe) pragma(text string) {
	text = strings.NewReplacer("(", " ", ")", " ", ",", " ").Replace(text)
	words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(text), "pragma"))
	if len(words) == 0 || words[0] != "pack" {
		return
	}
	value := 0
	for _, w := range words[1:] {
		switch w {
		case "push":
			u.packs = append(u.packs, u.pack)
			value = u.pack
		case "pop":
			if n := len(u.packs); n > 0 {
				value, u.packs = u.packs[n-1], u.packs[:n-1]
			}
		default:
			fmt.Sscan(w, &value) //nolint:errcheck // a word that is no number leaves the value
		}
	}
	u.pack = value
}
