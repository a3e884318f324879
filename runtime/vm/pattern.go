package vm

import (
	lua "github.com/yuin/gopher-lua"
)

const (
	maxCaptures = 32
	maxDepth    = 200 // of a pattern's recursion in C (LJ_MAX_XLEVEL)

	captureOpen     = -1
	capturePosition = -2
)

// matcher runs one Lua pattern over one subject.
type matcher struct {
	L        *lua.LState
	src, pat string
	level    int
	depth    int
	capture  [maxCaptures]struct{ start, len int }
}

func (m *matcher) fail(text string) { RaiseString(m.L, 1, "%s", text) }

func (m *matcher) reset() { m.level, m.depth = 0, 0 }

// classEnd returns where the single-character item at p ends.
func (m *matcher) classEnd(p int) int {
	c := m.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pat) {
			m.fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if p < len(m.pat) && m.pat[p] == '^' {
			p++
		}
		for {
			if p >= len(m.pat) {
				m.fail("malformed pattern (missing ']')")
			}
			c := m.pat[p]
			p++
			if c == '%' && p < len(m.pat) {
				p++
			}
			if p < len(m.pat) && m.pat[p] == ']' {
				return p + 1
			}
		}
	}
	return p
}

func matchClass(c, class byte) bool {
	var r bool
	switch class | 0x20 {
	case 'a':
		r = isAlpha(c)
	case 'c':
		r = c < 32 || c == 127
	case 'd':
		r = c >= '0' && c <= '9'
	case 'g':
		r = c > 32 && c < 127
	case 'l':
		r = c >= 'a' && c <= 'z'
	case 'p':
		r = c > 32 && c < 127 && !isAlpha(c) && !(c >= '0' && c <= '9')
	case 's':
		r = c == ' ' || c >= 9 && c <= 13
	case 'u':
		r = c >= 'A' && c <= 'Z'
	case 'w':
		r = isAlpha(c) || c >= '0' && c <= '9'
	case 'x':
		r = c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
	case 'z':
		r = c == 0
	default:
		return class == c
	}
	if class >= 'A' && class <= 'Z' {
		return !r
	}
	return r
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// matchSet tries the set from p, its '[', to end, its ']'.
func (m *matcher) matchSet(c byte, p, end int) bool {
	found := true
	p++
	if m.pat[p] == '^' {
		found = false
		p++
	}
	for ; p < end; p++ {
		switch {
		case m.pat[p] == '%' && p+1 < end:
			p++
			if matchClass(c, m.pat[p]) {
				return found
			}
		case p+2 < end && m.pat[p+1] == '-':
			if m.pat[p] <= c && c <= m.pat[p+2] {
				return found
			}
			p += 2
		case m.pat[p] == c:
			return found
		}
	}
	return !found
}

func (m *matcher) single(s, p, ep int) bool {
	if s >= len(m.src) {
		return false
	}
	c := m.src[s]
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return matchClass(c, m.pat[p+1])
	case '[':
		return m.matchSet(c, p, ep-1)
	}
	return m.pat[p] == c
}

// match returns where a match of the pattern from p that starts at s ends, or
// -1.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > maxDepth {
		m.fail("pattern too complex")
	}
	r := m.rest(s, p)
	m.depth--
	return r
}

func (m *matcher) rest(s, p int) int {
	for p < len(m.pat) {
		switch m.pat[p] {
		case '(':
			if p+1 < len(m.pat) && m.pat[p+1] == ')' {
				return m.open(s, p+2, capturePosition)
			}
			return m.open(s, p+1, captureOpen)
		case ')':
			return m.close(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			if p+1 < len(m.pat) {
				switch c := m.pat[p+1]; {
				case c == 'b':
					if s = m.balance(s, p+2); s < 0 {
						return -1
					}
					p += 4
					continue
				case c == 'f':
					p += 2
					if p >= len(m.pat) || m.pat[p] != '[' {
						m.fail("missing '[' after '%f' in pattern")
					}
					ep := m.classEnd(p)
					var before, at byte
					if s > 0 {
						before = m.src[s-1]
					}
					if s < len(m.src) {
						at = m.src[s]
					}
					if m.matchSet(before, p, ep-1) || !m.matchSet(at, p, ep-1) {
						return -1
					}
					p = ep
					continue
				case c >= '0' && c <= '9':
					if s = m.backReference(s, c); s < 0 {
						return -1
					}
					p += 2
					continue
				}
			}
		}
		ep := m.classEnd(p)
		var repeat byte
		if ep < len(m.pat) {
			repeat = m.pat[ep]
		}
		switch repeat {
		case '?':
			if m.single(s, p, ep) {
				if r := m.match(s+1, ep+1); r >= 0 {
					return r
				}
			}
			p = ep + 1
		case '*':
			return m.greedy(s, p, ep)
		case '+':
			if !m.single(s, p, ep) {
				return -1
			}
			return m.greedy(s+1, p, ep)
		case '-':
			for {
				if r := m.match(s, ep+1); r >= 0 {
					return r
				}
				if !m.single(s, p, ep) {
					return -1
				}
				s++
			}
		default:
			if !m.single(s, p, ep) {
				return -1
			}
			s++
			p = ep
		}
	}
	return s
}

func (m *matcher) greedy(s, p, ep int) int {
	n := 0
	for m.single(s+n, p, ep) {
		n++
	}
	if ep+1 >= len(m.pat) {
		return s + n
	}
	for ; n >= 0; n-- {
		if r := m.match(s+n, ep+1); r >= 0 {
			return r
		}
	}
	return -1
}

func (m *matcher) open(s, p, what int) int {
	if m.level >= maxCaptures {
		m.fail("too many captures")
	}
	m.capture[m.level].start, m.capture[m.level].len = s, what
	m.level++
	r := m.match(s, p)
	if r < 0 {
		m.level--
	}
	return r
}

func (m *matcher) close(s, p int) int {
	l := m.level - 1
	for ; l >= 0; l-- {
		if m.capture[l].len == captureOpen {
			break
		}
	}
	if l < 0 {
		m.fail("invalid pattern capture")
	}
	m.capture[l].len = s - m.capture[l].start
	r := m.match(s, p)
	if r < 0 {
		m.capture[l].len = captureOpen
	}
	return r
}

func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		m.fail("unbalanced pattern")
	}
	if s >= len(m.src) || m.src[s] != m.pat[p] {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(m.src); i++ {
		switch m.src[i] {
		case m.pat[p+1]:
			if depth--; depth == 0 {
				return i + 1
			}
		case m.pat[p]:
			depth++
		}
	}
	return -1
}

func (m *matcher) backReference(s int, digit byte) int {
	l := int(digit) - '1'
	if l < 0 || l >= m.level || m.capture[l].len == captureOpen {
		m.fail("invalid capture index")
	}
	c := m.capture[l]
	if len(m.src)-s < c.len || c.len < 0 || m.src[c.start:c.start+c.len] != m.src[s:s+c.len] {
		return -1
	}
	return s + c.len
}

// get returns the i-th capture of a match from s to e; the whole match when
// the pattern has none.
func (m *matcher) get(i, s, e int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			m.fail("invalid capture index")
		}
		return lua.LString(m.src[s:e])
	}
	c := m.capture[i]
	switch c.len {
	case captureOpen:
		m.fail("unfinished capture")
	case capturePosition:
		return lua.LNumber(c.start + 1)
	}
	return lua.LString(m.src[c.start : c.start+c.len])
}

// pushCaptures pushes all captures, or the whole match when whole is set and
// there are none.
func (m *matcher) pushCaptures(s, e int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		m.L.Push(m.get(i, s, e))
	}
	return n
}
