package reload_test

import (
	"strings"
	"testing"
)

func TestTriggersOfARefusedVersionAreTakenBack(t *testing.T) {
	a := newApp(t)
	a.want(`box.cfg{work_dir = '`+t.TempDir()+`', log = 'log'}
		s = box.schema.space.create('s')
		s:create_index('pk')
		fired = {}
		old = function() table.insert(fired, 'old') end
		s:on_replace(old)
		box.session.on_connect(old)`, "")
	a.write("app.lua", `
		require('shardlua').internals('app')
		local new = function() table.insert(fired, 'new') end
		s:on_replace(new, old)
		s:before_replace(function(_, tuple) return tuple end)
		box.session.on_connect(new)
		box.space.s:replace{1}
		error('boom')`)
	if got := a.eval(reloadIt); !strings.Contains(got, "boom") {
		t.Fatal(got)
	}
	a.want(`s:replace{2} return s:count(), table.concat(fired, ' '), #s:on_replace(), #s:before_replace(), #box.session.on_connect()`, "2 old 1 0 1")
}
