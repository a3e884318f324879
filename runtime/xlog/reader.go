package xlog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"shardlua/runtime/sys"
)

// ReaderOptions adjust a Reader.
type ReaderOptions struct {
	// Force skips what is broken and tells Events; otherwise it is an error.
	Force  bool
	Events Events
	// Advice ends the errors about broken blocks.
	Advice string
	// Limit is how far into the file, in bytes, may be read now. It may grow, and is asked again and again. Nil means to
	// the end.
	Limit func() int64
}

// Reader reads the transactions of one file, from its header to its end. It may be asked again after it reached the
// end of a file that grows.
type Reader struct {
	path    string
	options ReaderOptions
	blocks  blockReader
	meta    Meta

	block   []byte // rows of the current block that were not decoded yet
	at      int64  // where the current block starts
	swollen []byte // buffer of decompressed rows, used again for each block
	tx      []Row
}

// OpenReader opens a file and reads its header. What is wrong with the header is a *CorruptError that wraps a
// *MetaError.
func OpenReader(disk sys.Disk, path string, options ReaderOptions) (*Reader, error) {
	file, err := disk.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	if options.Advice == "" {
		options.Advice = adviceForce
	}
	r := &Reader{path: path, options: options, blocks: blockReader{file: file, codec: newCodec()}}
	if err := r.readMeta(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

// HeaderError is a file whose header cannot be read. It wraps the *MetaError.
type HeaderError struct {
	File string
	Err  error
}

func (e *HeaderError) Error() string { return fmt.Sprintf("%s: %v", e.File, e.Err) }

// Unwrap returns the cause.
func (e *HeaderError) Unwrap() error { return e.Err }

func (r *Reader) readMeta() error {
	for size := int64(4 << 10); ; size *= 4 {
		data, err := r.blocks.peek(0, min(size, maxMeta))
		if err != nil {
			return err
		}
		meta, length, err := ParseMeta(data)
		if err == nil {
			r.meta, r.blocks.offset = meta, int64(length)
			r.limit(int64(length))
			return nil
		}
		if bytes.Contains(data, []byte("\n\n")) || int64(len(data)) < size || size >= maxMeta {
			return &HeaderError{r.path, err}
		}
	}
}

// limit keeps what the options say about the rest of the file. The header may be read in any case.
func (r *Reader) limit(header int64) {
	if r.options.Limit == nil {
		return
	}
	r.blocks.limit = func() int64 { return max(header, r.options.Limit()) }
	r.blocks.window = r.blocks.window[:0]
}

// Meta returns the file's header.
func (r *Reader) Meta() *Meta { return &r.meta }

// Path returns the name that the file was opened with.
func (r *Reader) Path() string { return r.path }

// Offset returns where the next block starts.
func (r *Reader) Offset() int64 { return r.blocks.offset }

// Close closes the file.
func (r *Reader) Close() error { return r.blocks.file.Close() }

// Next returns the rows of the next transaction; they and their bodies are valid until the next call. At the EOF
// marker the error is io.EOF; at the end of a file without the marker it is an *UnclosedError. After both, Next may
// be called again, and goes on if the file has grown.
func (r *Reader) Next() ([]Row, error) {
	if n := len(r.tx); n > 0 && r.tx[n-1].IsCommit {
		r.tx = r.tx[:0]
	}
	for {
		if len(r.block) == 0 {
			r.keepTx()
			if err := r.nextBlock(); err != nil {
				return nil, err
			}
			continue
		}
		var row Row
		rest, err := row.Decode(r.block)
		if err == nil && row.ReplicaID >= 32 {
			err = &RowError{fmt.Sprintf("invalid replica id %d", row.ReplicaID)}
		}
		if err != nil {
			r.block = nil
			if err := r.broken(r.at, err.Error()); err != nil {
				return nil, err
			}
			continue
		}
		if len(r.tx) > 0 && row.TSN != r.tx[0].TSN {
			if err := r.broken(r.at, fmt.Sprintf("transaction %d has no end", r.tx[0].TSN)); err != nil {
				return nil, err
			}
		}
		r.block = rest
		r.tx = append(r.tx, row)
		if row.IsCommit {
			return r.tx, nil
		}
	}
}

// keepTx saves the bodies of a transaction that goes on in the next block, which will reuse their buffer.
func (r *Reader) keepTx() {
	for i := range r.tx {
		r.tx[i].Body = bytes.Clone(r.tx[i].Body)
	}
}

// broken drops the open transaction. It returns the error, unless what is broken is to be skipped.
func (r *Reader) broken(at int64, reason string) error {
	r.tx = r.tx[:0]
	err := &CorruptError{File: r.path, Offset: at, Reason: reason, Advice: r.options.Advice}
	if !r.options.Force {
		return err
	}
	r.options.Events.Tell(Error, err, "can't open tx: %s: file `%s`, offset %d", reason, r.path, at)
	return nil
}

func (r *Reader) nextBlock() error {
	r.at = r.blocks.offset
	rows, state, reason, err := r.blocks.next(r.swollen)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", r.path, err)
	case state == blockWhole:
		r.block = rows
		if r.blocks.decompressed {
			r.swollen = rows
		}
		return nil
	case state == blockEOF && len(r.tx) > 0:
		if err := r.broken(r.at, fmt.Sprintf("transaction %d has no end", r.tx[0].TSN)); err != nil {
			return err
		}
		return io.EOF
	case state == blockEOF:
		return io.EOF
	case state == blockShort:
		size, err := r.blocks.size()
		if err != nil {
			return fmt.Errorf("%s: %w", r.path, err)
		}
		return &UnclosedError{File: r.path, Offset: r.at, Tail: size - r.at, Rows: len(r.tx)}
	}
	if state == blockAfterEOF {
		reason = fmt.Sprintf("has some data after eof marker at %d", r.at)
	}
	if err := r.broken(r.at, reason); err != nil {
		return err
	}
	if state == blockAfterEOF {
		return io.EOF
	}
	if err := r.blocks.resync(); err != nil {
		return fmt.Errorf("%s: %w", r.path, err)
	}
	return nil
}

// CheckTail tells, after an *UnclosedError, whether the file merely ends early: if whole blocks or an EOF marker
// follow the block that seemed to be cut short, then its length is broken and rows are lost. In force mode reading
// goes on with those blocks and more is true.
func (r *Reader) CheckTail() (more bool, err error) {
	size, err := r.blocks.size()
	if err != nil || size == r.blocks.offset {
		return false, err
	}
	at := r.blocks.offset
	if err := r.blocks.resync(); err != nil {
		return false, fmt.Errorf("%s: %w", r.path, err)
	}
	if r.blocks.offset == size {
		r.blocks.offset = at
		return false, nil
	}
	if err := r.broken(at, "broken fixheader length"); err != nil {
		r.blocks.offset = at
		return false, err
	}
	return true, nil
}

// blockState is what stands at an offset of a file.
type blockState int

const (
	blockWhole blockState = iota
	blockShort
	blockBroken
	blockEOF
	blockAfterEOF
)

// blockReader reads blocks through a window onto the file.
type blockReader struct {
	file         sys.File
	codec        *codec
	offset       int64
	decompressed bool
	limit        func() int64 // where to take the file to end, nil where it does

	window []byte
	base   int64
}

const windowSize = 256 << 10

// peek returns up to n bytes at an offset, fewer only at the end of the file.
func (b *blockReader) peek(offset, n int64) ([]byte, error) {
	from := offset - b.base
	if from < 0 || from+n > int64(len(b.window)) {
		if err := b.fill(offset, n); err != nil {
			return nil, err
		}
		from = 0
	}
	return b.window[from:min(from+n, int64(len(b.window)))], nil
}

func (b *blockReader) fill(offset, n int64) error {
	size, err := b.size()
	if err != nil {
		return err
	}
	want := min(max(n, windowSize), max(size-offset, 0))
	if int64(cap(b.window)) < want {
		b.window = make([]byte, want)
	}
	got, err := b.file.ReadAt(b.window[:want], offset)
	if err != nil && err != io.EOF {
		b.window = b.window[:0]
		return err
	}
	b.window, b.base = b.window[:got], offset
	return nil
}

func (b *blockReader) size() (int64, error) {
	info, err := b.file.Stat()
	if err != nil {
		return 0, err
	}
	if b.limit == nil {
		return info.Size(), nil
	}
	return min(info.Size(), b.limit()), nil
}

// next reads the block at the offset, and moves behind it if it is whole.
func (b *blockReader) next(buf []byte) (rows []byte, state blockState, reason string, err error) {
	first, err := b.peek(b.offset, headSize)
	if err != nil {
		return nil, 0, "", err
	}
	if len(first) >= 4 && binary.BigEndian.Uint32(first) == magicEOF {
		// The marker may have been replaced by rows since it was read, and the window must not outlive it.
		size, err := b.size()
		b.window = b.window[:0]
		if err == nil && size > b.offset+4 {
			return nil, blockAfterEOF, "", nil
		}
		return nil, blockEOF, "", err
	}
	if len(first) < headSize {
		b.window = b.window[:0]
		return nil, blockShort, "", nil
	}
	h, reason := decodeHead(first)
	if reason != "" {
		if h.magic == 0 {
			zeros, err := b.onlyZeros()
			if zeros || err != nil {
				return nil, blockShort, "", err
			}
		}
		return nil, blockBroken, reason, nil
	}
	whole, err := b.peek(b.offset, headSize+int64(h.length))
	if err != nil {
		return nil, 0, "", err
	}
	if uint64(len(whole)) < headSize+h.length {
		// The writer may cut back a write that failed and put something else there.
		b.window = b.window[:0]
		return nil, blockShort, "", nil
	}
	rows, reason = b.codec.decodeBlock(h, whole[headSize:], buf)
	if reason != "" {
		return nil, blockBroken, reason, nil
	}
	b.decompressed = h.magic == magicZstd
	b.offset += int64(len(whole))
	return rows, blockWhole, "", nil
}

// onlyZeros says whether nothing but zeros follows: a file system may leave them where it had made a file longer
// but not yet written to it when the power failed.
func (b *blockReader) onlyZeros() (bool, error) {
	for at := b.offset; ; {
		chunk, err := b.peek(at, windowSize)
		if err != nil || len(chunk) == 0 {
			return err == nil, err
		}
		if len(bytes.TrimLeft(chunk, "\x00")) > 0 {
			return false, nil
		}
		at += int64(len(chunk))
	}
}

// resync moves the offset to the next whole block, or to the EOF marker at the end, or to the end.
func (b *blockReader) resync() error {
	at := b.offset + 1
	for {
		chunk, err := b.peek(at, windowSize)
		if err != nil {
			return err
		}
		if len(chunk) < 4 {
			b.offset = at + int64(len(chunk))
			return nil
		}
		found, err := b.wholeBlockIn(chunk, at)
		if err != nil || found {
			return err
		}
		at += int64(len(chunk)) - 3
		if size, err := b.size(); err != nil || at+3 >= size {
			b.offset = size
			return err
		}
	}
}

func (b *blockReader) wholeBlockIn(chunk []byte, base int64) (bool, error) {
	size, err := b.size()
	if err != nil {
		return false, err
	}
	// Looking at a candidate moves the window that chunk lies in.
	chunk = bytes.Clone(chunk)
	for i := 0; i+4 <= len(chunk); i++ {
		next := bytes.IndexByte(chunk[i:len(chunk)-3], 0xd5)
		if next < 0 {
			return false, nil
		}
		i += next
		at := base + int64(i)
		switch magic := binary.BigEndian.Uint32(chunk[i:]); {
		case magic == magicEOF && at+4 == size:
			b.offset = at
			return true, nil
		case magic == magicRows || magic == magicZstd:
			before := b.offset
			b.offset = at
			_, state, _, err := b.next(nil)
			if err != nil {
				return false, err
			}
			if state == blockWhole {
				b.offset = at
				return true, nil
			}
			b.offset = before
		}
	}
	return false, nil
}
