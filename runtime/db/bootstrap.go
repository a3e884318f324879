package db

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"shardlua/runtime/boxerr"
	"shardlua/runtime/tuple"
	"shardlua/runtime/tuple/mp"
)

// bootstrapRows is what the system spaces of a new instance of Tarantool 2.6
// hold, one row a line: the space's number and the tuple in JSON. The order of
// the keys in maps is that of the msgpack.
//
//go:embed bootstrap.rows
var bootstrapRows string

type systemRow struct {
	space uint32
	data  []byte
}

// systemRows reads bootstrapRows.
func systemRows() ([]systemRow, error) {
	var rows []systemRow
	lines := bufio.NewScanner(strings.NewReader(bootstrapRows))
	for lines.Scan() {
		number, text, _ := strings.Cut(lines.Text(), " ")
		id, err := strconv.ParseUint(number, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("bootstrap row: %w", err)
		}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		data, err := appendJSON(nil, d)
		if err != nil {
			return nil, fmt.Errorf("bootstrap row %q: %w", text, err)
		}
		rows = append(rows, systemRow{uint32(id), data})
	}
	return rows, lines.Err()
}

// appendJSON appends the next value of d as msgpack.
func appendJSON(b []byte, d *json.Decoder) ([]byte, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case nil:
		return mp.AppendNil(b), nil
	case bool:
		return mp.AppendBool(b, v), nil
	case string:
		return mp.AppendString(b, v), nil
	case json.Number:
		n, err := strconv.ParseUint(v.String(), 10, 64)
		return mp.AppendUint(b, n), err
	case json.Delim:
		var inner []byte
		n := 0
		for ; d.More(); n++ {
			if inner, err = appendJSON(inner, d); err != nil {
				return nil, err
			}
		}
		if _, err = d.Token(); err != nil {
			return nil, err
		}
		if v == '{' {
			return append(mp.AppendMapHeader(b, n/2), inner...), nil
		}
		return append(mp.AppendArrayHeader(b, n), inner...), nil
	}
	return nil, io.ErrUnexpectedEOF
}

// createSystemSpaces makes the system spaces without any rows in them, so that
// the rows of a snapshot have somewhere to go.
func (db *DB) createSystemSpaces() error {
	rows, err := systemRows()
	if err != nil {
		return err
	}
	db.recovering = true
	defer func() { db.recovering = false }()
	for _, r := range rows {
		t, err := tuple.New(nil, r.data)
		if err != nil {
			return err
		}
		st := &stmt{next: t}
		switch r.space {
		case spaceID:
			err = db.onSpace(nil, st)
		case indexID:
			err = db.onIndex(nil, st)
		}
		if err != nil {
			return fmt.Errorf("system space: %w", err)
		}
	}
	for id, handler := range db.ddlHandlers() {
		db.spaces[id].ddl = handler
	}
	for _, r := range rows {
		if r.space != sessionSettingsID {
			continue
		}
		t, err := tuple.New(db.spaces[sessionSettingsID].format, r.data)
		if err != nil {
			return err
		}
		if _, err := db.spaces[sessionSettingsID].replaceAll(nil, t, insertNew); err != nil {
			return err
		}
	}
	return nil
}

// Bootstrap fills the system spaces of a new instance that is the first of its
// replica set, as Tarantool 2.6 does. Nothing of it is journaled: it is the
// first snapshot's to keep.
func (db *DB) Bootstrap(clusterUUID, instanceUUID string) error {
	rows, err := systemRows()
	if err != nil {
		return err
	}
	cluster := mp.AppendString(mp.AppendString(mp.AppendArrayHeader(nil, 2), "cluster"), clusterUUID)
	own := mp.AppendString(mp.AppendUint(mp.AppendArrayHeader(nil, 2), 1), instanceUUID)
	rows = append([]systemRow{{schemaID, cluster}}, append(rows, systemRow{clusterID, own})...)
	for _, r := range rows {
		if r.space == sessionSettingsID {
			continue
		}
		if err := db.Recover(&Row{Type: RowInsert, SpaceID: r.space, Tuple: r.data}); err != nil {
			return fmt.Errorf("bootstrap: %w", err)
		}
	}
	db.replicaID = 1
	db.schemaVersion = 1
	return nil
}

func errUnknownRow(t RowType) error { return boxerr.New(boxerr.UnknownRequestType, uint8(t)) }
