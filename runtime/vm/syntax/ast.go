// Package syntax reads LuaJIT's source language into a tree.
//
// It accepts what LuaJIT 2.1 accepts, 64-bit integer literals, goto and the
// escapes of Lua 5.2 included, and refuses the rest with LuaJIT's words.
package syntax

// Expr is one of the expression nodes below.
type Expr any

type (
	Nil    struct{}
	Bool   struct{ V bool }
	Vararg struct{ Line int }
	Number struct{ V float64 }
	Str    struct{ V string }
	// Integer is a literal with an LL or ULL suffix.
	Integer struct {
		Bits     uint64
		Unsigned bool
	}
	Name struct {
		Name string
		Line int
	}
	Index struct {
		Obj, Key Expr
		Line     int
	}
	// Call is fn(args), or obj:method(args) when Method is not empty.
	Call struct {
		Fn     Expr
		Method string
		Args   []Expr
		Line   int
	}
	Func struct {
		Params   []string
		Vararg   bool
		Body     *Block
		Line     int
		LastLine int
	}
	Binary struct {
		Op   Op
		L, R Expr
		Line int
	}
	Unary struct {
		Op   Op
		X    Expr
		Line int
	}
	// Logical is "and" or "or".
	Logical struct {
		And  bool
		L, R Expr
	}
	Paren struct{ X Expr }
	// Field has a nil Key when the item is positional.
	Field struct {
		Key, Value Expr
		Line       int
	}
	Table struct {
		Fields []Field
		Line   int
	}
)

// Op is an operator.
type Op int

// The operators, comparisons last.
const (
	Add Op = iota
	Sub
	Mul
	Div
	Mod
	Pow
	Concat
	Neg
	Not
	Len
	Eq
	Ne
	Lt
	Ge
	Le
	Gt
)

// Block is a list of statements with a scope of its own.
type Block struct {
	Stmts []Stmt
	// LastLine is the line of the token that ends the block.
	LastLine int
}

// Stmt is one of the statement nodes below.
type Stmt any

type (
	Local struct {
		Names []string
		Exprs []Expr
		Line  int
	}
	LocalFunc struct {
		Name string
		Func *Func
		Line int
	}
	Assign struct {
		Targets []Expr
		Exprs   []Expr
		Line    int
	}
	CallStmt struct{ Call *Call }
	Do       struct{ Body *Block }
	While    struct {
		Cond Expr
		Body *Block
		Line int
	}
	Repeat struct {
		Body *Block
		Cond Expr
		Line int
	}
	If struct {
		Conds  []Expr
		Blocks []*Block // one more than Conds when there is an else
		Line   int
	}
	NumFor struct {
		Var               string
		Start, Stop, Step Expr
		Body              *Block
		Line              int
	}
	GenFor struct {
		Vars  []string
		Exprs []Expr
		Body  *Block
		Line  int
	}
	Return struct {
		Exprs []Expr
		Line  int
	}
	Break struct{ Line int }
	Goto  struct {
		Label string
		Line  int
	}
	Label struct {
		Name string
		Line int
	}
)
