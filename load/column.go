package load

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// The types of Column.Type that take no parameter; decimals are decimal(precision,scale).
const (
	typeText      = "text"
	typeInteger   = "integer"
	typeBigint    = "bigint"
	typeBoolean   = "boolean"
	typeDate      = "date"
	typeTime      = "time"
	typeTimestamp = "timestamp"
	typeTextList  = "list<text>"
)

// columnType translates DuckDB's name of a type. Time stamps are UTC, with or without a zone in the type.
func columnType(databaseType string) (string, bool) {
	switch databaseType {
	case "VARCHAR":
		return typeText, true
	case "TINYINT", "SMALLINT", "INTEGER":
		return typeInteger, true
	case "BIGINT":
		return typeBigint, true
	case "BOOLEAN":
		return typeBoolean, true
	case "DATE":
		return typeDate, true
	case "TIME":
		return typeTime, true
	case "TIMESTAMP", "TIMESTAMP WITH TIME ZONE":
		return typeTimestamp, true
	case "VARCHAR[]":
		return typeTextList, true
	}
	return strings.ToLower(databaseType), strings.HasPrefix(databaseType, "DECIMAL(")
}

// decimalType reads decimal(precision,scale).
func decimalType(typ string) (precision, scale int, ok bool) {
	digits, found := strings.CutPrefix(typ, "decimal(")
	digits, closed := strings.CutSuffix(digits, ")")
	left, right, both := strings.Cut(digits, ",")
	if !found || !closed || !both {
		return 0, 0, false
	}
	precision, errPrecision := strconv.Atoi(left)
	scale, errScale := strconv.Atoi(right)
	return precision, scale, errPrecision == nil && errScale == nil
}

// parquetColumns reads the columns of a Parquet file in the words of the manifest.
func parquetColumns(root *schema.GroupNode) (columns []Column, err error) {
	defer recoverDecoder(&err)
	columns = make([]Column, root.NumFields())
	for i := range columns {
		field := root.Field(i)
		typ, ok := parquetType(field)
		if !ok {
			return nil, fmt.Errorf("column %q has a type that is not published: %s", field.Name(), field.LogicalType())
		}
		columns[i] = Column{Name: field.Name(), Type: typ}
	}
	return columns, nil
}

func parquetType(node schema.Node) (string, bool) {
	if group, ok := node.(*schema.GroupNode); ok {
		return typeTextList, isTextList(group)
	}
	leaf, ok := node.(*schema.PrimitiveNode)
	if !ok {
		return "", false
	}
	switch logical := leaf.LogicalType().(type) {
	case schema.StringLogicalType:
		return typeText, true
	case schema.DateLogicalType:
		return typeDate, true
	case schema.TimeLogicalType:
		return typeTime, logical.TimeUnit() == schema.TimeUnitMicros
	case schema.TimestampLogicalType:
		return typeTimestamp, logical.TimeUnit() == schema.TimeUnitMicros
	case schema.DecimalLogicalType:
		return fmt.Sprintf("decimal(%d,%d)", logical.Precision(), logical.Scale()), true
	}
	return physicalType(leaf.PhysicalType())
}

func physicalType(physical parquet.Type) (string, bool) {
	switch physical {
	case parquet.Types.Boolean:
		return typeBoolean, true
	case parquet.Types.Int32:
		return typeInteger, true
	case parquet.Types.Int64:
		return typeBigint, true
	}
	return "", false
}

// isTextList tells the three-level list of the Parquet format with a text inside.
// Source: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
func isTextList(group *schema.GroupNode) bool {
	if _, ok := group.LogicalType().(schema.ListLogicalType); !ok || group.NumFields() != 1 {
		return false
	}
	repeated, ok := group.Field(0).(*schema.GroupNode)
	if !ok || repeated.NumFields() != 1 {
		return false
	}
	element, ok := parquetType(repeated.Field(0))
	return ok && element == typeText
}
