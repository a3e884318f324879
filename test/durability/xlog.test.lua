probe = require('probe')
test_run = require('test_run').new()
test_run:cmd("setopt delimiter ';'")
fio = require('fio');
xlog = require('xlog');
dir = fio.tempdir();
function file(text) local path = fio.pathjoin(dir, 'x') local f = fio.open(path, {'O_CREAT', 'O_WRONLY', 'O_TRUNC'}, 420) f:write(text) f:close() return path end;
function plain(row) row.HEADER.timestamp = nil for _, name in pairs({'key', 'tuple'}) do row.BODY[name] = row.BODY[name] and row.BODY[name]:totable() end return row end;
s = box.schema.space.create('s');
_ = s:create_index('pk');
start = box.info.lsn;
s:insert({1, 'x'}), s:update(1, {{'=', 2, 'y'}}), s:upsert({2}, {{'+', 2, 1}}), s:replace({3}), s:delete(1);
rows = {};
for lsn, row in xlog.pairs(fio.glob(fio.pathjoin(box.cfg.wal_dir, '*.xlog'))[1]) do if lsn > start then row.HEADER.lsn = lsn - start row.BODY.space_id = row.BODY.space_id - s.id table.insert(rows, plain(row)) end end;
rows;
xlog.pairs(fio.glob(fio.pathjoin(box.cfg.memtx_dir, '*.snap'))[1]):map(function(lsn, row) return row.HEADER.type end):head();
probe([[
    xlog.pairs()
    xlog.pairs({})
    xlog.pairs('no such file')
    xlog.pairs(file(''))
    xlog.pairs(file('XLOG\n0.13\n'))
    xlog.pairs(file('XLOG\n0.14\n\n'))
    xlog.pairs(file('XLOG\n0.13\nInstance: zzz\n\n'))
    xlog.pairs(file('XLOG\n0.13\nVersion: x\n\n')):length()
    xlog.pairs(file('XLOG\n0.13\nInstance: 00000000-0000-0000-0000-000000000001\nVClock: {}\n\nthis is no row, but more than long enough for one')):length()
]]);
s:drop();
