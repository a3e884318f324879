package httpclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/errno"
	"shardlua/runtime/vm"
)

// client keeps connections and counts. Its fields belong to the baton; the transport and the counters of connections
// are used from anywhere.
type client struct {
	lib       *library
	transport *http.Transport
	stat      statistics
	opened    atomic.Int64
}

func (lib *library) newClient() *client {
	return &client{lib: lib, transport: &http.Transport{MaxIdleConns: 8, MaxIdleConnsPerHost: 8, DisableCompression: true}}
}

func methodName(verb string) string { return strings.ToUpper(verb) }

// verb sends a request of a fixed method; the arguments start at first.
func (c *client) verb(L *lua.LState, method string, body bool, first int) int {
	content, opts := lua.LValue(lua.LNil), L.Get(first+1)
	if body {
		content, opts = L.Get(first+1), L.Get(first+2)
	}
	return c.request(L, lua.LString(method), L.Get(first), content, opts)
}

func (c *client) request(L *lua.LState, method, address, body, opts lua.LValue) int {
	name, ok1 := vm.Text(method)
	to, ok2 := vm.Text(address)
	if !ok1 || !ok2 {
		vm.RaiseString(L, 0, usage)
	}
	o := defaultOptions()
	switch t := opts.(type) {
	case *lua.LNilType:
	case *lua.LTable:
		o.read(L, t)
	default:
		vm.RaiseString(L, 0, "builtin/http.client.lua:320: fifth argument must be a table")
	}
	content, hasBody := vm.Text(body)
	if !hasBody && !vm.IsNil(body) {
		vm.RaiseString(L, 0, "builtin/http.client.lua:320: fourth argument must be a string")
	}
	target, err := parseURL(to)
	if err != nil {
		c.raise(L, err)
	}
	c.stat.total++
	c.stat.active++
	r, err := c.send(name, target, content, hasBody, &o)
	c.stat.active--
	c.stat.added, c.stat.deleted = int(c.opened.Load()), int(c.opened.Load())
	if err != nil {
		c.stat.failed++
		f, known := failureOf(err)
		if !known {
			var wrapped *url.Error
			if errors.As(err, &wrapped) {
				err = wrapped.Err
			}
			if strings.Contains(err.Error(), "malformed HTTP") {
				err = errProtocol // what libcurl takes an answer without a status line for
			}
			c.raise(L, err)
		}
		t := L.NewTable()
		t.RawSetString("status", lua.LNumber(f.status))
		t.RawSetString("reason", lua.LString(f.reason))
		L.Push(t)
		return 1
	}
	if r.status == http.StatusOK {
		c.stat.ok++
	} else {
		c.stat.other++
	}
	L.Push(r.table(L, o.maxHeaderName))
	return 1
}

// raise raises what libcurl calls an error of the request, not of the server.
func (c *client) raise(L *lua.LState, err error) {
	vm.Raise(L, errno.Value(c.lib.host, boxerr.NewSystem(boxerr.ClassSystemError, int(syscall.EINVAL), "curl: %v", err)))
}

// curlError is a failure in the words of libcurl.
type curlError string

func (e curlError) Error() string { return string(e) }

const (
	errURL       = curlError("URL using bad/illegal format or missing URL")
	errProtocol  = curlError("Unsupported protocol")
	errRedirects = curlError("Number of redirects hit maximum amount")
	errPartial   = curlError("Transferred a partial file")
	errBind      = curlError("Failed binding local connection end")
)

func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, errURL
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errProtocol
	}
	if p := u.Port(); p != "" {
		if n, err := net.LookupPort("tcp", p); err != nil || n > 65535 {
			return nil, errURL
		}
	}
	return u, nil
}

