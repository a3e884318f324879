// Package yamltext writes YAML the way Tarantool prints it, byte for byte.
//
// The one idea: a writer that remembers only where it is (column, indentation,
// whether white space or nothing but indentation precedes) and is told about one
// node at a time. The caller walks its own data and needs no tree. It knows no
// Lua; what a value looks like is the caller's business.
//
//	var w yamltext.Writer
//	w.BeginDocument("", "")
//	w.BeginSequence(false, 1, yamltext.Inner)
//	w.Item()
//	w.Scalar(yamltext.Plain("1"), yamltext.Inner)
//	w.EndSequence()
//	w.EndDocument()
//	os.Stdout.Write(w.Bytes())
package yamltext
