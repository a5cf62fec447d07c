package erp

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// form is what a Parquet column holds, by logical type, else by physical type:
// https://github.com/apache/parquet-format/blob/master/LogicalTypes.md
type form struct {
	columnType
	floating bool
	unsigned bool
	uuid     bool
	unit     int64 // nanoseconds of one unit of a time or timestamp
}

// formOf reads the description of a column. The error says why it cannot be read.
func formOf(column *schema.Column) (form, error) {
	switch logical := column.LogicalType().(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return form{}, nil
	case schema.UUIDLogicalType:
		return form{uuid: true}, nil
	case schema.DecimalLogicalType:
		return decimalForm128(logical)
	case schema.DateLogicalType:
		return form{columnType: columnType{kind: dateKind}}, nil
	case schema.IntLogicalType:
		return form{columnType: columnType{kind: integerKind}, unsigned: !logical.IsSigned()}, nil
	case schema.TimeLogicalType:
		return temporal(timeKind, logical.TimeUnit())
	case schema.TimestampLogicalType:
		return temporal(timestampKind, logical.TimeUnit())
	case schema.NullLogicalType, schema.NoLogicalType, nil:
		return physicalForm(column.PhysicalType())
	default:
		return form{}, errors.New("of the type " + logical.String() + ", which cannot be read")
	}
}

// decimalForm128 is named after what the stage has; Parquet allows more digits.
func decimalForm128(logical schema.DecimalLogicalType) (form, error) {
	if logical.Precision() < 1 || logical.Precision() > 38 || logical.Scale() < 0 || logical.Scale() > logical.Precision() {
		return form{}, errors.New("a decimal of more than 38 digits, or of a strange scale")
	}
	return form{columnType: columnType{decimalKind, logical.Precision(), logical.Scale()}}, nil
}

func temporal(kind kind, unit schema.TimeUnitType) (form, error) {
	units := map[schema.TimeUnitType]int64{schema.TimeUnitMillis: 1_000_000, schema.TimeUnitMicros: 1_000, schema.TimeUnitNanos: 1}
	if units[unit] == 0 {
		return form{}, errors.New("a time of an unknown unit")
	}
	return form{columnType: columnType{kind: kind}, unit: units[unit]}, nil
}

func physicalForm(physical parquet.Type) (form, error) {
	switch physical {
	case parquet.Types.ByteArray: // older writers do not mark text; each value must be UTF-8
		return form{}, nil
	case parquet.Types.Boolean:
		return form{columnType: columnType{kind: booleanKind}}, nil
	case parquet.Types.Int32, parquet.Types.Int64:
		return form{columnType: columnType{kind: integerKind}}, nil
	case parquet.Types.Int96: // the timestamp of older Impala, Hive and Spark
		return form{columnType: columnType{kind: timestampKind}, unit: 1}, nil
	case parquet.Types.Float, parquet.Types.Double:
		return form{floating: true}, nil
	}
	return form{}, errors.New("binary data of a fixed length, which is no text")
}

// isText tells values that are characters in the file.
func (f form) isText() bool { return f.kind == textKind && !f.floating && !f.uuid }

// rendersText tells forms that can be written as text without a choice of format.
func (f form) rendersText() bool {
	return f.kind == textKind || f.kind == integerKind || f.kind == decimalKind
}

// becomes tells whether a configured type can be had exactly: text is parsed, a decimal may get more digits.
func (f form) becomes(configured columnType) bool {
	switch {
	case f.isText():
		return true // parsed value by value
	case configured.kind == decimalKind:
		return f.kind == decimalKind || f.kind == integerKind // by way of text, without loss
	}
	return f.columnType == configured
}

// stays tells whether the values go over as they are, not by way of text.
func (f form) stays(target columnType) bool { return f.columnType == target && !f.floating && !f.uuid }

func (f form) describe(column *schema.Column) string {
	if f.floating {
		return column.PhysicalType().String()
	}
	return f.String()
}

// decoder gives the function that reads the column's chunks.
func (c *parquetColumn) decoder(form form, column *schema.Column) func(int64) error {
	switch column.PhysicalType() {
	case parquet.Types.ByteArray:
		if form.kind == decimalKind {
			return decodeWith(c, func(value parquet.ByteArray) error { return c.addBigEndian(value) })
		}
		return decodeWith(c, func(value parquet.ByteArray) error { return c.addText(value) })
	case parquet.Types.FixedLenByteArray:
		if form.uuid {
			return decodeWith(c, func(value parquet.FixedLenByteArray) error { return c.addUUID(value) })
		}
		return decodeWith(c, func(value parquet.FixedLenByteArray) error { return c.addBigEndian(value) })
	case parquet.Types.Boolean:
		return decodeWith(c, func(value bool) error { c.builder.(*array.BooleanBuilder).Append(value); return nil })
	case parquet.Types.Int32:
		return decodeWith(c, func(value int32) error {
			if form.unsigned {
				return c.addInteger(form, int64(uint32(value)))
			}
			return c.addInteger(form, int64(value))
		})
	case parquet.Types.Int64:
		return decodeWith(c, func(value int64) error { return c.addInteger(form, value) })
	case parquet.Types.Int96:
		return decodeWith(c, func(value parquet.Int96) error { return c.addInt96(value) })
	case parquet.Types.Float:
		return decodeWith(c, func(value float32) error { c.addFloat(float64(value), 32); return nil })
	}
	return decodeWith(c, func(value float64) error { c.addFloat(value, 64); return nil })
}

