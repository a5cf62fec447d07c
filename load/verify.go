package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sourcegraph/conc/pool"
)

// Verify checks the files of a publication against the outputs of its manifest: each is there, is a regular file, and
// has the size, the SHA-256, the rows and the columns listed (a page has neither rows nor columns); and no such file is
// there that is not listed. It reads every byte, several files at a time. Errors: *VerifyError for the first file, in
// the order of outputs, that does not hold; *Error where a file cannot be read; the cause of ctx.
func Verify(ctx context.Context, dir string, outputs []Output) error {
	findings := make([]error, len(outputs))
	workers := pool.New().WithMaxGoroutines(runtime.GOMAXPROCS(0))
	for i, output := range outputs {
		workers.Go(func() { findings[i] = verifyOutput(ctx, dir, output) })
	}
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, err := range findings {
		if err != nil {
			return err
		}
	}
	return verifyNothingElse(dir, outputs)
}

func verifyOutput(ctx context.Context, dir string, want Output) error {
	if want.Name != filepath.Base(want.Name) || !isDataFile(want.Name) && !isPage(want.Name) {
		return &VerifyError{File: want.Name, Problem: "is not the name of a data file"}
	}
	path := filepath.Join(dir, want.Name)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &VerifyError{File: want.Name, Problem: "is missing"}
	}
	if err != nil {
		return storageError("stat", path, err)
	}
	if !info.Mode().IsRegular() {
		return &VerifyError{File: want.Name, Problem: "is not a regular file"}
	}
	if info.Size() != want.Bytes {
		return &VerifyError{File: want.Name, Problem: fmt.Sprintf("has %d bytes, the manifest says %d", info.Size(), want.Bytes)}
	}
	if _, sum, err := hashFile(ctx, path); err != nil {
		return err
	} else if sum != want.SHA256 {
		return &VerifyError{File: want.Name, Problem: fmt.Sprintf("has SHA-256 %s, the manifest says %s", sum, want.SHA256)}
	}
	return VerifyContent(ctx, path, want)
}

// VerifyContent holds the manifest itself to account: bytes that are as listed may still be listed with wrong rows or
// columns. Errors: *VerifyError; the cause of ctx.
func VerifyContent(ctx context.Context, path string, want Output) error {
	rows, columns, err := int64(0), want.Columns, error(nil)
	switch {
	case isPage(want.Name):
		columns = nil
	case strings.HasSuffix(want.Name, ".csv"):
		rows, err = countCSV(ctx, path, want.Columns)
	default:
		rows, columns, err = readFooter(path)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return &VerifyError{File: want.Name, Problem: "cannot be read", Err: err}
	case rows != want.Rows:
		return &VerifyError{File: want.Name, Problem: fmt.Sprintf("has %d rows, the manifest says %d", rows, want.Rows)}
	}
	if problem := compareColumns(columns, want.Columns); problem != "" {
		return &VerifyError{File: want.Name, Problem: problem}
	}
	return nil
}

func countCSV(ctx context.Context, path string, columns []Column) (int64, error) {
	source, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { _ = source.Close() }() // nothing was written
	return scanCSV(ctx, source, columns, func(int, field) {})
}

func readFooter(path string) (int64, []Column, error) {
	reader, err := openParquet(path)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = reader.Close() }() // nothing was written
	columns, err := parquetColumns(reader.MetaData().Schema.Root())
	return reader.NumRows(), columns, err
}

func isDataFile(name string) bool {
	return strings.HasSuffix(name, ".parquet") || strings.HasSuffix(name, ".csv")
}

// isPage tells what is published for people to read.
func isPage(name string) bool { return strings.HasSuffix(name, ".html") }

func verifyNothingElse(dir string, outputs []Output) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return storageError("list", dir, err)
	}
	for _, entry := range entries {
		listed := slices.ContainsFunc(outputs, func(o Output) bool { return o.Name == entry.Name() })
		if (isDataFile(entry.Name()) || isPage(entry.Name())) && !listed {
			return &VerifyError{File: entry.Name(), Problem: "is not in the manifest"}
		}
	}
	return nil
}

// compareColumns tells how columns differ from those wanted; empty where they do not.
func compareColumns(got, want []Column) string {
	if len(got) != len(want) {
		return fmt.Sprintf("has %d columns, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			return fmt.Sprintf("column %d is %q (%s), want %q (%s)", i+1, got[i].Name, got[i].Type, want[i].Name, want[i].Type)
		}
	}
	return ""
}

// recordsPerCheck is how many records are scanned between two looks at the context: some milliseconds.
const recordsPerCheck = 10_000

// scanCSV reads a whole CSV file strictly, shows each value, and counts the records after the header.
func scanCSV(ctx context.Context, source io.Reader, columns []Column, visit func(column int, value field)) (int64, error) {
	scanner := newCSVScanner(source)
	if err := scanHeader(scanner, columns); err != nil {
		return 0, err
	}
	for records := int64(0); ; records++ {
		if records%recordsPerCheck == 0 && ctx.Err() != nil {
			return records, context.Cause(ctx)
		}
		err := scanner.eachField(len(columns), visit)
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return records, err
		}
	}
}

func scanHeader(scanner *csvScanner, columns []Column) error {
	problem := ""
	err := scanner.eachField(len(columns), func(column int, value field) {
		if problem == "" && string(value.text) != columns[column].Name {
			problem = fmt.Sprintf("header: column %d is not %q", column+1, columns[column].Name)
		}
	})
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("header: the file is empty")
	case err != nil:
		return err
	case problem != "":
		return errors.New(problem)
	}
	return nil
}

// eachField reads one record of n fields; io.EOF where there is none.
func (s *csvScanner) eachField(n int, visit func(column int, value field)) error {
	for i := range n {
		value, err := s.next(i == 0)
		if err != nil {
			return err
		}
		if value.last != (i == n-1) {
			return fmt.Errorf("record %d: does not have %d fields", s.record, n)
		}
		visit(i, value)
	}
	return nil
}
