package erp

import (
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	ratioFloor    = 16 << 20  // bytes out before the ratio counts: small files of equal rows compress without end
	zstdMaxWindow = 256 << 20 // bytes a frame may ask for; zstd --long=27 asks for 128 MiB
)

// decompressed is the text of the file. A stream that ends early, a wrong checksum and bytes behind the end are
// errors; so is more text than the limits allow.
type decompressed struct {
	from   *snapshotFile
	stream io.Reader
	stop   func()
	bytes  int64
	plain  bool
}

// decompress opens the stream. gzip may have several members (RFC 1952, 2.2), zstd several frames.
func decompress(file *snapshotFile, kind compression) (*decompressed, error) {
	opened := &decompressed{from: file, stream: file.text, stop: func() {}, plain: kind == plain}
	switch kind {
	case gzipped:
		reader, err := gzip.NewReader(file.text)
		if err != nil {
			return nil, opened.damaged(err)
		}
		opened.stream = reader
	case zstandard:
		reader, err := zstd.NewReader(file.text, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMaxWindow))
		if err != nil {
			return nil, opened.damaged(err)
		}
		opened.stream, opened.stop = reader, reader.Close
	}
	return opened, nil
}

// Read gives text until the end of the last member. Errors are *Error or the cause of the context.
func (d *decompressed) Read(p []byte) (int, error) {
	n, err := d.stream.Read(p)
	d.bytes += int64(n)
	if limit := d.beyond(); limit != nil {
		return 0, limit
	}
	if err != nil && err != io.EOF { // an error that wraps io.EOF is no end
		return n, d.damaged(err)
	}
	return n, err
}

func (d *decompressed) beyond() error {
	limits := d.from.plan.Limits
	switch {
	case d.bytes > limits.Content:
		return d.from.plan.problem("more than "+grouped(limits.Content)+" bytes of text", "split the snapshot; no ERP has so many customers")
	case !d.plain && d.bytes > ratioFloor && d.bytes/limits.Ratio > d.from.bytes:
		return d.from.plan.problem("decompresses to more than "+grouped(limits.Ratio)+" times its size", "a compression bomb? Store the file uncompressed if it is not")
	}
	return nil
}

func (d *decompressed) damaged(err error) error {
	if d.plain || d.from.ctx.Err() != nil {
		return d.from.failed(err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.from.plan.caused("the compressed stream ends early", err, "half-written? Copy the file again, or let the export end")
	}
	return d.from.plan.caused("the compressed stream is damaged", err, "copy the file again; nothing may follow the compressed data")
}
