package erp

import (
	"fmt"
	"slices"
	"strings"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
)

// A schema with this key came from a text file, where a column without a configured type is text.
const metadataFormat, formatDelimited = "erp.format", "delimited"

func delimitedMark() *arrow.Metadata {
	mark := arrow.NewMetadata([]string{metadataFormat}, []string{formatDelimited})
	return &mark
}

// IsDelimited tells whether a part with this schema came from a text file. One that an older version staged says nothing.
func IsDelimited(schema *arrow.Schema) bool {
	format, _ := schema.Metadata().GetValue(metadataFormat)
	return format == formatDelimited
}

// Differs says where the columns of a recorded snapshot are others than Read stages by these options, "" where they are not;
// delimited says that it was a text file. Errors are *Error with exit code 2.
func Differs(options Options, columns []extract.Column, delimited bool) (problem string, err error) {
	plan, err := newPlan(options)
	if err != nil {
		return "", err
	}
	var absent []string
	for _, name := range plan.columnsAskedFor() {
		if !slices.ContainsFunc(columns, func(column extract.Column) bool { return column.Name == name }) {
			absent = append(absent, quoted(name))
		}
	}
	if len(absent) > 0 {
		return "no column " + strings.Join(absent, ", ") + " in the stage", nil
	}
	for _, column := range columns {
		_, typed := plan.types[column.Name]
		want := plan.typeOf(column.Name)
		if (typed || delimited || plan.isIdentifier(column.Name)) && column.Type != want.arrowType().String() {
			return fmt.Sprintf("column %s is %s in the stage, the configuration has %s", quoted(column.Name), stagedAs(column.Type), want), nil
		}
	}
	return "", nil
}

// stagedAs is a type as the stage lists it, in the words of erp.types where it is text.
func stagedAs(kind string) string {
	if kind == arrow.BinaryTypes.String.String() {
		return columnType{}.String()
	}
	return kind
}
