package erp

import (
	"bytes"
	"errors"
	"io"
)

type compression int

const (
	plain compression = iota
	gzipped
	zstandard
)

// shape is what the first bytes say about a file.
type shape struct {
	empty       bool
	parquet     bool
	compression compression
}

// sniff looks at the first bytes and holds them against name and configuration. Nothing is consumed.
func sniff(plan *plan, file *snapshotFile) (shape, error) {
	head, err := file.text.Peek(8)
	if err != nil && !errors.Is(err, io.EOF) {
		return shape{}, file.failed(err)
	}
	found := shape{empty: len(head) == 0, compression: compressionOf(head), parquet: isParquet(head)}
	if found.empty {
		return found, nil
	}
	return found, mismatch(plan, found, head)
}

func compressionOf(head []byte) compression {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}): // RFC 1952, 2.3.1
		return gzipped
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}): // RFC 8878, 3.1.1
		return zstandard
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}): // 3.1.2, a skippable frame
		return zstandard
	}
	return plain
}

func isParquet(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PAR1")) || bytes.HasPrefix(head, []byte("PARE"))
}

// mismatch is an *Error where the first bytes contradict the name or the configured format, or nil.
func mismatch(plan *plan, found shape, head []byte) error {
	wantsParquet := plan.Format == "parquet" || plan.Format == "auto" && plan.hasExtension(".parquet")
	switch {
	case wantsParquet && found.compression != plain:
		return plan.problem("a compressed Parquet file", "Parquet compresses within itself: store it without gzip or zstd around it")
	case wantsParquet && !found.parquet:
		return plan.problem("not Parquet: it does not begin with PAR1", "look whether the export ended, and at erp.source.format")
	case found.parquet && plan.Format != "parquet" && plan.Format != "auto":
		return plan.problem("Parquet, but erp.source.format is "+plan.Format, "set erp.source.format to parquet or auto")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return plan.problem("an Excel workbook or a zip archive", "export it as CSV or Parquet")
	case found.compression == plain && plan.namedCompressed():
		return plan.problem("not compressed, though its name says so", "look whether the export ended, or rename the file")
	}
	return nil
}
