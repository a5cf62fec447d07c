package salesforce

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The slot of a NULL is zero also in memory that held values before, so that equal rows give equal parts.
func TestNullSlotsAreZero(t *testing.T) {
	t.Parallel()
	fields := []Field{
		{Name: "Int", Type: "int"}, {Name: "Long", Type: "long"}, {Name: "Double", Type: "double", Precision: 18},
		{Name: "Date", Type: "date"}, {Name: "Datetime", Type: "datetime"}, {Name: "Time", Type: "time"}, {Name: "Boolean", Type: "boolean"},
	}
	const rows = 64
	header := "Int,Long,Double,Date,Datetime,Time,Boolean\n"
	values := strings.Repeat("7,7,7,2024-02-29,2024-02-29T00:00:01Z,00:00:01Z,true\n", rows)
	blocks := newRecycler(leakChecked(t))
	defer blocks.close()
	for page, record := range []string{values, strings.Repeat(",,,,,,\n", rows)} {
		d, err := newCSVDecoder(strings.NewReader(header+record), schemaOf(t, fields), "Contact", blocks)
		if err != nil {
			t.Fatal(err)
		}
		batch, err := d.Next()
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range batch.Columns() {
			slots := column.Data().Buffers()[1].Bytes()
			if zero := bytes.Count(slots, []byte{0}) == len(slots); zero != (page == 1) || column.NullN() != page*rows {
				t.Errorf("page %d, %s: %d NULLs, all zero %t", page, fields[i].Name, column.NullN(), zero)
			}
		}
		batch.Release()
		d.Release()
	}
}

// NULLs are kept apart from values on both sides of where the columns grow.
func TestNullsAcrossGrowth(t *testing.T) {
	t.Parallel()
	const rows = 3*firstRows + 5
	var page strings.Builder
	page.WriteString("Id,Flag\n")
	for i := range rows {
		fmt.Fprintf(&page, "%s,%s\n", []string{"", "x"}[i%2], []string{"true", "", "false"}[i%3])
	}
	schema := schemaOf(t, append(textFields("Id"), Field{Name: "Flag", Type: "boolean"}))
	got, err := decodeCSV(t, strings.NewReader(page.String()), schema, maxRecordBytes)
	if err != nil || len(got) != rows {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, row := range got {
		if row[0] != []string{null, "x"}[i%2] || row[1] != []string{"true", null, "false"}[i%3] {
			t.Fatalf("row %d: %q", i, row)
		}
	}
}