// send runs the request while other fibers run.
func (c *client) send(method string, u *url.URL, body string, hasBody bool, o *options) (*response, error) {
	ctx, cancel := context.WithTimeout(context.Background(), o.timeout)
	defer cancel()
	transport, err := c.transportFor(o)
	if err != nil {
		return nil, err
	}
	request := newRequest(ctx, method, u, body, hasBody, o)
	var passed []http.Header // of the answers that led elsewhere
	web := &http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if !o.follow {
			return http.ErrUseLastResponse
		}
		if len(via) > maxRedirects {
			return errRedirects
		}
		r.Header.Del("Referer")
		passed = append(passed, r.Response.Header)
		return nil
	}}
	var r *response
	// A cancelled fiber waits for the answer too, as in Tarantool; the timeout ends the wait.
	c.lib.host.Sched().Current().Await(func(done func()) {
		go func() {
			defer done()
			answer, failure := web.Do(request)
			if failure != nil {
				err = failure
				return
			}
			defer answer.Body.Close()
			if r, err = readResponse(answer); err == nil {
				r.addPassed(passed)
			}
		}()
	})
	return r, err
}

// newRequest makes the request with the headers that libcurl sends.
func newRequest(ctx context.Context, method string, u *url.URL, body string, hasBody bool, o *options) *http.Request {
	header := http.Header{"User-Agent": nil, "Accept": {"*/*"}}
	r := &http.Request{Method: method, URL: u, Host: u.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	switch {
	case hasBody && body != "":
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(body)), nil }
		header.Set("Content-Type", formType)
	case method != "GET" && method != "HEAD" && method != "PATCH":
		// A method that may have a body says that it has none.
		r.Body, r.TransferEncoding = http.NoBody, nil
		header.Set("Content-Type", formType)
		header["Content-Length"] = []string{"0"}
	}
	if o.keepIdle > 0 && o.keepInterval > 0 {
		header.Set("Connection", "Keep-Alive")
		header.Set("Keep-Alive", fmt.Sprintf("timeout=%d", o.keepIdle))
	} else {
		r.Close = true
	}
	if o.encodings != "" {
		header.Set("Accept-Encoding", o.encodings)
	}
	for _, h := range o.headers {
		switch {
		case strings.EqualFold(h[0], "Host"):
			r.Host = h[1]
		case strings.EqualFold(h[0], "Connection"):
			r.Close = strings.EqualFold(h[1], "close")
			header.Set(h[0], h[1])
		default:
			header.Set(h[0], h[1])
		}
	}
	return r.WithContext(ctx)
}

// maxRedirects is how often a request follows a Location.
const maxRedirects = 50

const formType = "application/x-www-form-urlencoded"

// transportFor is the client's transport, or one of its own for a request that goes another way.
func (c *client) transportFor(o *options) (*http.Transport, error) {
	dialer := &net.Dialer{}
	if o.network != "" {
		address, err := addressOf(o.network)
		if err != nil {
			return nil, errBind
		}
		dialer.LocalAddr = address
	}
	t := c.transport.Clone()
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		if o.unixSocket != "" {
			network, address = "unix", o.unixSocket
		}
		conn, err := dialer.DialContext(ctx, network, address)
		if err == nil {
			c.opened.Add(1)
		}
		return conn, err
	}
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		if o.proxy == "" || o.noProxy == "*" || o.noProxy != "" && strings.Contains(","+o.noProxy+",", ","+r.URL.Hostname()+",") {
			return nil, nil
		}
		address := o.proxyAddress()
		if !strings.Contains(address, "://") {
			address = "http://" + address
		}
		return url.Parse(address)
	}
	config, err := o.tls()
	if err != nil {
		return nil, err
	}
	t.TLSClientConfig = config
	t.DisableKeepAlives = true
	return t, nil
}

// addressOf finds the address of an interface, or takes the name for an address.
func addressOf(name string) (net.Addr, error) {
	if ip := net.ParseIP(name); ip != nil {
		return &net.TCPAddr{IP: ip}, nil
	}
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil, err
	}
	all, err := i.Addrs()
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
			return &net.TCPAddr{IP: n.IP}, nil
		}
	}
	return nil, errBind
}

func (o *options) tls() (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: !o.verifyPeer || !o.verifyHost}
	if o.caFile != "" || o.caPath != "" {
		pool := x509.NewCertPool()
		files := []string{o.caFile}
		if o.caPath != "" {
			found, _ := filepath.Glob(filepath.Join(o.caPath, "*"))
			files = append(files, found...)
		}
		for _, f := range files {
			if data, err := os.ReadFile(f); err == nil {
				pool.AppendCertsFromPEM(data)
			}
		}
		config.RootCAs = pool
	}
	if o.sslCert != "" {
		key := o.sslKey
		if key == "" {
			key = o.sslCert
		}
		pair, err := tls.LoadX509KeyPair(o.sslCert, key)
		if err == nil {
			config.Certificates = []tls.Certificate{pair}
		}
	}
	return config, nil
}

