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
// unix/:path, and an absolute path for a unix socket. What follows a scheme and is no authority is refused, where
// Tarantool shows parts of it twice.
func Parse(text string) (*URI, bool) {
	u := &URI{}
	switch {
	case text == "":
		return nil, false
	case digits(text):
		u.Service = part(text)
		return u, true
	case text[0] == '/':
		return u, u.absolute(text)
	}
	if i := strings.Index(text, ":/"); i > 0 && isScheme(text[:i]) && text[:i] != "unix" {
		u.Scheme = part(text[:i])
		if authority, ok := strings.CutPrefix(text[i:], "://"); ok && authority != "" && strings.IndexByte("/?#:@", authority[0]) < 0 {
			return u, u.authority(authority)
		}
		// scheme:/path has no authority; what stands before the colon is shown as the host too.
		u.Host = u.Scheme
		return u, u.tail(text[i+1:])
	}
	return u, u.authority(text)
}

// absolute reads a text that begins with a slash: the path of a unix socket, or a path with a query or a fragment.
func (u *URI) absolute(text string) bool {
	if strings.HasPrefix(text, "//") {
		return false
	}
	if strings.ContainsAny(text, "?#") {
		return u.tail(text)
	}
	u.unixPath(text)
	return only(text, pathChars)
}

// authority reads [login[:password]@]host[:service] and what follows it.
func (u *URI) authority(text string) bool {
	rest, ok := u.user(text)
	if !ok {
		return false
	}
	if rest, ok = u.host(rest); !ok {
		return false
	}
	return u.tail(rest)
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
	if path, ok := strings.CutPrefix(rest, "unix/:"); ok && (strings.HasPrefix(path, "/") || strings.HasPrefix(path, ".")) {
		return u.socket(path)
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
		return rest, u.Login == nil && rest != "" && (rest[0] == '?' || rest[0] == '#')
	}
	u.Host = part(host)
	if looksLikeIPv4(host) {
		u.IPv4 = part(host)
	}
	return u.service(rest[end:])
}

// socket takes the path of a unix socket off, whose segments are not empty. When there is none, Tarantool reads a host
// `unix` and a path.
func (u *URI) socket(rest string) (string, bool) {
	end := strings.IndexAny(rest, ":?#")
	if end < 0 {
		end = len(rest)
	}
	path := rest[:end]
	absolute := strings.TrimPrefix(path, ".")
	if absolute == "/" || !strings.HasPrefix(absolute, "/") || strings.Contains(absolute, "//") ||
		strings.HasSuffix(path, "/") && end < len(rest) {
		u.Host = part("unix")
		return u.odd(rest)
	}
	if !only(path, pathChars) {
		return "", false
	}
	u.unixPath(path)
	after := strings.TrimPrefix(rest[end:], ":")
	if after != "" && strings.IndexByte("/?#", after[0]) < 0 {
		return u.odd(rest)
	}
	return after, true
}

// odd takes a path off that begins with any character.
func (u *URI) odd(rest string) (string, bool) {
	end := strings.IndexAny(rest, "?#")
	if end < 0 {
		end = len(rest)
	}
	u.Path = part(rest[:end])
	return rest[end:], only(rest[:end], pathChars)
}

// service takes ":service" off: a number or letters.
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
	if !digits(name) && !letters(name) {
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
	if hasQuery {
		u.Query = part(query)
	}
	if hasFragment {
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

func letters(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) {
			return false
		}
	}
	return s != ""
}

// only tells whether s has nothing but letters, digits and the extra characters. A percent sign is followed by a
// hexadecimal digit or another one.
func only(s, extra string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !isLetter(c) && !isDigit(c) && strings.IndexByte(extra, c) < 0 {
			return false
		}
		if c == '%' {
			if i++; i == len(s) || strings.IndexByte("0123456789abcdefABCDEF%", s[i]) < 0 {
				return false
			}
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
		if s != nil && *s != "" {
			b.WriteString(before + *s + after)
		}
	}
	write("", u.Scheme, "://")
	if u.Host != nil {
		if u.Login != nil {
			b.WriteString(*u.Login)
			if u.Password != nil && *u.Password != "" && withPassword {
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
