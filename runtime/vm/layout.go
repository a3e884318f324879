package vm

import (
	"fmt"
	"reflect"
	"unsafe"

	lua "github.com/yuin/gopher-lua"
)

// The structures below lie over gopher-lua's own, whose fields are not
// exported. They are the only place that knows gopher-lua 1.1.2's memory
// layout; checkLayout compares them with the real types before first use.

type state struct {
	G       *lua.Global
	Parent  *lua.LState
	Env     *lua.LTable
	Panic   func(*lua.LState)
	Dead    bool
	Options lua.Options

	stop         int32
	reg          *registry
	stack        frameStackHeader
	alloc        unsafe.Pointer
	currentFrame *frame
	wrapped      bool
	uvcache      *upvalue
	hasErrorFunc bool
	mainLoop     func(*lua.LState, *frame)
	ctx          [2]unsafe.Pointer
	ctxCancelFn  func()
}

// frameStackHeader is the interface value that holds the call stack.
type frameStackHeader struct {
	itab  unsafe.Pointer
	stack *frameStack
}

const framesPerSegment = 8

type frameSegment struct{ array [framesPerSegment]frame }

// frameStack is the call stack of a state made with MinimizeStackMemory.
type frameStack struct {
	segments []*frameSegment
	segIdx   uint16
	segSp    uint8
}

type frame struct {
	Idx        int
	Fn         *lua.LFunction
	Parent     *frame
	Pc         int
	Base       int
	LocalBase  int
	ReturnBase int
	NArgs      int
	NRet       int
	TailCall   int
}

type registry struct {
	array []lua.LValue
	top   int
	_     int // growBy
	_     int // maxSize
	alloc unsafe.Pointer
	_     [2]unsafe.Pointer // handler
}

type upvalue struct {
	next   *upvalue
	reg    *registry
	index  int
	value  lua.LValue
	closed bool
}

type tableLayout struct {
	Metatable lua.LValue
	array     []lua.LValue
	dict      map[lua.LValue]lua.LValue
	strdict   map[string]lua.LValue
	keys      []lua.LValue
	k2i       map[lua.LValue]int
}

func stateOf(L *lua.LState) *state          { return (*state)(unsafe.Pointer(L)) }
func layoutOf(t *lua.LTable) *tableLayout   { return (*tableLayout)(unsafe.Pointer(t)) }
func upvalueOf(u *lua.Upvalue) *upvalue     { return (*upvalue)(unsafe.Pointer(u)) }
func exportUpvalue(u *upvalue) *lua.Upvalue { return (*lua.Upvalue)(unsafe.Pointer(u)) }

// checkLayout says where the structures above differ from gopher-lua's.
func checkLayout(L *lua.LState) error {
	if err := sameLayout(reflect.TypeFor[state](), reflect.TypeFor[lua.LState](), "stack", "ctx"); err != nil {
		return err
	}
	stateType := reflect.TypeFor[lua.LState]()
	reg, _ := stateType.FieldByName("reg")
	if err := sameLayout(reflect.TypeFor[registry](), reg.Type.Elem(), "handler"); err != nil {
		return err
	}
	cf, _ := stateType.FieldByName("currentFrame")
	if err := sameLayout(reflect.TypeFor[frame](), cf.Type.Elem()); err != nil {
		return err
	}
	if err := sameLayout(reflect.TypeFor[upvalue](), reflect.TypeFor[lua.Upvalue]()); err != nil {
		return err
	}
	if err := sameLayout(reflect.TypeFor[tableLayout](), reflect.TypeFor[lua.LTable]()); err != nil {
		return err
	}
	stack := reflect.ValueOf(L).Elem().FieldByName("stack").Elem().Type()
	if stack.Kind() != reflect.Pointer {
		return fmt.Errorf("gopher-lua's call stack is a %v, not a pointer", stack)
	}
	if err := sameLayout(reflect.TypeFor[frameStack](), stack.Elem()); err != nil {
		return err
	}
	segment, _ := stack.Elem().FieldByName("segments")
	if size := segment.Type.Elem().Elem().Size(); size != unsafe.Sizeof(frameSegment{}) {
		return fmt.Errorf("gopher-lua's call stack segment has %d bytes, not %d", size, unsafe.Sizeof(frameSegment{}))
	}
	return nil
}

// sameLayout compares names, places and sizes of all fields; those named in
// opaque may differ in kind, interfaces being two words here.
func sameLayout(ours, theirs reflect.Type, opaque ...string) error {
	if ours.NumField() != theirs.NumField() || ours.Size() != theirs.Size() {
		return fmt.Errorf("gopher-lua's %v has %d fields in %d bytes, not %d in %d", theirs,
			theirs.NumField(), theirs.Size(), ours.NumField(), ours.Size())
	}
fields:
	for i := range ours.NumField() {
		a, b := ours.Field(i), theirs.Field(i)
		if a.Name != b.Name && a.Name != "_" || a.Offset != b.Offset || a.Type.Size() != b.Type.Size() {
			return fmt.Errorf("gopher-lua's %v has %s at byte %d where %s is expected", theirs, b.Name, b.Offset, a.Name)
		}
		for _, name := range opaque {
			if name == b.Name {
				continue fields
			}
		}
		if a.Type.Kind() != b.Type.Kind() && a.Type.Kind() != reflect.UnsafePointer {
			return fmt.Errorf("gopher-lua's %v.%s is a %v, not a %v", theirs, b.Name, b.Type.Kind(), a.Type.Kind())
		}
	}
	return nil
}