// failure is a status that stands for a request without an answer.
type failure struct {
	status int
	reason string
}

// failureOf tells which of the failures an error is; the others are raised.
func failureOf(err error) (failure, bool) {
	var dns *net.DNSError
	var op *net.OpError
	var certificate *tls.CertificateVerificationError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failure{408, "Timeout was reached"}, true
	case errors.As(err, &certificate):
		return failure{495, "SSL peer certificate or SSH remote key was not OK"}, true
	case errors.As(err, &dns):
		return failure{595, "Couldn't resolve host name"}, true
	case errors.As(err, &op) && op.Op == "dial", errors.Is(err, syscall.ECONNREFUSED):
		return failure{595, "Couldn't connect to server"}, true
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errPartial), errors.Is(err, errBind):
		return failure{}, false
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), strings.Contains(err.Error(), "server closed"):
		return failure{444, "Server returned nothing (no headers, no data)"}, true
	}
	return failure{}, false
}

// response is an answer that was read to its end.
type response struct {
	status       int
	major, minor int
	header       http.Header
	body         []byte
}

func readResponse(answer *http.Response) (*response, error) {
	body, err := io.ReadAll(answer.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, errPartial
	}
	if err != nil {
		return nil, err
	}
	header := answer.Header.Clone()
	if answer.ContentLength >= 0 && header.Get("Content-Length") == "" && answer.Header.Values("Content-Length") != nil {
		header.Set("Content-Length", fmt.Sprint(answer.ContentLength))
	}
	if len(answer.TransferEncoding) > 0 {
		header.Set("Transfer-Encoding", strings.Join(answer.TransferEncoding, ","))
	}
	if answer.Close && strings.EqualFold(header.Get("Connection"), "") && answer.ProtoMinor == 1 {
		header.Set("Connection", "close")
	}
	return &response{answer.StatusCode, answer.ProtoMajor, answer.ProtoMinor, header, bytes.Clone(body)}, nil
}

// addPassed adds the headers of the answers that led here; the first of a name counts.
func (r *response) addPassed(passed []http.Header) {
	for i := len(passed) - 1; i >= 0; i-- {
		for name, values := range passed[i] {
			r.header[name] = values
		}
	}
}

func (r *response) table(L *lua.LState, maxName int) *lua.LTable {
	t, headers, proto := L.NewTable(), L.NewTable(), L.NewTable()
	proto.Append(lua.LNumber(r.major))
	proto.Append(lua.LNumber(r.minor))
	for name, values := range r.header {
		name = strings.ToLower(name)
		if len(name) > maxName {
			name = name[:maxName]
		}
		joined := strings.Join(values, ",")
		if old, ok := headers.RawGetString(name).(lua.LString); ok {
			joined = string(old) + "," + joined
		}
		headers.RawSetString(name, lua.LString(joined))
	}
	reason := "Ok"
	if r.status >= 400 {
		reason = "Unknown"
	}
	t.RawSetString("status", lua.LNumber(r.status))
	t.RawSetString("reason", lua.LString(reason))
	t.RawSetString("proto", proto)
	t.RawSetString("headers", headers)
	if len(r.body) > 0 {
		t.RawSetString("body", lua.LString(r.body))
	}
	if cookies := r.cookies(L); cookies != nil {
		t.RawSetString("cookies", cookies)
	}
	return t
}

// cookies are {name: {value, {option, …}}}, nil when the answer sets none.
func (r *response) cookies(L *lua.LState) *lua.LTable {
	var t *lua.LTable
	for _, line := range r.header.Values("Set-Cookie") {
		parts := strings.Split(line, ";")
		name, value, ok := strings.Cut(parts[0], "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			continue
		}
		if t == nil {
			t = L.NewTable()
		}
		cookie, attributes := L.NewTable(), L.NewTable()
		for _, a := range parts[1:] {
			attributes.Append(lua.LString(strings.TrimSpace(a)))
		}
		cookie.Append(lua.LString(value))
		cookie.Append(attributes)
		t.RawSetString(name, cookie)
	}
	return t
}
