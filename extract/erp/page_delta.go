package erp

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// Bounds of a page of deltas.
const (
	deltaBlock  = 1 << 16    // values that are unpacked at a time; writers choose 32 to 2,048
	deltaMemory = pagesFloor // bytes for the lengths in the open pages of all columns
	deltaCost   = 8          // bytes of a value that is unpacked, or of both its lengths
)

var (
	errDelta     = errors.New("a page of deltas that ends inside a value, or is not of their form")
	errDeltaSize = errors.New("a page of deltas that asks for more than the limit")
)

// checkDeltas looks at a data page of delta encodings before the library does, which takes the memory that the page's
// header asks for: up to 32 GiB for a block of values. Texts that repeat the beginning of the one before take
// what they are long, however few bytes the page has for them. It gives the bytes that are taken while the page is open.
//
// https://github.com/apache/parquet-format/blob/master/Encodings.md
func checkDeltas(page file.Page, optional bool) (int64, error) {
	encoding := parquet.Encoding(page.Encoding())
	switch encoding {
	case parquet.Encodings.DeltaBinaryPacked, parquet.Encodings.DeltaLengthByteArray, parquet.Encodings.DeltaByteArray:
	default:
		return 0, nil
	}
	values, ok := behindLevels(page, optional)
	if !ok {
		return 0, errDelta
	}
	run := deltaRun{data: values}
	if err := run.begin(); err != nil || encoding == parquet.Encodings.DeltaBinaryPacked {
		return deltaCost * run.block, err
	}
	taken := deltaCost * (run.block + run.total)
	if encoding == parquet.Encodings.DeltaLengthByteArray {
		return taken, nil
	}
	prefixes, err := run.sum()
	if err != nil {
		return 0, err
	}
	suffixes := deltaRun{data: run.data}
	if err := suffixes.begin(); err != nil {
		return 0, err
	}
	if prefixes+int64(len(suffixes.data)) > pageLimit { // what follows holds the suffixes
		return 0, errDeltaSize
	}
	return taken + deltaCost*(suffixes.block+suffixes.total), nil
}

// behindLevels is the part of a data page that holds values, of a column whose values may be missing or not.
func behindLevels(page file.Page, optional bool) ([]byte, bool) {
	data, levels := page.Data(), int64(0)
	switch page := page.(type) {
	case *file.DataPageV2:
		levels = int64(page.RepetitionLevelByteLen()) + int64(page.DefinitionLevelByteLen())
	case *file.DataPageV1:
		switch {
		case !optional:
		case page.DefinitionLevelEncoding() == parquet.Encodings.BitPacked:
			levels = (int64(page.NumValues()) + 7) / 8
		case len(data) < 4:
			return nil, false
		default:
			levels = 4 + int64(binary.LittleEndian.Uint32(data))
		}
	default:
		return nil, false
	}
	if levels < 0 || levels > int64(len(data)) {
		return nil, false
	}
	return data[levels:], true
}

// deltaRun walks numbers that are packed as deltas, block by block.
type deltaRun struct {
	data    []byte // what follows
	block   int64  // values of a part of a block
	parts   int64  // of a block
	total   int64
	current int64
}

// begin reads the header.
func (d *deltaRun) begin() error {
	block, parts, total := d.number(), d.number(), d.number()
	d.current = d.signed()
	switch {
	case d.data == nil || parts == 0 || block == 0 || block%parts != 0 || block/parts%32 != 0:
		return errDelta
	case block/parts > deltaBlock || parts > deltaBlock || total > deltaMemory/deltaCost:
		return errDeltaSize
	}
	d.block, d.parts, d.total = int64(block/parts), int64(parts), int64(total)
	return nil
}

// sum adds all numbers, which are lengths of four bytes, and stops behind them. Negative ones are the library's to refuse.
func (d *deltaRun) sum() (int64, error) {
	if d.total == 0 {
		return 0, nil
	}
	sum := max(0, int64(int32(d.current)))
	for left := d.total - 1; left > 0; {
		least := d.signed()
		if d.data == nil || int64(len(d.data)) < d.parts {
			return 0, errDelta
		}
		widths := d.data[:d.parts]
		d.data = d.data[d.parts:]
		for _, width := range widths {
			if left == 0 {
				break
			}
			size := int64(width) * d.block / 8
			if width > 32 || size > int64(len(d.data)) {
				return 0, errDelta
			}
			for i := range min(left, d.block) {
				d.current += least + bitsAt(d.data, i*int64(width), width)
				sum += max(0, int64(int32(d.current)))
			}
			left -= min(left, d.block)
			d.data = d.data[size:]
		}
		if sum > pageLimit {
			return 0, errDeltaSize
		}
	}
	return sum, nil
}

// bitsAt is the number of up to 32 bits at a bit's place, the lowest bit first.
func bitsAt(data []byte, place int64, width byte) int64 {
	if width == 0 {
		return 0
	}
	var eight [8]byte
	copy(eight[:], data[place/8:])
	return int64(binary.LittleEndian.Uint64(eight[:]) >> (place % 8) & (1<<width - 1))
}

// number reads an unsigned varint. A run that has ended, or never had one, has no data any more.
func (d *deltaRun) number() uint64 {
	number, length := binary.Uvarint(d.data)
	if length <= 0 || number > math.MaxInt64 {
		d.data = nil
		return 0
	}
	d.data = d.data[length:]
	return number
}

// signed reads one in zigzag.
func (d *deltaRun) signed() int64 {
	number, length := binary.Uvarint(d.data)
	if length <= 0 {
		d.data = nil
		return 0
	}
	d.data = d.data[length:]
	return int64(number>>1) ^ -int64(number&1)
}
