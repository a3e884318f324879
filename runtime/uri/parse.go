package uri

import (
	"net"
	"strings"
)

// URI is the parts of an address. A part that is nil was not there.
type URI struct {
	Scheme, Login, Password, Host, Service, Path, Query, Fragment *string
	// IPv4, IPv6 and Unix repeat the host, or the path of a unix socket, when it is of that kind.
	IPv4, IPv6, Unix *string
}

// The characters of the parts, beyond letters and digits (RFC 3986, sections 2.2, 2.3 and 3.2).
const (
	unreserved = "-._~"
	subDelims  = "!$&'()*+,;="
	userChars  = unreserved + subDelims + "%"
	pathChars  = unreserved + subDelims + "%:@/"
	queryChars = pathChars + "?"
)

// Parse reads what Tarantool takes for an address: RFC 3986 with or without a scheme, host:service, a port alone,
// unix/:path, and an absolute path for a unix socket.
func Parse(text string) (*URI, bool) {
	u := &URI{}
	if text == "" {
		return nil, false
	}
	rest := text
	if i := strings.Index(rest, "://"); i > 0 && isScheme(rest[:i]) && i+3 < len(rest) {
		u.Scheme, rest = part(rest[:i]), rest[i+3:]
	} else if i := strings.Index(rest, ":/"); i > 0 && isScheme(rest[:i]) && rest[:i] != "unix" {
		// scheme:/path has no authority; what stands before the colon is shown as the host too.
		u.Scheme, u.Host, rest = part(rest[:i]), part(rest[:i]), rest[i+1:]
		return u, u.tail(rest)
	}
	if u.Scheme == nil && digits(rest) {
		u.Service = part(rest)
		return u, true
	}
	if rest != "" && rest[0] == '/' {
		end := strings.IndexAny(rest, ":?#")
		if end < 0 {
			end = len(rest)
		}
		u.unixPath(rest[:end])
		return u, only(rest[:end], pathChars) && u.tail(strings.TrimPrefix(rest[end:], ":"))
	}
	rest, ok := u.user(rest)
	if !ok {
		return nil, false
	}
	if rest, ok = u.host(rest); !ok {
		return nil, false
	}
	if !u.tail(rest) {
		return nil, false
	}
	return u, true
}

func part(s string) *string { return &s }

// user takes "login:password@" off.
func (u *URI) user(rest string) (string, bool) {
	end := strings.IndexAny(rest, "@/?#")
	if strings.HasPrefix(rest, "unix/:") || end < 0 || rest[end] != '@' {
		return rest, true
	}
	login, password, found := strings.Cut(rest[:end], ":")
	if login == "" || !only(login, userChars) || !only(password, userChars) {
		return "", false
	}
	u.Login = part(login)
	if found {
		u.Password = part(password)
	}
	return rest[end+1:], true
}

// host takes the host and the service off.
func (u *URI) host(rest string) (string, bool) {
	if u.Login != nil && strings.HasPrefix(rest, "/") {
		u.unixPath(rest)
		return "", only(rest, pathChars)
	}
	if path, ok := strings.CutPrefix(rest, "unix/:"); ok && (strings.HasPrefix(path, "/") || strings.HasPrefix(path, "./")) {
		end := strings.IndexAny(path, ":?#")
		if end < 0 {
			end = len(path)
		}
		u.unixPath(path[:end])
		return strings.TrimPrefix(path[end:], ":"), only(path[:end], pathChars)
	}
	if strings.HasPrefix(rest, "[") {
		end := strings.IndexByte(rest, ']')
		if end < 0 || !strings.Contains(rest[:end], ":") || net.ParseIP(rest[1:end]) == nil {
			return "", false
		}
		u.Host, u.IPv6 = part(rest[1:end]), part(rest[1:end])
		return u.service(rest[end+1:])
	}
	end := strings.IndexAny(rest, ":/?#")
	if end < 0 {
		end = len(rest)
	}
	host := rest[:end]
	if !only(host, userChars) {
		return "", false
	}
	if host == "" {
		return rest, rest != "" && (rest[0] == '?' || rest[0] == '#')
	}
	u.Host = part(host)
	if looksLikeIPv4(host) {
		u.IPv4 = part(host)
	}
	return u.service(rest[end:])
}

// service takes ":service" off.
func (u *URI) service(rest string) (string, bool) {
	if !strings.HasPrefix(rest, ":") {
		return rest, true
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	name := rest[1:end]
	if name == "" {
		return rest[end:], true
	}
	if !digits(name) && (!only(name, "-") || !isLetter(name[0])) {
		return "", false
	}
	u.Service = part(name)
	return rest[end:], true
}

// tail reads path, query and fragment, which must be all that is left.
func (u *URI) tail(rest string) bool {
	rest, fragment, hasFragment := strings.Cut(rest, "#")
	path, query, hasQuery := strings.Cut(rest, "?")
	if !only(path, pathChars) || !only(query, queryChars) || !only(fragment, queryChars) ||
		path != "" && path[0] != '/' {
		return false
	}
	if path != "" {
		u.Path = part(path)
	}
	if hasQuery && query != "" {
		u.Query = part(query)
	}
	if hasFragment && fragment != "" {
		u.Fragment = part(fragment)
	}
	return true
}

func (u *URI) unixPath(path string) {
	u.Host, u.Service, u.Unix = part("unix/"), part(path), part(path)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// only tells whether s has nothing but letters, digits, bytes past ASCII and the extra characters.
func only(s, extra string) bool {
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && c < 0x80 && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	return true
}

func isScheme(s string) bool { return s != "" && isLetter(s[0]) && only(s, "+-.") }

// looksLikeIPv4 is as lenient as Tarantool: four numbers of up to three digits.
func looksLikeIPv4(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, p := range parts {
		if !digits(p) || len(p) > 3 {
			return false
		}
	}
	return true
}

// Format writes the parts as one text. The password is left out unless withPassword.
func (u *URI) Format(withPassword bool) string {
	var b strings.Builder
	write := func(before string, s *string, after string) {
		if s != nil {
			b.WriteString(before + *s + after)
		}
	}
	write("", u.Scheme, "://")
	if u.Host != nil {
		if u.Login != nil {
			b.WriteString(*u.Login)
			if u.Password != nil && withPassword {
				b.WriteString(":" + *u.Password)
			}
			b.WriteByte('@')
		}
		b.WriteString(*u.Host)
		write(":", u.Service, "")
	}
	write("", u.Path, "")
	write("?", u.Query, "")
	write("#", u.Fragment, "")
	return b.String()
}
