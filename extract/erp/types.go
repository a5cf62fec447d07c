package erp

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

type kind int

const (
	textKind kind = iota
	decimalKind
	integerKind
	dateKind
	timestampKind
	timeKind // only from Parquet
	booleanKind
)

// columnType is a configured type. precision and scale count decimal digits.
type columnType struct {
	kind             kind
	precision, scale int32
}

var decimalForm = regexp.MustCompile(`^decimal\(([0-9]{1,2}),([0-9]{1,2})\)$`)

// parseType reads a type as erp.types has it.
func parseType(text string) (columnType, error) {
	word := strings.ToLower(strings.Join(strings.Fields(text), ""))
	simple := map[string]kind{"text": textKind, "integer": integerKind, "date": dateKind, "timestamp": timestampKind, "boolean": booleanKind}
	if known, ok := simple[word]; ok {
		return columnType{kind: known}, nil
	}
	parts := decimalForm.FindStringSubmatch(word)
	if parts == nil {
		return columnType{}, errors.New("unknown type " + quoted(text))
	}
	precision, _ := strconv.ParseInt(parts[1], 10, 32) // one or two digits
	scale, _ := strconv.ParseInt(parts[2], 10, 32)
	if precision < 1 || precision > 38 || scale > precision {
		return columnType{}, errors.New(quoted(text) + " is out of range: 1 to 38 digits, of which scale are behind the point")
	}
	return columnType{decimalKind, int32(precision), int32(scale)}, nil
}

// arrowType is how the stage holds the type.
func (t columnType) arrowType() arrow.DataType {
	switch t.kind {
	case decimalKind:
		return &arrow.Decimal128Type{Precision: t.precision, Scale: t.scale}
	case integerKind:
		return arrow.PrimitiveTypes.Int64
	case dateKind:
		return arrow.FixedWidthTypes.Date32
	case timestampKind:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case timeKind:
		return arrow.FixedWidthTypes.Time64us
	case booleanKind:
		return arrow.FixedWidthTypes.Boolean
	}
	return arrow.BinaryTypes.String
}

// String is the type as erp.types spells it.
func (t columnType) String() string {
	switch t.kind {
	case decimalKind:
		return "decimal(" + strconv.Itoa(int(t.precision)) + "," + strconv.Itoa(int(t.scale)) + ")"
	case integerKind:
		return "integer"
	case dateKind:
		return "date"
	case timestampKind:
		return "timestamp"
	case timeKind:
		return "time"
	case booleanKind:
		return "boolean"
	}
	return "text"
}
