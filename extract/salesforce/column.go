package salesforce

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// reading is how a column reads a value.
type reading uint8

const (
	readText       reading = iota // as it is
	readNumberText                // identifier kept in a number field: rendered at the describe's scale
	readMomentText                // identifier kept in a datetime field: Bulk and REST spell it differently
	readLiteral                   // text of a field that JSON may write without quotes
	readBoolean
	readInt32
	readInt64
	readDecimal
	readDate
	readTimestamp
	readTime
)

const (
	invalidText problem = "text that is not UTF-8"
	noFlag      problem = "no value, where Salesforce always has one"
)

// column builds one Arrow array in buffers of its own. Arrow's builders check and copy for each value; here the
// decoder writes values where they stay.
//
// Rows are addressed by number and hold nothing beyond their own slots, so a record that turns out to be incomplete is
// forgotten by decoding it once more from its start.
type column struct {
	name      string
	kind      arrow.DataType
	reading   reading
	copies    bool // the text of a CSV value is the value
	flag      bool // tells what lies in the recycle bin, and is never NULL
	precision int
	scale     int

	mem   memory.Allocator
	fixed *memory.Buffer // values, or offsets into text
	text  *memory.Buffer
	valid *memory.Buffer // nil until the first NULL

	rows    int     // slots reserved
	expect  int     // bytes of text in the batch before
	offsets []int32 // the views of the buffers
	bytes   []byte
	int32s  []int32
	int64s  []int64
	decs    []decimal128.Num
	scratch []byte
}

// newColumns makes a column for each field of the schema. The error names a field of a type that is not decoded here.
func newColumns(schema *arrow.Schema, mem memory.Allocator) ([]column, error) {
	columns := make([]column, schema.NumFields())
	for i, f := range schema.Fields() {
		c := &columns[i]
		c.name, c.kind, c.mem = f.Name, f.Type, mem
		if err := c.choose(f); err != nil {
			return nil, err
		}
		c.copies = c.reading == readText || c.reading == readLiteral
	}
	return columns, nil
}

func (c *column) choose(f arrow.Field) error {
	switch kind := f.Type.(type) {
	case *arrow.StringType:
		return c.chooseText(f)
	case *arrow.BooleanType:
		c.reading, c.flag = readBoolean, f.Name == "IsDeleted"
	case *arrow.Int32Type:
		c.reading = readInt32
	case *arrow.Int64Type:
		c.reading = readInt64
	case *arrow.Decimal128Type:
		c.reading, c.precision, c.scale = readDecimal, int(kind.Precision), int(kind.Scale)
	case *arrow.Date32Type:
		c.reading = readDate
	case *arrow.TimestampType:
		c.reading = readTimestamp
	case *arrow.Time64Type:
		c.reading = readTime
	default:
		return &FieldTypeError{Field: f.Name, Type: f.Type.String(), Problem: "not decoded"}
	}
	return nil
}

// chooseText looks at what the describe said: an identifier is text here and may be anything in Salesforce.
func (c *column) chooseText(f arrow.Field) error {
	described, _ := f.Metadata.GetValue(metadataType)
	switch described {
	case typeDouble, typeCurrency, typePercent, typeInt, typeLong:
		c.reading, c.precision = readNumberText, maxDecimalDigits
		if text, ok := f.Metadata.GetValue(metadataScale); ok {
			scale, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("field %s: %s in its metadata: %w", f.Name, metadataScale, err)
			}
			c.scale = min(max(scale, 0), maxDecimalDigits)
		}
	case typeDatetime:
		c.reading = readMomentText
	case typeBoolean, typeAny:
		c.reading = readLiteral
	default:
		c.reading = readText
	}
	return nil
}

// isText tells whether the array is of text, whatever the source was.
func (c *column) isText() bool { return c.reading <= readLiteral }

func (c *column) width() int {
	switch c.reading {
	case readInt64, readTimestamp, readTime:
		return arrow.Int64SizeBytes
	case readDecimal:
		return arrow.Decimal128SizeBytes
	default:
		return arrow.Int32SizeBytes // offsets too
	}
}

// reserve makes room for rows in all, and for as much text as the batch before had.
func (c *column) reserve(rows int) {
	if c.fixed == nil {
		c.fixed = memory.NewResizableBuffer(c.mem)
		c.text = memory.NewResizableBuffer(c.mem)
	}
	if rows <= c.rows {
		return
	}
	c.rows = rows
	if c.reading == readBoolean {
		c.fixed.ResizeNoShrink(int(bitutil.BytesForBits(int64(rows))))
	} else {
		c.fixed.ResizeNoShrink((rows + 1) * c.width())
	}
	values := c.fixed.Bytes()
	switch {
	case c.isText():
		c.offsets = arrow.Int32Traits.CastFromBytes(values)
		c.offsets[0] = 0
		c.grow(c.expect)
	case c.reading == readBoolean:
		c.bytes = values
	case c.reading == readDecimal:
		c.decs = arrow.Decimal128Traits.CastFromBytes(values)
	case c.width() == arrow.Int64SizeBytes:
		c.int64s = arrow.Int64Traits.CastFromBytes(values)
	default:
		c.int32s = arrow.Int32Traits.CastFromBytes(values)
	}
	if c.valid != nil {
		c.resizeValid()
	}
}

