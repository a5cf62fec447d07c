package load

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// decodeBatch is how many values are decoded at a time: 4,096 byte slices and two level arrays are about 115 kB a
// worker. A page is held whole, except that pages of long texts are streamed by the megabyte.
const decodeBatch = 4096

// visitor is told the text of each row of a column, in order. The text is valid during the call.
type visitor func(text []byte, null bool)

// openParquet opens a file with arrow-go, which shares no code with the writer. The caller closes it.
func openParquet(path string) (reader *file.Reader, err error) {
	source, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = source.Close() // the footer is what is wrong
		}
	}()
	defer recoverDecoder(&err)
	properties := parquet.NewReaderProperties(nil)
	properties.BufferedStreamEnabled = true
	properties.PageStreamingEnabled = true
	return file.NewParquetReader(source, file.WithReadProps(properties))
}

// recoverDecoder makes a panic of the decoder an error: arrow-go panics on some damaged footers and pages.
func recoverDecoder(err *error) {
	if reason := recover(); reason != nil {
		*err = fmt.Errorf("damaged: the decoder stopped: %v", reason)
	}
}

// readColumn decodes one column of one row group, every page of it, and tells how many rows it had.
func readColumn(ctx context.Context, group *file.RowGroupReader, column int, typ string, visit visitor) (rows int64, err error) {
	defer recoverDecoder(&err)
	chunk, err := group.Column(column)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closed := chunk.Close(); err == nil {
			err = closed
		}
	}()
	return readChunk(ctx, chunk, typ, visit)
}

func readChunk(ctx context.Context, chunk file.ColumnChunkReader, typ string, visit visitor) (int64, error) {
	scratch := make([]byte, 0, 64)
	_, scale, _ := decimalType(typ)
	switch reader := chunk.(type) {
	case *file.ByteArrayColumnChunkReader:
		if typ == typeTextList {
			return readTextList(ctx, reader, visit)
		}
		return readFlat(ctx, chunk, reader.ReadBatchInPage, func(v parquet.ByteArray) { visit(v, false) }, visit)
	case *file.BooleanColumnChunkReader:
		return readFlat(ctx, chunk, reader.ReadBatchInPage, func(v bool) { visit(strconv.AppendBool(scratch, v), false) }, visit)
	case *file.Int32ColumnChunkReader:
		text := int32Text(typ, scale)
		return readFlat(ctx, chunk, reader.ReadBatchInPage, func(v int32) { visit(text(scratch, v), false) }, visit)
	case *file.Int64ColumnChunkReader:
		text := int64Text(typ, scale)
		return readFlat(ctx, chunk, reader.ReadBatchInPage, func(v int64) { visit(text(scratch, v), false) }, visit)
	case *file.FixedLenByteArrayColumnChunkReader:
		return readFlat(ctx, chunk, reader.ReadBatchInPage, func(v parquet.FixedLenByteArray) {
			visit(appendWideDecimal(scratch, v, scale), false)
		}, visit)
	}
	return 0, fmt.Errorf("physical type %s is not one that is written", chunk.Type())
}

func int32Text(typ string, scale int) func([]byte, int32) []byte {
	if typ == typeDate {
		return appendDate
	}
	return func(dst []byte, v int32) []byte { return appendDecimal(dst, int64(v), scale) }
}

func int64Text(typ string, scale int) func([]byte, int64) []byte {
	switch typ {
	case typeTimestamp:
		return appendTimestamp
	case typeTime:
		return appendTime
	}
	return func(dst []byte, v int64) []byte { return appendDecimal(dst, v, scale) }
}

// readBatch is a typed ReadBatchInPage of arrow-go. It reads values that are valid until the next call.
type readBatch[T any] func(size int64, values []T, definitions, repetitions []int16) (total int64, read int, err error)

// readFlat reads a column without repetition: one level a row, and a value where the level is the highest.
func readFlat[T any](ctx context.Context, chunk file.ColumnChunkReader, read readBatch[T], value func(T), visit visitor) (rows int64, err error) {
	values, levels := make([]T, decodeBatch), make([]int16, decodeBatch)
	highest := chunk.Descriptor().MaxDefinitionLevel()
	for chunk.HasNext() {
		if ctx.Err() != nil {
			return rows, context.Cause(ctx)
		}
		total, decoded, err := read(decodeBatch, values, levels, nil)
		if err != nil {
			return rows, err
		}
		if total == 0 {
			return rows, fmt.Errorf("a page gives no values after row %d", rows)
		}
		next := 0
		for _, level := range levels[:total] {
			if highest > 0 && level < highest {
				visit(nil, true)
				continue
			}
			value(values[next])
			next++
		}
		if next != decoded {
			return rows, fmt.Errorf("a page has %d values where its levels say %d", decoded, next)
		}
		rows += total
	}
	return rows, chunk.Err()
}

// readTextList reads list<text> and joins each list with semicolons. NULL elements join to nothing.
// Levels: 0 no list, 1 an empty list, 2 a NULL element, 3 an element, as DuckDB makes all three steps optional.
func readTextList(ctx context.Context, chunk *file.ByteArrayColumnChunkReader, visit visitor) (int64, error) {
	values, levels, repetitions := make([]parquet.ByteArray, decodeBatch), make([]int16, decodeBatch), make([]int16, decodeBatch)
	if chunk.Descriptor().MaxDefinitionLevel() != 3 || chunk.Descriptor().MaxRepetitionLevel() != 1 {
		return 0, fmt.Errorf("a list of another shape than is written")
	}
	list := textList{visit: visit}
	for chunk.HasNext() {
		if ctx.Err() != nil {
			return list.rows, context.Cause(ctx)
		}
		total, _, err := chunk.ReadBatchInPage(decodeBatch, values, levels, repetitions)
		if err != nil {
			return list.rows, err
		}
		if total == 0 {
			return list.rows, fmt.Errorf("a page gives no values after row %d", list.rows)
		}
		list.take(levels[:total], repetitions[:total], values)
	}
	list.finish()
	return list.rows, chunk.Err()
}

// textList puts the rows of a list column together; a row may continue in the next batch.
type textList struct {
	visit visitor
	rows  int64
	text  []byte
	null  bool
	some  bool // the row has an element already
}

func (l *textList) take(levels, repetitions []int16, values []parquet.ByteArray) {
	for i, level := range levels {
		if repetitions[i] == 0 {
			l.finish()
			l.rows++
			l.text, l.null, l.some = l.text[:0], level == 0, false
		}
		if level < 3 {
			continue
		}
		if l.some {
			l.text = append(l.text, ';')
		}
		l.text, l.some = append(l.text, values[0]...), true
		values = values[1:]
	}
}

func (l *textList) finish() {
	if l.rows > 0 {
		l.visit(l.text, l.null)
	}
}
