package osext

import (
	"fmt"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// date(format[, time]) is the C library's strftime in the C locale, or a table for "*t".
func (lib *library) date(L *lua.LState) int {
	format := vm.OptString(L, 1, "%c")
	when := lib.host.Machine().Clock.Now()
	if !vm.IsNil(L.Get(2)) {
		when = time.Unix(int64(vm.CheckNumber(L, 2)), 0)
	}
	if utc, ok := strings.CutPrefix(format, "!"); ok {
		format, when = utc, when.UTC()
	} else {
		when = when.Local()
	}
	if strings.HasPrefix(format, "*t") {
		L.Push(dateTable(L, when))
		return 1
	}
	L.Push(lua.LString(strftime(format, when)))
	return 1
}

func dateTable(L *lua.LState, t time.Time) *lua.LTable {
	out := L.NewTable()
	for _, f := range []struct {
		name  string
		value int
	}{
		{"year", t.Year()}, {"month", int(t.Month())}, {"day", t.Day()}, {"hour", t.Hour()}, {"min", t.Minute()},
		{"sec", t.Second()}, {"wday", int(t.Weekday()) + 1}, {"yday", t.YearDay()},
	} {
		out.RawSetString(f.name, lua.LNumber(f.value))
	}
	out.RawSetString("isdst", lua.LBool(t.IsDST()))
	return out
}

// composed are the conversions that stand for others.
var composed = map[byte]string{
	'c': "%a %b %e %H:%M:%S %Y", 'D': "%m/%d/%y", 'F': "%Y-%m-%d", 'r': "%I:%M:%S %p", 'R': "%H:%M",
	'T': "%H:%M:%S", 'x': "%m/%d/%y", 'X': "%H:%M:%S", 'h': "%b",
}

func strftime(format string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		start := i
		i++
		if (format[i] == 'E' || format[i] == 'O') && i+1 < len(format) && format[i+1] != ' ' {
			i++ // alternative forms, which the C locale has not
		}
		if !conversion(&b, format[i], t) {
			b.WriteString(format[start : i+1])
		}
	}
	return b.String()
}

// conversion writes one conversion; false when there is none with that letter.
func conversion(b *strings.Builder, c byte, t time.Time) bool {
	if parts, ok := composed[c]; ok {
		b.WriteString(strftime(parts, t))
		return true
	}
	hour12 := (t.Hour()+11)%12 + 1
	isoYear, isoWeek := t.ISOWeek()
	number := func(layout string, n int) { fmt.Fprintf(b, layout, n) }
	switch c {
	case 'a':
		b.WriteString(t.Weekday().String()[:3])
	case 'A':
		b.WriteString(t.Weekday().String())
	case 'b':
		b.WriteString(t.Month().String()[:3])
	case 'B':
		b.WriteString(t.Month().String())
	case 'C':
		number("%02d", t.Year()/100)
	case 'd':
		number("%02d", t.Day())
	case 'e':
		number("%2d", t.Day())
	case 'g':
		number("%02d", isoYear%100)
	case 'G':
		number("%d", isoYear)
	case 'H':
		number("%02d", t.Hour())
	case 'I':
		number("%02d", hour12)
	case 'j':
		number("%03d", t.YearDay())
	case 'k':
		number("%2d", t.Hour())
	case 'l':
		number("%2d", hour12)
	case 'm':
		number("%02d", int(t.Month()))
	case 'M':
		number("%02d", t.Minute())
	case 'n':
		b.WriteByte('\n')
	case 'p':
		b.WriteString(t.Format("PM"))
	case 'P':
		b.WriteString(t.Format("pm"))
	case 's':
		fmt.Fprint(b, t.Unix())
	case 'S':
		number("%02d", t.Second())
	case 't':
		b.WriteByte('\t')
	case 'u':
		number("%d", (int(t.Weekday())+6)%7+1)
	case 'U':
		number("%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'V':
		number("%02d", isoWeek)
	case 'w':
		number("%d", int(t.Weekday()))
	case 'W':
		number("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'y':
		number("%02d", t.Year()%100)
	case 'Y':
		number("%d", t.Year())
	case 'z':
		b.WriteString(t.Format("-0700"))
	case 'Z':
		if t.Location() == time.UTC {
			b.WriteString("GMT")
		} else {
			b.WriteString(t.Format("MST"))
		}
	case '%':
		b.WriteByte('%')
	default:
		return false
	}
	return true
}

// time() is now; time(table) is the table's local time.
func (lib *library) time(L *lua.LState) int {
	if vm.IsNil(L.Get(1)) {
		L.Push(lua.LNumber(lib.host.Machine().Clock.Now().Unix()))
		return 1
	}
	t := vm.CheckTable(L, 1)
	field := func(name string, def int) int {
		if n, ok := vm.ToNumber(t.RawGetString(name)); ok {
			return int(n)
		}
		if def < 0 {
			vm.RaiseString(L, 1, "field '%s' missing in date table", name)
		}
		return def
	}
	sec, minute, hour := field("sec", 0), field("min", 0), field("hour", 12)
	day, month, year := field("day", -1), field("month", -1), field("year", -1)
	when := time.Date(year, time.Month(month), day, hour, minute, sec, 0, time.Local)
	L.Push(lua.LNumber(when.Unix()))
	return 1
}
