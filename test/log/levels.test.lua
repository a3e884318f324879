-- Which messages are written, and how levels are set.
log = require('log')
test_run = require('test_run').new()
function seen(what) return test_run:grep_log('default', what) end
log.error('error one') log.warn('warn one') log.info('info one') log.verbose('verbose one') log.debug('debug one')
seen('E> error one'), seen('W> warn one'), seen('I> info one'), seen('V> verbose one'), seen('D> debug one')
log.level(7)
log.error('error two') log.warn('warn two') log.info('info two') log.verbose('verbose two') log.debug('debug two')
seen('E> error two'), seen('W> warn two'), seen('I> info two'), seen('V> verbose two'), seen('D> debug two')
log.level('warn')
log.cfg.level, box.cfg.log_level
log.warn('warn three') log.info('info three')
seen('W> warn three'), seen('I> info three')
box.cfg{log_level = 5}
log.cfg.level, box.cfg.log_level
log.cfg({level = 'verbose'})
log.cfg.level, box.cfg.log_level
log.verbose('verbose four')
seen('V> verbose four')
log.level('x')
log.level({})
log.level()
log.level('7')
log.level(5)
pcall(log.cfg, {level = 'x'})
pcall(log.cfg, {level = {}})
pcall(log.cfg, {level = true})
pcall(log.cfg, {format = 'x'})
pcall(log.cfg, {format = 1})
pcall(log.cfg, {log = 'x.log'})
pcall(log.cfg, {nonblock = true})
pcall(log.cfg, 1)
log.cfg(), log.cfg({}), log.cfg({unknown = 1})
log.cfg.level, log.cfg.format, log.cfg.unknown
log.log_format('x')
log.log_format(1)
log.log_format()
type(log.pid()), log.pid() == require('tarantool').pid(), log.nothing
