package salesforce

import (
	"errors"
	"io"
)

const (
	windowBytes = 512 << 10 // stays in the second-level cache together with what is written from it
	wordBytes   = 8
	maxIdle     = 100 // reads in a row that may give nothing, as in bufio
)

// errRecordTooLong is what window.more answers when its bound is reached.
var errRecordTooLong = errors.New("record longer than its bound")

// window is the part of a stream that is in memory. It always begins at a record, and grows where one does not fit.
type window struct {
	from  io.Reader
	bytes []byte // from the record at pos on, then wordBytes zeros, so that words can be loaded across the end
	pos   int
	end   int
	base  int64 // offset in the stream of bytes[0]
	bound int   // of the bytes of one record
	err   error // what ended the stream
}

func newWindow(from io.Reader, bound int) window {
	return window{from: from, bound: bound}
}

// offset is the place of bytes[pos] in the stream.
func (w *window) offset(pos int) int64 { return w.base + int64(pos) }

// more keeps what is left and reads behind it until the window is full or the stream ends. It waits for a full window,
// so that a record is looked at few times however small the reads are. The error is io.EOF where nothing was left to
// read, errRecordTooLong, or the reader's own.
func (w *window) more() error {
	if w.err != nil {
		return w.err
	}
	left := w.end - w.pos
	if left >= w.bound {
		return errRecordTooLong
	}
	size := min(windowBytes, w.bound)
	for size < 2*left {
		size *= 2
	}
	size = min(size, w.bound)
	target := w.bytes
	if len(target) < size+wordBytes {
		target = make([]byte, size+wordBytes)
	}
	copy(target, w.bytes[w.pos:w.end])
	w.base += int64(w.pos)
	w.bytes, w.pos, w.end = target, 0, left
	return w.read(size)
}

func (w *window) read(size int) error {
	begun := w.end
	for idle := 0; w.end < size && w.err == nil; {
		n, err := w.from.Read(w.bytes[w.end:size])
		w.end += n
		w.err = err
		if idle++; n > 0 {
			idle = 0
		}
		if idle >= maxIdle {
			w.err = io.ErrNoProgress
		}
	}
	clear(w.bytes[w.end : w.end+wordBytes])
	if w.err != nil && (!atEnd(w.err) || w.end == begun) {
		return w.err
	}
	return nil
}

// atEnd tells the end of a stream from an error that wraps io.EOF: there a connection broke, and to take it for the end
// would lose rows.
func atEnd(err error) bool { return err == io.EOF } //nolint:errorlint // see above
