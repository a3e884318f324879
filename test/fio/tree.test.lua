-- Directories, links and names.
fio = require('fio')
root = fio.tempdir()
function at(...) return fio.pathjoin(root, ...) end
function create(path) local f = fio.open(path, {'O_CREAT', 'O_WRONLY'}, tonumber('644', 8)) f:write(path:sub(-1)) return f:close() end
function names(path) local list = fio.listdir(path) table.sort(list) return list end
function globbed(path) local list = fio.glob(path) for i, name in ipairs(list) do list[i] = fio.basename(name) end return list end
fio.mkdir(at('one'))
fio.mkdir(at('one'))
fio.mktree(at('two', 'three', 'four'))
fio.mktree(at('two', 'three', 'four'))
create(at('one', 'a')), create(at('one', 'b')), create(at('one', '.c'))
select(2, fio.mktree(at('one', 'a', 'x'))):gsub(root, '')
names(root), names(at('one'))
globbed(at('one', '*'))
globbed(at('one', '[!a]'))
globbed(at('*', '?'))
globbed(at('one', '{a,b}'))
fio.symlink(at('one'), at('link'))
fio.symlink(at('one'), at('link'))
fio.readlink(at('link')) == at('one')
fio.readlink(at('one'))
fio.link(at('one', 'a'), at('hard'))
fio.stat(at('hard')).nlink, fio.stat(at('hard')).inode == fio.stat(at('one', 'a')).inode
fio.path.is_link(at('link')), fio.path.is_dir(at('link')), fio.path.is_file(at('hard'))
fio.lstat(at('link')):is_link(), fio.stat(at('link')):is_dir(), fio.stat(at('hard')):is_reg()
fio.symlink('nowhere', at('loose'))
fio.path.exists(at('loose')), fio.path.lexists(at('loose'))
fio.rename(at('hard'), at('renamed')), fio.path.exists(at('hard'))
fio.copyfile(at('renamed'), at('two')), fio.path.is_file(at('two', 'renamed'))
fio.copyfile(at('renamed'), at('two', 'copy')), fio.stat(at('two', 'copy')).size
fio.copytree(at('one'), at('copied')), names(at('copied'))
select(2, fio.copytree(at('renamed'), at('x')))
fio.utime(at('renamed'), 1, 2), fio.stat(at('renamed')).atime, fio.stat(at('renamed')).mtime
fio.utime(at('renamed'), 3), fio.stat(at('renamed')).mtime
fio.utime(at('renamed'), 'x')
fio.utime(at('renamed'), 1, 'x')
fio.truncate(at('renamed'), 10), fio.stat(at('renamed')).size
fio.truncate(at('renamed')), fio.stat(at('renamed')).size
fio.chmod(at('renamed'), tonumber('600', 8)), fio.stat(at('renamed')).mode == tonumber('100600', 8)
fio.rmdir(at('one'))
fio.unlink(at('one'))
select(2, fio.rmtree(at('renamed'))):gsub(root, '')
fio.unlink(at('renamed'))
fio.rmtree(root)
fio.path.exists(root)
