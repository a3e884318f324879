package box

import lua "github.com/yuin/gopher-lua"

// captureTriggers is the database's part in a reload: the triggers of spaces, of sessions and of the instance, which a
// new version of a module replaces and which come back when it is refused.
func (b *Box) captureTriggers() (restore func()) {
	var undo []func()
	if b.db != nil {
		for _, s := range b.db.Spaces() {
			undo = append(undo, s.OnReplace.Capture(), s.BeforeReplace.Capture())
		}
	}
	for _, list := range []*triggerList{
		&b.inst.ctl.shutdown, &b.inst.ctl.schemaInit,
		&b.inst.session.connect, &b.inst.session.disconnect, &b.inst.session.auth, &b.inst.session.denied,
	} {
		undo = append(undo, list.capture())
	}
	return func() {
		for _, u := range undo {
			u()
		}
	}
}

// capture remembers the list and returns the function that puts it back.
func (t *triggerList) capture() (restore func()) {
	all := append([]*lua.LFunction(nil), t.all...)
	return func() { t.all = all }
}
