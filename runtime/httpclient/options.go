package httpclient

import (
	"math"
	"strconv"
	"time"

	lua "github.com/yuin/gopher-lua"

	"shardlua/runtime/vm"
)

// options are those of one request.
type options struct {
	headers                                    [][2]string
	timeout                                    time.Duration
	keepIdle, keepInterval                     int
	unixSocket, proxy, noProxy                 string
	proxyPort                                  int
	caPath, caFile, sslKey, sslCert, encodings string
	verifyHost, verifyPeer, follow             bool
	maxHeaderName                              int
	network                                    string // of the interface to send from
	verbose                                    bool
}

const defaultHeaderName = 32

func defaultOptions() options {
	return options{timeout: defaultTimeout, verifyHost: true, verifyPeer: true, follow: true, maxHeaderName: defaultHeaderName}
}

func (o *options) read(L *lua.LState, t *lua.LTable) {
	o.readHeaders(L, t.RawGetString("headers"))
	for name, p := range map[string]*string{
		"unix_socket": &o.unixSocket, "proxy": &o.proxy, "no_proxy": &o.noProxy, "ca_path": &o.caPath, "ca_file": &o.caFile,
		"ssl_key": &o.sslKey, "ssl_cert": &o.sslCert, "accept_encoding": &o.encodings, "interface": &o.network,
	} {
		if s, ok := vm.Text(t.RawGetString(name)); ok {
			*p = s
		}
	}
	for name, p := range map[string]*int{
		"keepalive_idle": &o.keepIdle, "keepalive_interval": &o.keepInterval, "proxy_port": &o.proxyPort,
		"max_header_name_length": &o.maxHeaderName,
	} {
		if n, ok := vm.ToNumber(t.RawGetString(name)); ok {
			*p = int(n)
		}
	}
	for name, p := range map[string]*bool{
		"verify_host": &o.verifyHost, "verify_peer": &o.verifyPeer, "follow_location": &o.follow, "verbose": &o.verbose,
	} {
		if v := t.RawGetString(name); !vm.IsNil(v) {
			n, isNumber := vm.ToNumber(v)
			*p = vm.Truth(v) && !(isNumber && n == 0)
		}
	}
	v := t.RawGetString("timeout")
	if n, ok := vm.ToNumber(v); ok {
		switch {
		case n <= 0 || n != n:
			o.timeout = 0
		case n < math.MaxInt64/float64(time.Second)/2:
			o.timeout = time.Duration(n * float64(time.Second))
		}
	} else if !vm.IsNil(v) {
		o.timeout = 0
	}
}

func (o *options) readHeaders(L *lua.LState, v lua.LValue) {
	if vm.IsNil(v) {
		return
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		vm.RaiseString(L, 0, "builtin/http.client.lua:320: opts.headers should be a table")
	}
	t.ForEach(func(key, value lua.LValue) {
		k, ok := key.(lua.LString)
		if !ok {
			vm.RaiseString(L, 0, "builtin/http.client.lua:320: opts.headers keys should be strings")
		}
		text, ok := vm.Text(value)
		if meta := L.GetMetaField(value, "__tostring"); !ok && meta != lua.LNil {
			text, ok = L.ToStringMeta(value).String(), true
		}
		if !ok {
			vm.RaiseString(L, 0, "builtin/http.client.lua:320: opts.headers values should be strings")
		}
		o.headers = append(o.headers, [2]string{string(k), text})
	})
}

// proxyAddress is the proxy's host and port.
func (o *options) proxyAddress() string {
	if o.proxyPort > 0 {
		return o.proxy + ":" + strconv.Itoa(o.proxyPort)
	}
	return o.proxy
}
