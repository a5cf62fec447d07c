package erp

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// A batch ends at whichever comes first.
const (
	batchRows  = 65_536
	batchBytes = 16 << 20
)

// textColumn collects the values of one column as Arrow lays them out, without a call into Arrow a value.
type textColumn struct {
	offsets  []int32
	data     []byte
	validity []byte // one bit a row, 1 for a value; all are 1 until a row is NULL
	nulls    int
}

func newTextColumn(expected int) *textColumn {
	column := &textColumn{offsets: make([]int32, 1, batchRows+1), data: make([]byte, 0, expected), validity: make([]byte, batchRows/8)}
	for i := range column.validity {
		column.validity[i] = 0xff
	}
	return column
}

func (c *textColumn) rows() int { return len(c.offsets) - 1 }

func (c *textColumn) add(value []byte) {
	c.data = append(c.data, value...)
	c.offsets = append(c.offsets, int32(len(c.data)))
}

func (c *textColumn) addNull() {
	bitutil.ClearBit(c.validity, c.rows())
	c.offsets = append(c.offsets, int32(len(c.data)))
	c.nulls++
}

// end closes a value that was appended to data directly.
func (c *textColumn) end() { c.offsets = append(c.offsets, int32(len(c.data))) }

// addEscaped halves doubled quotes.
func (c *textColumn) addEscaped(value []byte) {
	for i := 0; i < len(value); i++ {
		c.data = append(c.data, value[i])
		if value[i] == '"' {
			i++
		}
	}
	c.end()
}

func (c *textColumn) value(row int) []byte { return c.data[c.offsets[row]:c.offsets[row+1]] }

// text hands the column over as an Arrow array; the column must not be used afterwards.
func (c *textColumn) text() arrow.Array {
	var validity *memory.Buffer
	if c.nulls > 0 {
		validity = memory.NewBufferBytes(c.validity)
	}
	buffers := []*memory.Buffer{validity, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)), memory.NewBufferBytes(c.data)}
	data := array.NewData(arrow.BinaryTypes.String, c.rows(), buffers, nil, c.nulls, 0)
	defer data.Release()
	return array.NewStringData(data)
}

// badValue is a value that is not of its column's type; the reader adds the place.
type badValue struct {
	row int
	err error
}

// Error is the cause, as its reader told it.
func (b *badValue) Error() string { return b.err.Error() }

// as converts the column to a configured type. Nothing and the empty string are NULL there. The error is a *badValue.
func (c *textColumn) as(target columnType, point byte) (arrow.Array, error) {
	switch target.kind {
	case decimalKind:
		builder := array.NewDecimal128Builder(memory.DefaultAllocator, target.arrowType().(*arrow.Decimal128Type))
		defer builder.Release()
		return convert(c, builder, builder.Append, func(text []byte) (decimal128.Num, error) {
			return parseDecimal(text, point, target.precision, target.scale)
		})
	case integerKind:
		builder := array.NewInt64Builder(memory.DefaultAllocator)
		defer builder.Release()
		return convert(c, builder, builder.Append, parseInteger)
	case dateKind:
		builder := array.NewDate32Builder(memory.DefaultAllocator)
		defer builder.Release()
		return convert(c, builder, func(days int32) { builder.Append(arrow.Date32(days)) }, parseDate)
	case timestampKind:
		builder := array.NewTimestampBuilder(memory.DefaultAllocator, target.arrowType().(*arrow.TimestampType))
		defer builder.Release()
		return convert(c, builder, func(micros int64) { builder.Append(arrow.Timestamp(micros)) }, parseTimestamp)
	case booleanKind:
		builder := array.NewBooleanBuilder(memory.DefaultAllocator)
		defer builder.Release()
		return convert(c, builder, builder.Append, parseBoolean)
	}
	return c.text(), nil
}

func convert[T any](column *textColumn, builder array.Builder, add func(T), parse func([]byte) (T, error)) (arrow.Array, error) {
	builder.Reserve(column.rows())
	for row := range column.rows() {
		text := column.value(row)
		if len(text) == 0 {
			builder.AppendNull()
			continue
		}
		value, err := parse(text)
		if err != nil {
			return nil, &badValue{row, err}
		}
		add(value)
	}
	return builder.NewArray(), nil
}
