test_run = require('test_run').new()
fio = require('fio')

-- The instance works in a directory of its own, with the run's below VARDIR.
os.getenv('PWD') == fio.cwd()
fio.cwd():startswith(os.getenv('VARDIR'))
fio.path.exists(os.getenv('SOURCEDIR'))
fio.path.is_dir(fio.pathjoin(os.getenv('BUILDDIR'), 'test', 'var'))
fio.path.exists(os.getenv('TARANTOOL'))
tonumber(os.getenv('INSPECTOR')) == test_run.port
os.getenv('ADMIN'):startswith('unix/:')
box.cfg.listen == os.getenv('LISTEN')
os.getenv('MASTER')
fio.basename(box.cfg.memtx_dir), fio.basename(box.cfg.wal_dir), fio.basename(box.cfg.log)
box.cfg.background

-- No configuration file, no values.
test_run:get_cfg('engine')
test_run:cmd("set variable admin to 'default.admin'")
admin == os.getenv('ADMIN')
test_run:cmd("set variable listen to 'default.listen'")
listen == os.getenv('LISTEN')
test_run:cmd("set variable master to 'default.master'")
test_run:cmd("set variable x to 'default.colour'")
test_run:cmd("set variable x to 'nobody.admin'")
-- Not a name of a variable.
ok, err = pcall(test_run.cmd, test_run, "set variable 1x to 'default.admin'")
ok, err:match("^Can't set '1x'"), err:match('malformed number') ~= nil
