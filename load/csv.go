package load

import (
	"fmt"
	"strings"
)

// csvStatement writes the CSV file from the Parquet file, in its order and without a second sort. An unquoted empty
// field is NULL, the empty string is written as "". DuckDB quotes a text that holds a comma, a quote, CR or LF, or
// equals the null string, and doubles the quotes inside; tests hold it to that. The folders of the path are no columns.
// Source: RFC 4180; https://duckdb.org/docs/stable/sql/statements/copy#csv-options
func csvStatement(files tableFiles) string {
	fields := make([]string, len(files.columns))
	for i, column := range files.columns {
		fields[i] = csvExpression(column) + " AS " + identifier(column.Name)
	}
	return fmt.Sprintf(`COPY (SELECT %s FROM read_parquet(%s, hive_partitioning = false)) TO %s (FORMAT csv, HEADER true, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`,
		strings.Join(fields, ", "), literal(files.parquet), literal(files.csv))
}

// csvExpression is the text of a column where DuckDB's own is not the one promised.
func csvExpression(column Column) string {
	name := identifier(column.Name)
	switch column.Type {
	case typeTimestamp:
		return momentExpression(name, "%Y-%m-%dT%H:%M:%S", "Z")
	case typeTime:
		return momentExpression(name, "%H:%M:%S", "")
	case typeTextList:
		// A list of NULLs would join to NULL, which reads as no list at all.
		return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN coalesce(array_to_string(%s, ';'), '') END", name, name)
	}
	if precision, scale, ok := decimalType(column.Type); ok && precision == scale {
		// DuckDB writes a decimal(2,2) as .05, which not every loader takes for a number.
		return fmt.Sprintf("CASE WHEN %s < 0 THEN '-0' || substr(%s::VARCHAR, 2) ELSE '0' || %s::VARCHAR END", name, name, name)
	}
	return name
}

// momentExpression goes by the microseconds since the epoch and not by a cast: casting a TIMESTAMP WITH TIME ZONE asks
// the ICU extension for the session's time zone. Three patterns give no fraction, milliseconds or microseconds.
func momentExpression(name, pattern, suffix string) string {
	micros := "epoch_us(" + name + ")"
	text := func(fraction string) string {
		return fmt.Sprintf("strftime(make_timestamp(%s), '%s%s%s')", micros, pattern, fraction, suffix)
	}
	return fmt.Sprintf("CASE WHEN %s %% 1000000 = 0 THEN %s WHEN %s %% 1000 = 0 THEN %s ELSE %s END",
		micros, text(""), micros, text(".%g"), text(".%f"))
}
