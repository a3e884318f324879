package ctype

import (
	"errors"
	"fmt"
)

// parser reads one text. Its methods give up with a panic of *syntaxError, which try turns into an error.
type parser struct {
	u      *Universe
	tokens []token
	pos    int
	args   []any
	depth  int
}

type syntaxError struct{ err error }

// maxDepth keeps a text of nothing but parentheses from using up the stack.
const maxDepth = 100

func (u *Universe) parser(text string, args []any) (*parser, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	return &parser{u: u, tokens: tokens, args: args}, nil
}

func (p *parser) try(read func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(*syntaxError)
			if !ok {
				panic(r)
			}
			err = s.err
		}
	}()
	read()
	return nil
}

func (p *parser) used() error {
	if len(p.args) > 0 {
		return errors.New("wrong number of type parameters")
	}
	return nil
}

func (p *parser) fail(format string, args ...any) { panic(&syntaxError{fmt.Errorf(format, args...)}) }

func (p *parser) check(err error) {
	if err != nil {
		panic(&syntaxError{err})
	}
}

func (p *parser) at() token { return p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if p.pos < len(p.tokens)-1 {
		p.pos++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if t := p.at(); t.text == text && !t.str {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail("'%s' expected near '%s'", text, p.at().near())
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("chunk has too many syntax levels")
	}
}

func (p *parser) leave() { p.depth-- }

// arg is the next argument for a $.
func (p *parser) arg() any {
	if len(p.args) == 0 {
		p.fail("wrong number of type parameters")
	}
	a := p.args[0]
	p.args = p.args[1:]
	return a
}

// specifiers are what stands before the declarators.
type specifiers struct {
	t               *Type
	typedef, static bool
	attr            attributes
}

type attributes struct{ packed, align int }

func (p *parser) declarations() {
	for p.at().text != "" {
		if t := p.at(); len(t.text) > 1 && t.text[0] == '#' {
			p.u.pragma(p.next().text[1:])
			continue
		}
		if p.accept(";") {
			continue
		}
		p.declaration()
	}
}

func (p *parser) declaration() {
	if p.accept("extern") && p.at().str {
		p.fail("unexpected symbol near '%s'", p.at().near())
	}
	s := p.specifiers()
	if (s.t.Kind == Struct || s.t.Kind == Enum) && (p.at().text == ";" || p.at().text == "") {
		p.accept(";")
		return
	}
	for {
		name, build := p.declarator(true)
		if name == "" {
			p.fail("'<identifier>' expected near '%s'", p.at().near())
		}
		p.define(name, build(s.t), &s)
		if !p.accept(",") {
			break
		}
	}
	if p.at().text != "" {
		p.expect(";")
	}
}

func (p *parser) define(name string, t *Type, s *specifiers) {
	symbol := Symbol{Type: t, Name: name}
	if p.accept("__asm__") || p.accept("asm") {
		p.expect("(")
		if label := p.next(); label.str {
			symbol.Name = label.text[1 : len(label.text)-1]
		}
		p.expect(")")
	}
	p.attributes(&s.attr)
	switch {
	case s.typedef:
		if p.u.names[name] == nil { // the first definition of a name counts
			p.u.names[name] = t
		}
		return
	case p.accept("="):
		symbol.Constant, symbol.Value = true, p.constant()
		if !t.Const || !t.IsInteger() {
			p.fail("unexpected symbol near '='")
		}
	}
	p.u.symbols[name] = symbol
}

var qualifiers = map[string]bool{
	"volatile": true, "__volatile": true, "__volatile__": true, "restrict": true, "__restrict": true, "__restrict__": true,
	"inline": true, "__inline": true, "__inline__": true, "__extension__": true, "register": true, "auto": true,
	"_Noreturn": true,
}

var constWords = map[string]bool{"const": true, "__const": true, "__const__": true}

// specifiers reads the base type of a declaration.
func (p *parser) specifiers() specifiers {
	p.enter()
	defer p.leave()
	var s specifiers
	var words basicWords
	constant := false
	for {
		t := p.at()
		switch {
		case t.text == "$" && s.t == nil && !words.any():
			p.next()
			typ, ok := p.arg().(*Type)
			if !ok {
				p.fail("declaration specifier expected near '$'")
			}
			s.t = typ
			continue
		case !t.word:
		case qualifiers[t.text]:
			p.next()
			continue
		case constWords[t.text]:
			p.next()
			constant = true
			continue
		case t.text == "typedef":
			p.next()
			s.typedef = true
			continue
		case t.text == "static", t.text == "extern":
			p.next()
			s.static = true
			continue
		case t.text == "__attribute__" || t.text == "__declspec" || t.text == "_Alignas":
			p.attributes(&s.attr)
			continue
		case s.t == nil && words.add(t.text):
			p.next()
			continue
		case s.t == nil && !words.any() && (t.text == "struct" || t.text == "union"):
			p.next()
			s.t = p.record(t.text == "union")
			continue
		case s.t == nil && !words.any() && t.text == "enum":
			p.next()
			s.t = p.enumeration()
			continue
		case s.t == nil && !words.any() && p.u.names[t.text] != nil:
			p.next()
			s.t = p.u.names[t.text]
			continue
		}
		break
	}
	if s.t == nil {
		if !words.any() {
			p.fail("declaration specifier expected near '%s'", p.at().near())
		}
		s.t = words.typ()
	}
	if constant {
		s.t = s.t.constant()
	}
	return s
}

// basicWords are the words of a type such as unsigned long int.
type basicWords struct {
	base           string
	long           int
	short          bool
	signed, unsign bool
}

func (b *basicWords) any() bool { return *b != basicWords{} }

func (b *basicWords) add(word string) bool {
	switch word {
	case "void", "bool", "_Bool", "char", "int", "float", "double":
		if b.base != "" {
			return false
		}
		b.base = word
	case "long":
		b.long++
	case "short":
		b.short = true
	case "signed", "__signed", "__signed__":
		b.signed = true
	case "unsigned":
		b.unsign = true
	default:
		return false
	}
	return true
}

func (b *basicWords) typ() *Type {
	pick := func(signed, unsigned *Type) *Type {
		if b.unsign {
			return unsigned
		}
		return signed
	}
	switch {
	case b.base == "void":
		return voidType
	case b.base == "bool" || b.base == "_Bool":
		return boolType
	case b.base == "float":
		return floatType
	case b.base == "double":
		return doubleType
	case b.base == "char":
		return pick(charType, ucharType)
	case b.short:
		return pick(shortType, ushortType)
	case b.long > 0:
		return pick(int64Type, uint64Type)
	}
	return pick(plainInt, uintType)
}

func (p *parser) attributes(a *attributes) {
	for {
		switch {
		case p.accept("__attribute__"):
			p.expect("(")
			p.expect("(")
			for !p.accept(")") {
				p.attribute(a)
				p.accept(",")
			}
			p.expect(")")
		case p.accept("__declspec"), p.accept("_Alignas"):
			p.expect("(")
			p.balanced()
		default:
			return
		}
	}
}

func (p *parser) attribute(a *attributes) {
	name := p.next()
	if name.text == "" {
		p.fail("')' expected near '<eof>'")
	}
	switch name.text {
	case "packed", "__packed__":
		a.packed = 1
	case "aligned", "__aligned__":
		a.align = 16
		if p.accept("(") {
			a.align = int(p.constant())
			p.expect(")")
		}
		return
	}
	if p.accept("(") {
		p.balanced()
	}
}

// balanced skips what stands in parentheses, after the first of them.
func (p *parser) balanced() {
	for depth := 1; depth > 0; {
		switch t := p.next(); t.text {
		case "(":
			depth++
		case ")":
			depth--
		case "":
			p.fail("')' expected near '<eof>'")
		}
	}
}

// record reads a struct or union after its keyword.
func (p *parser) record(union bool) *Type {
	kind := "struct"
	if union {
		kind = "union"
	}
	var attr attributes
	p.attributes(&attr)
	tag := ""
	if t := p.at(); t.word {
		tag = p.next().text
	} else if t.text == "$" {
		p.next()
		if typ, ok := p.arg().(*Type); ok {
			return typ
		}
		p.fail("declaration specifier expected near '$'")
	}
	if p.at().text != "{" {
		if tag == "" {
			p.fail("'{' expected near '%s'", p.at().near())
		}
		return p.tagged(kind, tag, union)
	}
	var t *Type
	if tag == "" {
		t = &Type{Kind: Struct, record: &Record{Tag: kind + " " + p.u.anonymous(), Union: union}}
	} else if t = p.tagged(kind, tag, union); t.record == nil || t.record.Complete {
		p.fail("attempt to redefine '%s'", tag)
	}
	p.next()
	var members []member
	for !p.accept("}") {
		members = p.members(members)
	}
	p.attributes(&attr)
	pack := p.u.pack
	if attr.packed > 0 {
		pack = 1
	}
	p.check(t.record.lay(members, pack))
	if attr.align > t.record.align {
		t.record.align = attr.align
		t.record.size = roundUp(t.record.size, attr.align)
	}
	return t
}

// tagged is the struct of a tag, made incomplete when it is new.
func (p *parser) tagged(kind, tag string, union bool) *Type {
	if t := p.u.tags[tag]; t != nil {
		return t
	}
	if p.u.Outside != nil {
		if t := p.u.Outside(kind + " " + tag); t != nil {
			p.u.tags[tag] = t
			return t
		}
	}
	if p.typeOnly() {
		p.fail("undeclared or implicit tag '%s'", tag)
	}
	t := &Type{Kind: Struct, record: &Record{Tag: kind + " " + tag, Union: union}}
	p.u.tags[tag] = t
	return t
}

func (p *parser) members(members []member) []member {
	s := p.specifiers()
	if p.accept(";") {
		// A struct without a name lends its members.
		if s.t.Kind == Struct {
			members = append(members, member{t: s.t, bits: -1})
		}
		return members
	}
	for {
		var m member
		if p.at().text != ":" {
			var build func(*Type) *Type
			m.name, build = p.declarator(true)
			m.t = build(s.t)
		} else {
			m.t = s.t
		}
		m.bits = -1
		if p.accept(":") {
			m.bits = int(p.constant())
			size, _ := m.t.Size()
			if !m.t.IsInteger() || m.bits < 0 || m.bits > 8*size {
				p.fail("invalid C type")
			}
		}
		p.attributes(&s.attr)
		members = append(members, m)
		if !p.accept(",") {
			break
		}
	}
	p.expect(";")
	return members
}

func (p *parser) enumeration() *Type {
	var attr attributes
	p.attributes(&attr)
	tag := ""
	if p.at().word {
		tag = p.next().text
	}
	if p.at().text != "{" {
		if t := p.u.tags[tag]; t != nil && t.Kind == Enum {
			return t
		}
		p.fail("undeclared or implicit tag '%s'", tag)
	}
	if p.u.tags[tag] != nil {
		p.fail("attempt to redefine '%s'", tag)
	}
	e := &Enumeration{Values: map[string]int64{}, Tag: "enum " + tag}
	if tag == "" {
		e.Tag += p.u.anonymous()
	}
	t := &Type{Kind: Enum, enum: e, size: 4, align: 4, Unsigned: true}
	p.next()
	value := int64(0)
	for !p.accept("}") {
		name := p.next()
		if !name.word {
			p.fail("'<identifier>' expected near '%s'", name.near())
		}
		if p.accept("=") {
			value = p.constant()
		}
		if value < 0 {
			t.Unsigned = false
		}
		e.Values[name.text] = value
		p.u.symbols[name.text] = Symbol{Type: t, Constant: true, Value: value, Name: name.text}
		value++
		if !p.accept(",") && p.at().text != "}" {
			p.fail("'}' expected near '%s'", p.at().near())
		}
	}
	p.attributes(&attr)
	if tag != "" {
		p.u.tags[tag] = t
	}
	return t
}