// grow makes room for size bytes of text in all.
func (c *column) grow(size int) {
	if size > len(c.bytes) {
		c.text.ResizeNoShrink(max(size, 2*len(c.bytes), 4096))
		c.bytes = c.text.Buf()
	}
}

// setNull makes the row NULL. Its value is zero, so that equal rows give equal buffers.
func (c *column) setNull(row int) {
	if c.valid == nil {
		c.valid = memory.NewResizableBuffer(c.mem)
		c.resizeValid()
	}
	bitutil.ClearBit(c.valid.Bytes(), row)
	switch {
	case c.isText():
		c.offsets[row+1] = c.offsets[row]
	case c.reading == readBoolean:
		bitutil.ClearBit(c.bytes, row)
	case c.decs != nil:
		c.decs[row] = decimal128.Num{}
	case c.int64s != nil:
		c.int64s[row] = 0
	default:
		c.int32s[row] = 0
	}
}

func (c *column) isNull(row int) bool {
	return c.valid != nil && bitutil.BitIsNotSet(c.valid.Bytes(), row)
}

// resizeValid follows the reserved rows. New slots are valid until they are set NULL.
func (c *column) resizeValid() {
	known := c.valid.Len()
	c.valid.ResizeNoShrink(int(bitutil.BytesForBits(int64(c.rows))))
	for i, bits := known, c.valid.Bytes(); i < len(bits); i++ {
		bits[i] = 0xff
	}
}

// set reads the row's value from text, which is not empty. It keeps no part of text.
func (c *column) set(row int, text []byte) (p problem) {
	switch c.reading {
	case readText, readLiteral:
		return c.setText(row, text)
	case readNumberText:
		var value decimal128.Num
		if value, p = parseDecimal(text, c.precision, c.scale); p != "" {
			return p
		}
		c.scratch = appendDecimal(c.scratch[:0], value, c.scale)
		return c.setText(row, c.scratch)
	case readMomentText:
		var value int64
		if value, p = parseTimestamp(text); p != "" {
			return p
		}
		layout := "2006-01-02T15:04:05.000Z"
		if value%1000 != 0 {
			layout = "2006-01-02T15:04:05.000000Z" // Salesforce keeps milliseconds, but nothing is dropped if that changes
		}
		c.scratch = arrow.Timestamp(value).ToTime(arrow.Microsecond).AppendFormat(c.scratch[:0], layout)
		return c.setText(row, c.scratch)
	case readBoolean:
		var value bool
		value, p = parseBoolean(text)
		bitutil.SetBitTo(c.bytes, row, value)
	case readInt32:
		var value int64
		value, p = parseInteger(text, 32)
		c.int32s[row] = int32(value)
	case readInt64:
		c.int64s[row], p = parseInteger(text, 64)
	case readDecimal:
		c.decs[row], p = parseDecimal(text, c.precision, c.scale)
	case readDate:
		c.int32s[row], p = parseDate(text)
	case readTimestamp:
		c.int64s[row], p = parseTimestamp(text)
	case readTime:
		c.int64s[row], p = parseTime(text)
	}
	return p
}

// setText makes text the value of the row, as it is.
func (c *column) setText(row int, text []byte) problem {
	if !utf8.Valid(text) {
		return invalidText
	}
	c.putText(row, text)
	return ""
}

// putText is setText for text that is known to be UTF-8.
func (c *column) putText(row int, text []byte) {
	start := int(c.offsets[row])
	c.grow(start + len(text))
	copy(c.bytes[start:], text)
	c.offsets[row+1] = int32(start + len(text))
}

// array hands the first rows over as an Arrow array and leaves the column empty. The caller releases the array.
func (c *column) array(rows int) arrow.Array {
	c.reserve(rows)
	buffers := []*memory.Buffer{nil, c.fixed}
	if c.isText() {
		size := 0
		if rows > 0 {
			size = int(c.offsets[rows])
		}
		c.expect = size
		c.text.ResizeNoShrink(size)
		c.fixed.ResizeNoShrink((rows + 1) * c.width())
		buffers = append(buffers, c.text)
	} else if c.reading == readBoolean {
		c.fixed.ResizeNoShrink(int(bitutil.BytesForBits(int64(rows))))
	} else {
		c.fixed.ResizeNoShrink(rows * c.width())
	}
	nulls := 0
	if c.valid != nil {
		c.valid.ResizeNoShrink(int(bitutil.BytesForBits(int64(rows))))
		nulls = rows - bitutil.CountSetBits(c.valid.Bytes(), 0, rows)
		buffers[0] = c.valid
	}
	data := array.NewData(c.kind, rows, buffers, nil, nulls, 0)
	defer data.Release()
	defer c.release()
	return array.MakeFromData(data)
}

// release lets go of the buffers of a batch that was begun.
func (c *column) release() {
	for _, buffer := range []*memory.Buffer{c.fixed, c.text, c.valid} {
		if buffer != nil {
			buffer.Release()
		}
	}
	c.fixed, c.text, c.valid = nil, nil, nil
	c.rows, c.offsets, c.bytes, c.int32s, c.int64s, c.decs = 0, nil, nil, nil, nil, nil
}
