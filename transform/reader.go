package transform

import (
	"fmt"
	"path/filepath"
	"strings"
)

// reader is the table function over the files of a relation: Parquet parts, as the stage has them, or delimited text
// with a header, whose columns are of the types that the relation says. Text is there to be compared with: it is what
// a link without a stage would read. A folder of the path that is called key=value is no column: DuckDB would put its
// value in the place of what the file holds.
func (r Relation) reader() string {
	files := make([]string, 0, len(r.Files))
	for _, file := range r.Files {
		files = append(files, quoteText(file))
	}
	list := "[" + strings.Join(files, ", ") + "]"
	if !r.isText() {
		return "read_parquet(" + list + ", hive_partitioning = false)"
	}
	columns := make([]string, 0, len(r.Columns))
	for _, column := range r.Columns {
		columns = append(columns, quoteText(column.Name)+": "+quoteText(column.sqlType()))
	}
	return fmt.Sprintf(`read_csv(%s, header = true, auto_detect = false, hive_partitioning = false, delim = ',', quote = '"', escape = '"', columns = {%s})`, list, strings.Join(columns, ", "))
}

func (r Relation) isText() bool { return len(r.Files) > 0 && filepath.Ext(r.Files[0]) == ".csv" }

// rowNumber numbers the rows of a snapshot: the file's place in the list and the row's place in the file. The number
// joins the narrow tables with the ERP's columns and shows nowhere.
func (r Relation) rowNumber() expression {
	number := "CAST(file_index AS BIGINT) * 4294967296 + CAST(file_row_number AS BIGINT)"
	if r.isText() {
		number = "row_number() OVER ()" // in the order of the file, which insertion order keeps
	}
	return expression{number, "customer_row", "BIGINT"}
}
