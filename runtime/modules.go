package runtime

import (
	"shardlua/console"
	"shardlua/runtime/argparse"
	"shardlua/runtime/box"
	"shardlua/runtime/buffer"
	"shardlua/runtime/clock"
	"shardlua/runtime/crypto"
	"shardlua/runtime/csv"
	"shardlua/runtime/debugext"
	"shardlua/runtime/decimal"
	"shardlua/runtime/digest"
	"shardlua/runtime/errno"
	"shardlua/runtime/ffi"
	"shardlua/runtime/fiber"
	"shardlua/runtime/fio"
	"shardlua/runtime/fun"
	"shardlua/runtime/help"
	"shardlua/runtime/httpclient"
	"shardlua/runtime/iconv"
	"shardlua/runtime/internals"
	"shardlua/runtime/ioext"
	"shardlua/runtime/jit"
	"shardlua/runtime/json"
	"shardlua/runtime/keydef"
	"shardlua/runtime/log"
	"shardlua/runtime/module"
	"shardlua/runtime/msgpack"
	"shardlua/runtime/netbox"
	"shardlua/runtime/osext"
	"shardlua/runtime/pickle"
	"shardlua/runtime/popen"
	"shardlua/runtime/pwd"
	"shardlua/runtime/serpent"
	"shardlua/runtime/socket"
	"shardlua/runtime/strext"
	"shardlua/runtime/strict"
	"shardlua/runtime/swim"
	"shardlua/runtime/tableext"
	"shardlua/runtime/tap"
	"shardlua/runtime/tarantoolmod"
	"shardlua/runtime/title"
	"shardlua/runtime/trigger"
	"shardlua/runtime/uri"
	"shardlua/runtime/utf8"
	"shardlua/runtime/uuid"
	"shardlua/runtime/xloglib"
	"shardlua/runtime/yaml"
)

// builtins are the Lua modules of every instance, in the order of their names. To add one, write its package and add a
// line here.
func builtins() []module.Module {
	return append([]module.Module{
		argparse.Module,
		box.Module,
		buffer.Module,
		clock.Module,
		console.Module,
		crypto.Module,
		csv.Module,
		decimal.Module,
		digest.Module,
		errno.Module,
		ffi.Module,
		fiber.Module,
		fio.Module,
		fun.Module,
		help.Module,
		help.English,
		httpclient.Module,
		iconv.Module,
		internals.Module,
		json.Module,
		keydef.Module,
		log.Module,
		msgpack.Module,
		netbox.Module,
		msgpack.FFI,
		pickle.Module,
		popen.Module,
		pwd.Module,
		serpent.Module,
		socket.Module,
		strict.Module,
		swim.Module,
		tap.Module,
		tarantoolmod.Module,
		title.Module,
		trigger.Module,
		uri.Module,
		utf8.Module,
		uuid.Module,
		xloglib.Module,
		yaml.Module,
	}, jit.Modules()...)
}

// extensions add functions to libraries that scripts have without a require. They are opened first, each once.
func extensions() []module.Module {
	return []module.Module{
		debugext.Module,
		ioext.Module,
		osext.Module,
		strext.Module,
		tableext.Module,
	}
}

// globalModules are the modules that scripts see as global variables without a require.
var globalModules = []string{"box", "utf8"}
