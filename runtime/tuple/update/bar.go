package update

import (
	"shardlua/runtime/tuple/jsonpath"
	"shardlua/runtime/tuple/mp"
)

// bar is a value with one change somewhere inside it.
type bar struct {
	op   *op
	data []byte
	path jsonpath.Path

	outer int // where the container's header begins in data
	inner int // where it ends
	start int // of what the change replaces
	end   int
	put   []byte // what it is replaced by
	count int    // of the container, after the change; -1 when it stays
	isMap bool
}

func (c *bar) write(b []byte) []byte {
	if c.count < 0 {
		b = append(b, c.data[:c.start]...)
	} else {
		b = append(b, c.data[:c.outer]...)
		if c.isMap {
			b = mp.AppendMapHeader(b, c.count)
		} else {
			b = mp.AppendArrayHeader(b, c.count)
		}
		b = append(b, c.data[c.inner:c.start]...)
	}
	b = append(b, c.put...)
	return append(b, c.data[c.end:]...)
}

// newBar applies o to what the path leads to in data.
func newBar(data []byte, o *op, path jsonpath.Path) (*bar, error) {
	c := &bar{op: o, data: data, path: path, count: -1}
	at := data
	for i := range path {
		last := i == len(path)-1 && o.broken == nil
		next := path[i].Into(at, -1)
		if next == nil || last && (o.code == '!' || o.code == '#') {
			if i < len(path)-1 {
				return nil, o.missing()
			}
			if err := c.enter(at, path[i]); err != nil {
				return nil, err
			}
			if last {
				return c, c.resize(at, next, path[i])
			}
			return nil, o.broken
		}
		at = next
	}
	if o.broken != nil {
		return nil, o.broken
	}
	put, err := o.compute(at)
	if err != nil {
		return nil, err
	}
	c.start = len(data) - len(at)
	c.end = c.start + mp.Skip(at)
	c.put = put
	return c, nil
}

// enter checks that the step goes with the kind of the value that begins at.
func (c *bar) enter(at []byte, step jsonpath.Step) error {
	kind := mp.KindOf(at)
	inserts := c.op.code == '=' || c.op.code == '!'
	switch {
	case step.Kind == jsonpath.ByName && kind == mp.Map, step.Kind == jsonpath.ByIndex && kind == mp.Array:
	case c.op.code == '#' && kind == mp.Map && step.Into(at, -1) != nil:
	case !inserts:
		return c.op.missing()
	case step.Kind == jsonpath.ByName:
		return c.op.fail("can not access by key a non-map field")
	case step.Into(at, -1) != nil:
		return c.op.fail("the key exists already")
	default:
		return c.op.fail("can not access by index a non-array field")
	}
	c.isMap = kind == mp.Map
	return nil
}

// resize applies an operation that changes how much the container at holds; next
// is what the last step leads to, nil when it is not there.
func (c *bar) resize(at, next []byte, step jsonpath.Step) error {
	count, header := mp.ArrayHeader(at)
	c.outer = len(c.data) - len(at)
	c.inner = c.outer + header
	if c.isMap {
		return c.resizeMap(at, next, step.Name, count)
	}
	i := step.Index
	switch c.op.code {
	case '=', '!':
		if i > count {
			return c.op.missing()
		}
		c.start = c.inner + mp.SkipN(at[header:], i)
		c.end = c.start
		c.put, c.count = c.op.arg, count+1
		return nil
	case '#':
		if i >= count {
			return c.op.missing()
		}
		n := int(min(int64(count-i), int64(c.op.count)))
		c.start = c.inner + mp.SkipN(at[header:], i)
		c.end = c.start + mp.SkipN(c.data[c.start:], n)
		c.count = count - n
		return nil
	}
	return c.op.missing()
}

func (c *bar) resizeMap(at, next []byte, name string, count int) error {
	switch c.op.code {
	case '=', '!':
		if next != nil {
			return c.op.fail("the key exists already")
		}
		c.start, c.end = c.inner, c.inner
		c.put = append(mp.AppendString(nil, name), c.op.arg...)
		c.count = count + 1
		return nil
	case '#':
		if next == nil {
			return c.op.missing()
		}
		if c.op.count != 1 {
			return c.op.fail("can delete only 1 field from a map in a row")
		}
		value := len(c.data) - len(next)
		for pos := c.inner; pos < value; {
			c.start = pos
			pos += mp.Skip(c.data[pos:])
			if pos == value {
				break
			}
			pos += mp.Skip(c.data[pos:])
		}
		c.end = value + mp.Skip(next)
		c.count = count - 1
		return nil
	}
	return c.op.missing()
}
