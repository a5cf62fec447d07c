package pipeline

import (
	"slices"

	"crosswalk/extract"
	"crosswalk/extract/salesforce"
	"crosswalk/transform"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// recordedFields are the fields of a staged object by name, as its describe had them; described says whether all that
// RecordedField can tell was recorded. A table without parts has none. Its stage was proved: the decoder may panic at a
// damaged footer, or ask for all the memory there is. The error is an *extract.StageError.
func recordedFields(table transform.Relation) (fields map[string]salesforce.Field, described bool, err error) {
	fields = map[string]salesforce.Field{}
	if len(table.Files) == 0 {
		return fields, false, nil
	}
	schema, err := partSchema(table.Files[0])
	if err != nil {
		return nil, false, &extract.StageError{Op: "check", Path: table.Files[0], Err: err}
	}
	described = true
	for _, column := range schema.Fields() {
		field, whole := salesforce.RecordedField(column)
		fields[column.Name] = field
		described = described && whole
	}
	return fields, described, nil
}

// partSchema is the schema of a part as its writer had it.
func partSchema(path string) (*arrow.Schema, error) {
	part, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, err
	}
	defer func() { _ = part.Close() }() // nothing was written
	reader, err := pqarrow.NewFileReader(part, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	return reader.Schema()
}

// holdsNumbers tells a field that gives a text back as it is only where that is a number.
func holdsNumbers(field salesforce.Field) bool {
	return slices.Contains([]string{"double", "int", "long", "currency", "percent"}, field.Type)
}