// The days, from 1970-01-01, of the years 1 to 9999, which text and Salesforce have too. Beyond them a published date has
// no four-digit year, and the greatest values of Parquet are infinity to DuckDB.
const (
	firstDay     = -719_162
	lastDay      = 2_932_896
	microsPerDay = 86_400_000_000
)

// addInteger takes what Parquet stores in 32 or 64 bits: integers, decimals, dates, times and timestamps.
func (c *parquetColumn) addInteger(form form, value int64) error {
	switch form.kind {
	case decimalKind:
		return c.addDecimal(decimal128.FromI64(value))
	case dateKind:
		if value < firstDay || value > lastDay {
			return errOutOfRange
		}
		c.builder.(*array.Date32Builder).Append(arrow.Date32(value))
		return nil
	case timeKind, timestampKind:
		return c.addMoment(form, value)
	}
	beyond := form.unsigned && value < 0
	switch {
	case c.builder != nil && beyond:
		return errOutOfRange
	case c.builder != nil:
		c.builder.(*array.Int64Builder).Append(value)
		return nil
	case beyond:
		c.text.data = strconv.AppendUint(c.text.data, uint64(value), 10)
	default:
		c.text.data = strconv.AppendInt(c.text.data, value, 10)
	}
	c.text.end()
	return nil
}

// addMoment brings a time or timestamp to microseconds, exactly.
func (c *parquetColumn) addMoment(form form, value int64) error {
	switch form.unit {
	case 1_000_000:
		if value > math.MaxInt64/1000 || value < math.MinInt64/1000 {
			return errOutOfRange
		}
		value *= 1000
	case 1:
		if value%1000 != 0 {
			return errFinerThanUS
		}
		value /= 1000
	}
	if form.kind == timestampKind {
		if value < firstDay*microsPerDay || value >= (lastDay+1)*microsPerDay {
			return errOutOfRange
		}
		c.builder.(*array.TimestampBuilder).Append(arrow.Timestamp(value))
		return nil
	}
	if value < 0 || value >= microsPerDay {
		return errOutOfRange
	}
	c.builder.(*array.Time64Builder).Append(arrow.Time64(value))
	return nil
}

// addInt96 reads nanoseconds of the day and the Julian day; day 2,440,588 is 1970-01-01.
func (c *parquetColumn) addInt96(value parquet.Int96) error {
	nanos := binary.LittleEndian.Uint64(value[:8])
	days := int64(binary.LittleEndian.Uint32(value[8:])) - 2_440_588
	switch {
	case nanos >= microsPerDay*1000 || days < firstDay || days > lastDay:
		return errOutOfRange
	case nanos%1000 != 0:
		return errFinerThanUS
	}
	c.builder.(*array.TimestampBuilder).Append(arrow.Timestamp(days*microsPerDay + int64(nanos/1000)))
	return nil
}

// addBigEndian reads a decimal in two's complement of any length; beyond 16 bytes only sign may stand.
func (c *parquetColumn) addBigEndian(value []byte) error {
	if len(value) == 0 {
		return errOutOfRange
	}
	fill := byte(int8(value[0]) >> 7)
	for len(value) > 16 {
		if value[0] != fill || value[1]&0x80 != fill&0x80 {
			return errOutOfRange
		}
		value = value[1:]
	}
	var wide [16]byte
	for i := range wide {
		wide[i] = fill
	}
	copy(wide[16-len(value):], value)
	return c.addDecimal(decimal128.New(int64(binary.BigEndian.Uint64(wide[:8])), binary.BigEndian.Uint64(wide[8:])))
}

// leastDecimal has 39 digits, which Arrow does not notice: it is its own negative.
var leastDecimal = decimal128.New(math.MinInt64, 0)

// addDecimal keeps the digits: in the builder, or as text with the full scale of the file.
func (c *parquetColumn) addDecimal(value decimal128.Num) error {
	if !value.FitsInPrecision(c.stored.precision) || value == leastDecimal {
		return errPrecision
	}
	if c.builder != nil {
		c.builder.(*array.Decimal128Builder).Append(value)
		return nil
	}
	c.text.data = appendDecimal(c.text.data, value, int(c.stored.scale))
	c.text.end()
	return nil
}

func appendDecimal(out []byte, value decimal128.Num, scale int) []byte {
	text := value.BigInt().String()
	if text[0] == '-' {
		out, text = append(out, '-'), text[1:]
	}
	for len(text) <= scale {
		text = "0" + text
	}
	out = append(out, text[:len(text)-scale]...)
	if scale > 0 {
		out = append(append(out, '.'), text[len(text)-scale:]...)
	}
	return out
}

func (c *parquetColumn) addUUID(value []byte) error {
	if len(value) != 16 {
		return errOutOfRange
	}
	digits := hex.EncodeToString(value)
	c.text.add([]byte(digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]))
	return nil
}

// addFloat writes the shortest text that reads back as the same number.
func (c *parquetColumn) addFloat(value float64, bits int) {
	c.text.data = strconv.AppendFloat(c.text.data, value, 'f', -1, bits)
	c.text.end()
}
