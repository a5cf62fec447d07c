package salesforce

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// extracted is what an extract left behind.
type extracted struct {
	query extract.Query
	ids   []string
	err   error
}

var selected = []string{"Id", "IsDeleted", "Name"}

// extractAccounts runs a whole extract into a stage on disk and reads the stage back.
func extractAccounts(ctx context.Context, t *testing.T, c *Client, change func(*Request)) extracted {
	t.Helper()
	describe, err := c.Describe(ctx, "Account")
	if err != nil {
		return extracted{err: err}
	}
	schema, err := c.Schema(ctx, describe, selected, nil)
	if err != nil {
		return extracted{err: err}
	}
	stage, err := extract.CreateStage(filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("salesforce", "Account", schema)
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Object: "Account", Schema: schema}
	if change != nil {
		change(&r)
	}
	query, err := extracting(ctx, c, r, table)
	if err != nil {
		return extracted{err: err}
	}
	if err := table.CommitQuery(query); err != nil {
		t.Fatal(err)
	}
	committed, err := stage.Table("salesforce", "Account")
	if err != nil {
		t.Fatal(err)
	}
	got := extracted{query: query}
	for _, path := range stage.Files(committed) {
		got.ids = append(got.ids, idsOf(t, path)...)
	}
	return got
}

func idsOf(t *testing.T, path string) (ids []string) {
	t.Helper()
	opened, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = opened.Close() }()
	reader, err := file.NewParquetReader(opened)
	if err != nil {
		t.Fatal(err)
	}
	parquet, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := parquet.ReadTable(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	for _, chunk := range table.Column(0).Data().Chunks() {
		for i := range chunk.Len() {
			ids = append(ids, chunk.(*array.String).Value(i))
		}
	}
	return ids
}

// recovered asserts that every row arrived, once, at its place, and that the evidence says so.
func (e extracted) recovered(t *testing.T, rows int) {
	t.Helper()
	if e.err != nil {
		t.Fatalf("extract: %v", e.err)
	}
	if len(e.ids) != rows {
		t.Fatalf("staged %d rows, want %d", len(e.ids), rows)
	}
	for i, id := range e.ids {
		if id != rowID(i) {
			t.Fatalf("row %d is %s, want %s", i, id, rowID(i))
		}
	}
	want := int64(rows)
	if q := e.query; q.Received != want || q.Staged != want || q.Announced != want {
		t.Errorf("evidence %+v, want %d rows announced, received and staged", q, rows)
	}
}

// refusedWith asserts exit code and text of an error, and that no secret stands in it.
func refusedWith(t *testing.T, err error, exit int, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	var coded interface{ ExitCode() int }
	if !errors.As(err, &coded) || coded.ExitCode() != exit {
		t.Errorf("exit code of %q: want %d, got %v", err, exit, coded)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not contain %q", err, text)
		}
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("error %q holds a secret", err)
	}
	var hinted interface{ Hint() string }
	if !errors.As(err, &hinted) || hinted.Hint() == "" {
		t.Errorf("error %q has no hint", err)
	}
}

// failure is the *Error in err. Where there is none, the test has ended.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	var found *Error
	if !errors.As(err, &found) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return found
}

// extracting begins an extraction, asks whether the quota has room for it, and reads it.
func extracting(ctx context.Context, c *Client, r Request, table *extract.TableWriter) (extract.Query, error) {
	e, err := c.Begin(ctx, r, table)
	if err != nil {
		return extract.Query{}, err
	}
	if err := c.Forecast(e); err != nil {
		return extract.Query{}, err
	}
	return e.Read(ctx)
}
