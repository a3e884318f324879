package ctype

import (
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	// Sizes, alignments and offsets are those of gcc on x86-64.
	for declaration, want := range map[string]struct {
		size, align int
		offsets     string
	}{
		"struct s { char a; int b; };":                                           {8, 4, "a0 b4"},
		"struct s { char a; double b; char c; };":                                {24, 8, "a0 b8 c16"},
		"struct __attribute__((packed)) s { char a; int b; };":                   {5, 1, "a0 b1"},
		"struct s { char a; int b; } __attribute__((packed));":                   {5, 1, "a0 b1"},
		"struct s { char a; } __attribute__((aligned(16)));":                     {16, 16, "a0"},
		"struct s { unsigned a:3; unsigned b:5; int c:10; bool d:1; };":          {4, 4, "a0 b0 c0 d2"},
		"struct s { int a:20; int b:20; };":                                      {8, 4, "a0 b4"},
		"struct s { int a:4; int :0; int b:4; };":                                {8, 4, "a0 b4"},
		"struct s { char a; int b:4; };":                                         {4, 4, "a0 b0"},
		"union s { int a; double b; char c[9]; };":                               {16, 8, "a0 b0 c0"},
		"struct s { int a; struct { char x, y; }; int b[2][3]; };":               {32, 4, "a0 x4 y5 b8"},
		"struct s { void *a; int (*b)(int, char *); enum { X = 3, Y } c; };":     {24, 8, "a0 b8 c16"},
		"#pragma pack(push, 1)\nstruct s { char a; int b; };\n#pragma pack(pop)": {5, 1, "a0 b1"},
		"enum { N = 2 * 3 + (1 << 2) }; struct s { char a[N]; short b; };":       {12, 2, "a0 b10"},
	} {
		u := NewUniverse()
		if err := u.Declare(declaration); err != nil {
			t.Errorf("%s: %v", declaration, err)
			continue
		}
		typ := u.tags["s"]
		if size, _ := typ.Size(); size != want.size || typ.Align() != want.align {
			t.Errorf("%s: size %d align %d, want %d and %d", declaration, size, typ.Align(), want.size, want.align)
		}
		for _, place := range strings.Fields(want.offsets) {
			f, ok := typ.Record().Find(place[:1])
			if got := place[:1] + itoa(f.Offset); !ok || got != place {
				t.Errorf("%s: %s, want %s", declaration, got, place)
			}
		}
	}
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

func TestNames(t *testing.T) {
	u := NewUniverse()
	for text, want := range map[string]string{
		"int": "int", "unsigned long long int": "uint64_t", "const char*": "const char *", "char *const": "char *const",
		"int *[3]": "int *[3]", "int (*)[3]": "int (*)[3]", "int[2][3]": "int [2][3]", "void (*)(int)": "void (*)()",
		"int *(*)(char, ...)": "int *(*)()", "void (*[2])(int)": "void (*[2])()", "char **": "char **", "int[?]": "int [?]",
		"int (&)[2]": "int (&)[2]",
	} {
		typ, err := u.Parse(text)
		if err != nil || typ.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, typ, err, want)
		}
	}
}

// FuzzDeclare makes sure that no text is worse than an error.
func FuzzDeclare(f *testing.F) {
	for _, text := range []string{
		"typedef struct { int x, y; } p; p f(p *, ...);", "enum e { A, B = A + 1 };", "struct s { int a:3; char b[?]; };",
		"int (*(*f)(int))[3];", "#pragma pack(1)", "static const int X = sizeof(int[4]);", "((((", "int a[1/0];",
		"struct a { struct a b; };", "union u { int :0; };",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u := NewUniverse()
		u.Declare(text) //nolint:errcheck // any answer will do
		if typ, err := u.Parse(text); err == nil {
			_ = typ.String()
			typ.Size()
			typ.Align()
		}
	})
}
