package yaml

import (
	"fmt"
	"reflect"
	"strings"

	yamlv3 "go.yaml.in/yaml/v3"
)

// mark is a place in a text, from 0.
type mark struct{ line, column int64 }

// fault is what the library's scanner or parser found wrong, and where.
type fault struct {
	problem, context     string
	problemAt, contextAt mark
	// outside says that the fault was met before the document had begun.
	outside bool
}

// documentContent is the first of the parser's states that lie within a document.
const documentContent = 3

// faultOf looks into a decoder that has failed. The library knows the places that Tarantool's messages have, but its
// errors tell only the line; a version of it that keeps them elsewhere has no fault to show.
func faultOf(dec *yamlv3.Decoder) (f fault, ok bool) {
	parser := reflect.ValueOf(dec).Elem().FieldByName("parser")
	if !parser.IsValid() || parser.Kind() != reflect.Pointer || parser.IsNil() {
		return f, false
	}
	if parser = parser.Elem().FieldByName("parser"); !parser.IsValid() || parser.Kind() != reflect.Struct {
		return f, false
	}
	text := func(name string) string {
		v := parser.FieldByName(name)
		ok = ok && v.IsValid() && v.Kind() == reflect.String
		if !ok {
			return ""
		}
		return v.String()
	}
	place := func(name string) mark {
		v := parser.FieldByName(name)
		if ok = ok && v.IsValid() && v.Kind() == reflect.Struct; !ok {
			return mark{}
		}
		line, column := v.FieldByName("line"), v.FieldByName("column")
		if ok = line.IsValid() && column.IsValid() && line.CanInt() && column.CanInt(); !ok {
			return mark{}
		}
		return mark{line.Int(), column.Int()}
	}
	ok = true
	f.problem, f.context = text("problem"), text("context")
	f.problemAt, f.contextAt = place("problem_mark"), place("context_mark")
	state := parser.FieldByName("state")
	if ok = ok && state.IsValid() && state.CanInt(); ok {
		f.outside = state.Int() < documentContent
	}
	return f, ok && f.problem != ""
}

// String is the fault in Tarantool's form; document counts those that had begun.
func (f *fault) String(document int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at document: %d", f.problem, document)
	if f.problemAt != (mark{}) {
		fmt.Fprintf(&b, ", line: %d, column: %d", f.problemAt.line+1, f.problemAt.column+1)
	}
	b.WriteByte('\n')
	if f.context != "" {
		fmt.Fprintf(&b, "%s at line: %d, column: %d\n", f.context, f.contextAt.line+1, f.contextAt.column+1)
	}
	return b.String()
}
