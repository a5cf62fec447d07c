package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// textsBatch is how many rows of a part are read at once.
const textsBatch = 16_384

// Texts reads one text column of a committed table and gives each value that is not NULL to take, in the order of the
// rows, until take fails. Memory is that of one batch of the one column. Errors are *StageError, that of take, or the
// cause of ctx.
func (s *Stage) Texts(ctx context.Context, table Table, column string, take func(text string) error) error {
	for _, part := range table.Parts {
		path := filepath.Join(s.dir, part.File)
		rows, err := readTexts(ctx, path, column, take)
		if err != nil {
			return err
		}
		if rows != part.Rows {
			return &StageError{Op: "read part", Path: path, Err: fmt.Errorf("part has %d rows, %d were recorded", rows, part.Rows)}
		}
	}
	return nil
}

func readTexts(ctx context.Context, path, column string, take func(string) error) (rows int64, err error) {
	failed := func(err error) error { return &StageError{Op: "read part", Path: path, Err: err} }
	part, err := file.OpenParquetFile(path, false)
	if err != nil {
		return 0, failed(err)
	}
	defer func() { _ = part.Close() }() // nothing was written
	reader, err := pqarrow.NewFileReader(part, pqarrow.ArrowReadProperties{BatchSize: textsBatch}, memory.DefaultAllocator)
	if err != nil {
		return 0, failed(err)
	}
	index := part.MetaData().Schema.ColumnIndexByName(column)
	if index < 0 {
		return 0, failed(fmt.Errorf("no column %q", column))
	}
	records, err := reader.GetRecordReader(ctx, []int{index}, nil)
	if err != nil {
		return 0, failed(err)
	}
	defer records.Release()
	for records.Next() {
		texts, ok := records.RecordBatch().Column(0).(*array.String)
		if !ok {
			return rows, failed(fmt.Errorf("column %q is no text", column))
		}
		if err := takeTexts(texts, take); err != nil {
			return rows, err
		}
		if rows += int64(texts.Len()); ctx.Err() != nil {
			return rows, context.Cause(ctx)
		}
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return rows, failed(err)
	}
	return rows, nil
}

// takeTexts hands out copies: the batch is gone afterwards.
func takeTexts(texts *array.String, take func(string) error) error {
	for i := range texts.Len() {
		if texts.IsNull(i) {
			continue
		}
		if err := take(strings.Clone(texts.Value(i))); err != nil {
			return err
		}
	}
	return nil
}
