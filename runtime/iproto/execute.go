package iproto

import (
	"strconv"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/db"
	"shardlua/runtime/say"
	"shardlua/runtime/sched"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// reply runs a request and appends the answer to the connection's output.
func (w *worker) reply(r *Request, ctx *db.Context) {
	s, c := w.server, r.batch.conn
	err := r.err
	if err == nil && r.SchemaVersion != 0 && r.SchemaVersion != s.schemaVersion() {
		err = boxerr.New(boxerr.WrongSchemaVersion, r.SchemaVersion, s.schemaVersion())
	}
	if err == nil {
		err = w.perform(r, ctx)
	}
	w.tally(r.Type, err != nil)
	if err != nil {
		s.logError(w.fiber, err)
		c.out = AppendError(c.out, r.Sync, s.schemaVersion(), err)
	}
}

// perform runs a request; the reply is appended unless there is an error.
func (w *worker) perform(r *Request, ctx *db.Context) error {
	c := r.batch.conn
	if w.server.loading && !r.beforeLoading() {
		return boxerr.New(boxerr.Loading)
	}
	switch r.Type {
	case TypePing:
		w.ok(r)
		return nil
	case TypeSelect:
		return w.read(r, ctx)
	case TypeInsert, TypeReplace, TypeUpdate, TypeDelete, TypeUpsert:
		return w.write(r, ctx)
	case TypeCall, TypeCall16, TypeEval:
		return w.procedure(r, ctx)
	case TypeAuth:
		if err := c.authenticate(w.fiber, ctx, r); err != nil {
			return err
		}
		w.ok(r)
		return nil
	case TypeVote, TypeVoteDeprecated:
		w.vote(r)
		return nil
	case TypeExecute, TypePrepare:
		return boxerr.New(boxerr.Unsupported, "shardlua", "SQL")
	case TypeID:
		w.identify(r)
		return nil
	case TypeWatch:
		c.watch(string(r.Name))
		return nil
	case TypeUnwatch:
		c.unwatch(string(r.Name))
		return nil
	case TypeBegin, TypeCommit, TypeRollback:
		return w.control(r, ctx)
	}
	return boxerr.New(boxerr.UnknownRequestType, uint64(r.Type))
}

func (w *worker) ok(r *Request) {
	c := r.batch.conn
	c.out = AppendOK(c.out, r.Sync, w.server.schemaVersion())
}

// space finds the space of a request.
func (w *worker) space(r *Request) (*db.Space, error) {
	if space := w.server.db.Space(r.SpaceID); space != nil {
		return space, nil
	}
	return nil, boxerr.New(boxerr.NoSuchSpace, strconv.FormatUint(uint64(r.SpaceID), 10))
}

func (w *worker) read(r *Request, ctx *db.Context) error {
	if r.Iterator > uint32(db.Neighbor) {
		return boxerr.New(boxerr.IllegalParams, "Invalid iterator type")
	}
	space, err := w.space(r)
	if err != nil {
		return err
	}
	c := r.batch.conn
	if r.isLookup(space) {
		t, err := space.Get(ctx, r.IndexID, r.Key)
		if err != nil {
			return err
		}
		c.out = appendOne(c.out, r.Sync, w.server.schemaVersion(), t)
		return nil
	}
	rows, err := space.Select(ctx, r.IndexID, db.IteratorType(r.Iterator), r.Offset, r.Limit, r.Key)
	if err != nil {
		return err
	}
	c.out = AppendTuples(c.out, r.Sync, w.server.schemaVersion(), rows...)
	return nil
}

// isLookup reports whether a select can find one tuple at most, and so needs no iterator.
func (r *Request) isLookup(space *db.Space) bool {
	if r.Iterator != uint32(db.EQ) || r.Offset > 0 || r.Limit == 0 {
		return false
	}
	index := space.Index(r.IndexID)
	if index == nil || !index.Def().Unique {
		return false
	}
	n, pos := mp.ArrayHeader(r.Key)
	if n == 0 || n != index.KeyDef().PartCount() {
		return false
	}
	for range n {
		if mp.IsNil(r.Key[pos:]) { // which many tuples may have
			return false
		}
		pos += mp.Skip(r.Key[pos:])
	}
	return true
}

func (w *worker) write(r *Request, ctx *db.Context) error {
	space, err := w.space(r)
	if err != nil {
		return err
	}
	var t *tuple.Tuple
	switch r.Type {
	case TypeInsert:
		t, err = space.Insert(ctx, r.Tuple)
	case TypeReplace:
		t, err = space.Replace(ctx, r.Tuple)
	case TypeUpdate:
		t, err = space.Update(ctx, r.IndexID, r.Key, r.Tuple, r.IndexBase)
	case TypeDelete:
		t, err = space.Delete(ctx, r.IndexID, r.Key)
	case TypeUpsert:
		err = space.Upsert(ctx, r.Tuple, r.Ops, r.IndexBase)
	}
	if err != nil {
		return err
	}
	if space.IsSystem() {
		w.server.config.SchemaChanged()
	}
	c := r.batch.conn
	c.out = appendOne(c.out, r.Sync, w.server.schemaVersion(), t)
	return nil
}

// procedure runs a function or an expression. The results are gathered apart from the connection's output, because
// the fiber may wait before it has them all.
func (w *worker) procedure(r *Request, ctx *db.Context) error {
	s, c := w.server, r.batch.conn
	name := s.names.text(r.Name)
	function, err := s.permit(r, name, ctx)
	if err != nil {
		return err
	}
	out := append(beginReply(w.takeScratch()), dataHead[:]...)
	var count int
	if r.Type == TypeEval {
		out, count, err = s.config.Procedures.Eval(w.fiber, name, r.Args(), out)
	} else {
		call := Call{Name: name, Function: function, Args: r.Args(), Old: r.Type == TypeCall16}
		out, count, err = s.config.Procedures.Call(w.fiber, &call, out)
	}
	if r.StreamID == 0 && ctx.InTxn() {
		ctx.OnFiberEnd()
		if err == nil {
			err = boxerr.New(boxerr.FunctionTXActive)
		}
	}
	if err != nil {
		w.giveScratch(out)
		return err
	}
	setCount(out, replyHead, count)
	c.out = append(c.out, endReply(out, 0, TypeOK, r.Sync, s.schemaVersion())...)
	w.giveScratch(out)
	return nil
}

// names are the functions and expressions that clients send, each in memory once.
type names map[string]string

// Bounds of what is remembered: clients choose it.
const (
	maxNames = 1024
	maxName  = 256 // bytes
)

func (n names) text(b []byte) string {
	if s, ok := n[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(s) <= maxName {
		if len(n) >= maxNames {
			clear(n)
		}
		n[s] = s
	}
	return s
}

// permit checks the right to run a procedure, and makes the context act as the owner of one that wants that.
func (s *Server) permit(r *Request, name string, ctx *db.Context) (*db.Function, error) {
	if r.Type == TypeEval {
		return nil, s.db.CheckUniverse(ctx, db.PrivExecute)
	}
	if err := s.db.CheckExecute(ctx, name); err != nil {
		return nil, err
	}
	function := s.db.FunctionByName(name)
	if function != nil && function.Setuid {
		ctx.SetUID(function.Owner)
	}
	return function, nil
}

func (w *worker) takeScratch() []byte {
	b := w.scratch
	w.scratch = nil
	return b[:0]
}

func (w *worker) giveScratch(b []byte) {
	if cap(b) <= maxKept {
		w.scratch = b
	}
}

// push sends a value ahead of the reply of a request: box.session.push.
func (c *Conn) push(value any, sync uint64) error {
	s := c.server
	f := s.config.Sched.Current()
	if w, ok := f.Request.(*worker); ok && sync == 0 {
		sync = w.Sync()
	}
	if c.over || c.closed {
		return boxerr.New(boxerr.SessionClosed)
	}
	chunk := append(beginReply(nil), dataHead[:]...)
	chunk, err := s.config.Procedures.Encode(f, value, chunk)
	if err != nil {
		return err
	}
	setCount(chunk, replyHead, 1)
	c.out = append(c.out, endReply(chunk, 0, TypeChunk, sync, s.schemaVersion())...)
	if w, ok := f.Request.(*worker); !ok || w.batch == nil {
		c.flush()
	}
	return nil
}

func (w *worker) vote(r *Request) {
	s, c := w.server, r.batch.conn
	ballot := Ballot{ReadOnly: s.db.ReadOnly()}
	if s.ballot != nil {
		ballot = s.ballot()
	}
	start := len(c.out)
	out := beginReply(c.out)
	if r.Type == TypeVoteDeprecated {
		out = ballot.VClock.AppendMsgpack(append(out, 0x81, KeyVClock))
	} else {
		out = append(out, 0x81, KeyBallot, 0x84)
		out = mp.AppendBool(append(out, BallotIsROCfg), ballot.ReadOnly)
		out = mp.AppendBool(append(out, BallotIsLoading), ballot.Loading)
		out = ballot.VClock.AppendMsgpack(append(out, BallotVClock))
		out = ballot.GCVClock.AppendMsgpack(append(out, BallotGCVClock))
	}
	c.out = endReply(out, start, TypeOK, r.Sync, s.schemaVersion())
}

// protocolVersion and protocolFeatures are what IPROTO_ID tells: streams, transactions in them, and watchers.
const protocolVersion = 3

var protocolFeatures = [...]byte{0, 1, 3}

func (w *worker) identify(r *Request) {
	c := r.batch.conn
	start := len(c.out)
	out := append(beginReply(c.out), 0x82, KeyVersion, protocolVersion, KeyFeatures, 0x90|byte(len(protocolFeatures)))
	out = append(out, protocolFeatures[:]...)
	c.out = endReply(out, start, TypeOK, r.Sync, w.server.schemaVersion())
}

// logError logs why a request failed, as Tarantool does.
func (s *Server) logError(f *sched.Fiber, err error) {
	e := boxerr.From(err)
	entry := say.Entry{Level: say.Error, File: e.File, Line: e.Line, Message: e.Type, Error: e.Message,
		FiberID: f.ID(), FiberName: f.Name()}
	switch e.Type {
	case boxerr.ClassClientError, boxerr.ClassAccessDenied, boxerr.ClassXlogError:
		entry.Message = "ER_" + boxerr.Code(e.Code).Name()
	}
	s.config.Log(entry)
}

// beforeLoading tells whether the request needs no database.
func (r *Request) beforeLoading() bool {
	switch r.Type {
	case TypePing, TypeVote, TypeVoteDeprecated, TypeID:
		return true
	}
	return false
}
