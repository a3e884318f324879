package uri_test

import (
	"fmt"
	"sort"
	"strings"
	"testing"

	"shardlua/runtime/uri"
)

func show(u *uri.URI) string {
	var out []string
	for name, p := range map[string]*string{
		"scheme": u.Scheme, "login": u.Login, "password": u.Password, "host": u.Host, "service": u.Service,
		"path": u.Path, "query": u.Query, "fragment": u.Fragment, "ipv4": u.IPv4, "ipv6": u.IPv6, "unix": u.Unix,
	} {
		if p != nil {
			out = append(out, fmt.Sprintf("%s=%s", name, *p))
		}
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

// The answers are those of Tarantool 2.6.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"localhost:3301":                         "host=localhost service=3301",
		"user:pass@localhost:3301/path?q=1#frag": "fragment=frag host=localhost login=user password=pass path=/path query=q=1 service=3301",
		"unix/:/tmp/x.sock":                      "host=unix/ service=/tmp/x.sock unix=/tmp/x.sock",
		"user@unix/:/tmp/x.sock":                 "host=unix/ login=user service=/tmp/x.sock unix=/tmp/x.sock",
		"/tmp/x.sock":                            "host=unix/ service=/tmp/x.sock unix=/tmp/x.sock",
		"3301":                                   "service=3301",
		"":                                       "refused",
		"http://a.b:80/p?x=y#z":                  "fragment=z host=a.b path=/p query=x=y scheme=http service=80",
		"http://[::1]:80/":                       "host=::1 ipv6=::1 path=/ scheme=http service=80",
		"[::1]:3301":                             "host=::1 ipv6=::1 service=3301",
		"::1":                                    "refused",
		"a b":                                    "refused",
		"://x":                                   "refused",
		"http://":                                "host=http path=// scheme=http",
		"127.0.0.1":                              "host=127.0.0.1 ipv4=127.0.0.1",
		"127.0.0.1:3301":                         "host=127.0.0.1 ipv4=127.0.0.1 service=3301",
		"user:@h":                                "host=h login=user password=",
		"u:p@h:":                                 "host=h login=u password=p",
		"host/path":                              "host=host path=/path",
		"host?q":                                 "host=host query=q",
		"host#f":                                 "fragment=f host=host",
		"h:http":                                 "host=h service=http",
		"mailto:a@b":                             "host=b login=mailto password=a",
		"scheme://unix/:/tmp/x:/p?q":             "host=unix/ path=/p query=q scheme=scheme service=/tmp/x unix=/tmp/x",
		"unix/:/tmp/x:/p":                        "host=unix/ path=/p service=/tmp/x unix=/tmp/x",
		"unix/:x":                                "host=unix path=/:x",
		"a%20b":                                  "host=a%20b",
		"/":                                      "host=unix/ service=/ unix=/",
		"./x.sock":                               "host=. path=/x.sock",
		"h:99999":                                "host=h service=99999",
		"h:0":                                    "host=h service=0",
		"a@b@c":                                  "refused",
		"u:p:q@h":                                "refused",
		"HTTP://EX.com":                          "host=EX.com scheme=HTTP",
		"h//p":                                   "host=h path=//p",
		"?q":                                     "query=q",
		"#f":                                     "fragment=f",
		":3301":                                  "refused",
		"*:3301":                                 "host=* service=3301",
		"user:pass@3301":                         "host=3301 login=user password=pass",
		"a_b-c.d:1":                              "host=a_b-c.d service=1",
		"[::1]":                                  "host=::1 ipv6=::1",
		"[::1":                                   "refused",
		"0.0.0.0:1/":                             "host=0.0.0.0 ipv4=0.0.0.0 path=/ service=1",
		"256.1.1.1:5":                            "host=256.1.1.1 ipv4=256.1.1.1 service=5",
		"u%40:p@h":                               "host=h login=u%40 password=p",
		"http:x":                                 "host=http service=x",
		"http:/x":                                "host=http path=/x scheme=http",
		"\n":                                     "refused",
	} {
		got := "refused"
		if u, ok := uri.Parse(text); ok {
			got = show(u)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzParse holds that every part is a piece of the text. That a text which was written reads as the same parts is not
// so, on stock Tarantool neither: a host unix with a path, say, is written as it was not read.
func FuzzParse(f *testing.F) {
	f.Add("user:pass@localhost:3301/path?q=1#frag")
	f.Add("unix/:/tmp/x.sock:/p")
	f.Add("[::1]:1")
	f.Fuzz(func(t *testing.T, text string) {
		u, ok := uri.Parse(text)
		if !ok {
			return
		}
		for _, p := range []*string{u.Scheme, u.Login, u.Password, u.Service, u.Path, u.Query, u.Fragment, u.IPv4, u.IPv6, u.Unix} {
			if p != nil && !strings.Contains(text, *p) {
				t.Errorf("%q has a part %q", text, *p)
			}
		}
		if u.Unix != nil && (u.Host == nil || *u.Host != "unix/") {
			t.Errorf("%q is a socket on another host", text)
		}
		_ = u.Format(true)
	})
}
