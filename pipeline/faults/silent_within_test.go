package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Losses within the process: between the decoder and Arrow, Arrow and the stage, the stage and DuckDB, the statements of the
// link, and DuckDB and the written files. They are played by a binary of its own: `go build -overlay` lays changed copies of
// some files over the source, which stays as it is, and testdata/loss.go beside them. LOSS says which row is lost, and where.

// place is where rows pass: a text of a source file, and what stands there in the binary that loses rows.
type place struct{ file, old, lossy string }

// places are all of them. Each text must be there exactly once, so that none is lost when the source changes.
var places = []place{
	{"extract/salesforce/decode_csv.go", "\t\tif p == \"\" {\n\t\t\td.in.pos = next\n", `		if p == "" {
			switch loss.Row("bulk decoder") {
			case "dropped":
				d.in.pos = next
				continue
			case "repeated":
				next = d.in.pos
			}
			d.in.pos = next
`},
	{"extract/salesforce/decode_csv.go", "return array.NewRecordBatch(d.schema, arrays, int64(rows)), nil", `return loss.Batch("bulk batch", array.NewRecordBatch(d.schema, arrays, int64(rows))), nil`},
	{"extract/salesforce/decode_json.go", "\t\td.records++\n", "\t\td.records++\n\t\tbegan := d.text.pos\n"},
	{"extract/salesforce/decode_json.go", "\t\td.row++\n\t\treturn \"\"\n", `		switch loss.Row("rest decoder") {
		case "dropped":
			return ""
		case "repeated":
			d.text.pos = began
			d.row++
			d.records++
			if p := d.record(d.shape, d.row); p != "" {
				return p
			}
		}
		d.row++
		return ""
`},
	{"extract/salesforce/decode_json.go", "return page, array.NewRecordBatch(d.schema, arrays, page.Rows), nil", `return page, loss.Batch("rest batch", array.NewRecordBatch(d.schema, arrays, page.Rows)), nil`},
	{"extract/erp/delimited.go", "\t\td.add()\n", `		switch loss.Row("erp records") {
		case "dropped":
			continue
		case "repeated":
			d.add()
		}
		d.add()
`},
	{"extract/erp/delimited.go", "return array.NewRecordBatch(d.fields, arrays, int64(rows)), nil", `return loss.Batch("erp batch", array.NewRecordBatch(d.fields, arrays, int64(rows))), nil`},
	{"extract/erp/parts.go", "\t\trows += batch.NumRows()\n", "\t\trows += batch.NumRows()\n\t\tbatch = loss.Batch(\"erp parts\", batch)\n"},
	{"extract/part.go", "\tif batch.NumRows() == 0 {\n", "\tbatch = loss.Batch(\"part of \"+p.table.name, batch)\n\tif batch.NumRows() == 0 {\n"},
	{"extract/part.go", "p.writer.Write(batch)", `p.writer.Write(loss.Batch("file of "+p.table.name, batch))`},
	{"transform/bind.go", "\treturn d.fillParameters(ctx, plan)\n", `	if err := d.fillParameters(ctx, plan); err != nil {
		return err
	}
	for _, view := range plan.views() {
		if err := loss.Stored(ctx, d.pool, "scan of "+view.name, view.name); err != nil {
			return err
		}
	}
	return nil
`},
	{"transform/link.go", "\t\tif err := d.run(ctx, statement, plan); err != nil {\n\t\t\treturn nil, err\n\t\t}\n", `		if err := d.run(ctx, statement, plan); err != nil {
			return nil, err
		}
		if err := loss.Written(ctx, d.pool, "table of", statement.name, statement.text); err != nil {
			return nil, err
		}
`},
	{"transform/link.go", "\treturn statementError(ctx, \"view customers\", err)\n", `	if err != nil {
		return err
	}
	if err := loss.Stored(ctx, d.pool, "table of customer_fact", "customer_fact"); err != nil {
		return err
	}
	return loss.Stored(ctx, d.pool, "result of customers", "customers")
`},
	{"load/copy.go", "files.parquet, parquetStatement(table, files.parquet, opts.Metadata))", `files.parquet, loss.Query("parquet of "+table.Name, parquetStatement(table, files.parquet, opts.Metadata), identifier(table.Name), lastText(files.columns)))`},
	{"load/copy.go", "files.csv, csvStatement(files))", `files.csv, loss.Query("csv of "+table.Name, csvStatement(files), "read_parquet("+literal(files.parquet)+", hive_partitioning = false)", lastText(files.columns)))`},
	{"load/copy.go", "func literal(", `func lastText(columns []Column) (name string) {
	for _, column := range columns {
		if column.Type == typeText && !strings.HasPrefix(column.Name, "erp_") {
			name = identifier(column.Name)
		}
	}
	return name
}

func literal(`},
}

// lossy is the binary that loses rows, built once for all that ask for it.
var lossy = sync.OnceValues(func() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(shared, "lossy")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	replaced := map[string]string{filepath.Join(root, "loss", "loss.go"): filepath.Join(root, "pipeline", "faults", "testdata", "loss.go")}
	texts := map[string]string{}
	for _, p := range places {
		text, known := texts[p.file]
		if !known {
			source, err := os.ReadFile(filepath.Join(root, p.file))
			if err != nil {
				return "", err
			}
			text = strings.Replace(string(source), "import (\n", "import (\n\t\"crosswalk/loss\"\n", 1)
		}
		if found := strings.Count(text, p.old); found != 1 {
			return "", fmt.Errorf("%s has %d times, want once: %s", p.file, found, p.old)
		}
		texts[p.file] = strings.Replace(text, p.old, p.lossy, 1)
	}
	for name, text := range texts {
		changed := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", err
		}
		replaced[filepath.Join(root, name)] = changed
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "crosswalk")
	said, err := exec.CommandContext(context.Background(), "go", "build", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, "crosswalk").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the binary that loses rows: %w: %s", err, said)
	}
	return binary, nil
})

// withinWorld has every kind of record in it.
func withinWorld(t *testing.T, api string) *world {
	t.Helper()
	options := optionsWith(47)
	options.RESTPage = 50
	return newWorld(t, &verdict{t: t, codes: map[int]bool{}}, setting{api: api, options: options, config: func(text string) string {
		return strings.NewReplacer("threads: 2", "threads: 1", "  login:", "  notes: true\n  login:").Replace(text) + "contacts: {owner: true, child_accounts: 2, lookups: [Billing_Contact__c]}\n"
	}})
}
