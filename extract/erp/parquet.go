package erp

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// Rows of each column that are decoded at a time; between steps the batch may end. The first step of a file is short,
// because nothing is known about the length of its texts.
const (
	stepRows  = 1024
	firstStep = 16
)

// parquetSource reads a Parquet file of flat columns, row group by row group. Types stay what they are in the file:
// integers become 64-bit, times microseconds, and floating-point numbers text, so that no digit is added or lost.
// Identifiers are text whatever their type.
type parquetSource struct {
	plan    *plan
	file    *file.Reader
	reading *parquet.ReaderProperties
	fields  *arrow.Schema
	columns []*parquetColumn
	group   int   // of the open row group, -1 before the first
	left    int64 // its rows that were not read
	rows    int64 // read before this batch
	batched int   // read in this batch
	pace    int64 // rows of the next step
	content int64 // bytes of text
	bytes   int64 // of the file
	deltas  int64 // bytes that the open pages take for deltas
}

// openParquet proves the whole file first (one pass for the checksum), then lets the library read the footer.
func openParquet(plan *plan, from *snapshotFile) (opened source, err error) {
	length, err := checkEnds(plan, from)
	if err != nil {
		return nil, err
	}
	if err := from.finish(); err != nil {
		return nil, err
	}
	defer guard(plan, &err)
	footer, err := readFooter(plan, from, length)
	if err != nil {
		return nil, err
	}
	properties := parquet.NewReaderProperties(memory.DefaultAllocator)
	properties.BufferedStreamEnabled = true // or a column chunk is read whole, however long the footer says it is
	properties.MaxCompressedPageSize = pageLimit
	reader, err := file.NewParquetReader(io.NewSectionReader(from.file, 0, from.before.Size()), file.WithReadProps(properties), file.WithMetadata(footer))
	if err != nil {
		return nil, damagedParquet(plan, err)
	}
	return newParquetSource(plan, reader, properties, from.before.Size())
}

func newParquetSource(plan *plan, reader *file.Reader, properties *parquet.ReaderProperties, bytes int64) (*parquetSource, error) {
	description := reader.MetaData().Schema
	names := make([]string, 0, description.NumColumns())
	for i := range description.NumColumns() {
		column := description.Column(i)
		if column.MaxRepetitionLevel() > 0 || column.MaxDefinitionLevel() > 1 || len(column.ColumnPath()) != 1 {
			return nil, columnProblem(plan, column.Path(), "a list, a map or a struct", "export flat columns, one value a row")
		}
		names = append(names, column.Name())
	}
	if problem := nameProblem(names, true); problem != "" {
		return nil, plan.problem(problem, "correct the names in the export")
	}
	if err := checkColumns(plan, names, place{}); err != nil {
		return nil, err
	}
	opened := &parquetSource{plan: plan, file: reader, reading: properties, group: -1, pace: firstStep, bytes: bytes}
	fields := make([]arrow.Field, 0, len(names))
	for i, name := range names {
		column, err := newParquetColumn(plan, description.Column(i))
		if err != nil {
			return nil, err
		}
		opened.columns = append(opened.columns, column)
		fields = append(fields, arrow.Field{Name: name, Type: column.target.arrowType(), Nullable: true})
	}
	opened.fields = arrow.NewSchema(fields, nil)
	return opened, nil
}

// guard turns a panic of the decoder, which damaged pages can cause, into a refusal of the file.
func guard(plan *plan, err *error) {
	switch cause := recover().(type) {
	case nil:
	case runtime.Error:
		*err = damagedParquet(plan, fmt.Errorf("decoder: %w", cause))
	default:
		*err = damagedParquet(plan, fmt.Errorf("decoder gave up (%T)", cause))
	}
}

func (p *parquetSource) schema() *arrow.Schema { return p.fields }

// records is what the footer says.
func (p *parquetSource) records() int64 { return p.file.NumRows() }

func (p *parquetSource) close() {
	for _, column := range p.columns {
		column.release()
	}
}

// next fills a batch in steps.
func (p *parquetSource) next(ctx context.Context) (batch arrow.RecordBatch, err error) {
	defer guard(p.plan, &err)
	for _, column := range p.columns {
		column.begin()
	}
	p.batched = 0
	for size := 0; p.batched < batchRows && size < batchBytes; {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		more, err := p.openGroup()
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		if size, err = p.step(); err != nil {
			return nil, err
		}
	}
	if p.batched == 0 {
		return nil, p.endOfRows()
	}
	return p.batch()
}

// openGroup makes sure that a row group with rows left is open; false at the end of the file.
func (p *parquetSource) openGroup() (bool, error) {
	for p.left == 0 {
		for _, column := range p.columns {
			if err := column.endChunk(p.plan); err != nil {
				return false, err
			}
		}
		if p.group++; p.group >= p.file.NumRowGroups() {
			p.group = p.file.NumRowGroups()
			return false, nil
		}
		group := p.file.RowGroup(p.group)
		if p.left = group.NumRows(); p.left == 0 {
			continue
		}
		p.deltas = 0
		for i, column := range p.columns {
			chunk, err := p.openChunk(group, i)
			if err != nil {
				return false, damagedParquet(p.plan, err)
			}
			column.chunk = chunk
		}
	}
	return true, nil
}

// openChunk opens the chunk of a column; the library takes over the bound of its pages there.
func (p *parquetSource) openChunk(group *file.RowGroupReader, index int) (file.ColumnChunkReader, error) {
	described, err := group.MetaData().ColumnChunk(index)
	if err != nil {
		return nil, err
	}
	p.reading.MaxUncompressedPageSize = pageBound(described.TotalUncompressedSize(), len(p.columns))
	pages, err := group.GetColumnPageReader(index)
	if err != nil {
		return nil, err
	}
	//nolint:staticcheck // unsafe with another's pool; this is the reader's own, and nothing else takes pages that were looked at
	return file.NewColumnReader(p.file.MetaData().Schema.Column(index), &checkedPages{PageReader: pages, optional: p.columns[index].optional, deltas: &p.deltas}, p.reading.Allocator(), p.file.BufferPool()), nil
}

// step reads the same number of rows from every column and gives the batch's bytes so far.
func (p *parquetSource) step() (int, error) {
	rows := min(p.pace, p.left, int64(batchRows-p.batched))
	size := 0
	for _, column := range p.columns {
		before := column.size()
		if err := column.read(rows); err != nil {
			return 0, p.misread(column, err)
		}
		size += column.size()
		p.content += int64(column.size() - before)
		if err := p.bounded(); err != nil {
			return 0, err
		}
	}
	p.left -= rows
	p.batched += int(rows)
	p.pace = min(max(int64(batchBytes-size)*int64(p.batched)/int64(max(size, 1)), 1), stepRows)
	return size, nil
}

// repetitionFloor is the text, in bytes, from which on its ratio to the file counts: a dictionary holds a value once
// however many rows have it, so that a short file may honestly stand for much text, but not for gigabytes of it.
const repetitionFloor = 1 << 30

func (p *parquetSource) bounded() error {
	limits := p.plan.Limits
	switch {
	case p.content > limits.Content:
		return p.plan.problem("more than "+grouped(limits.Content)+" bytes of text", "split the snapshot")
	case p.content > repetitionFloor && p.content/limits.Ratio > p.bytes:
		return bomb(p.plan, "text")
	}
	return nil
}

// misread places an error of a column: a value that does not fit has a row, a damaged page has none.
func (p *parquetSource) misread(column *parquetColumn, err error) error {
	if bad, ok := err.(*badValue); ok { //nolint:errorlint // the column returns it unwrapped
		return &Error{Path: p.plan.Path, Row: p.rows + int64(bad.row) + 1, Column: column.name, Problem: bad.err.Error(),
			Advice: "correct it in the ERP or in the export", Code: exitInput}
	}
	damaged := damagedParquet(p.plan, err)
	damaged.Column = column.name
	return damaged
}

func (p *parquetSource) batch() (arrow.RecordBatch, error) {
	arrays := make([]arrow.Array, 0, len(p.columns))
	defer func() {
		for _, built := range arrays {
			built.Release()
		}
	}()
	for _, column := range p.columns {
		column.inspect(p.rows)
		built, err := column.array(p.plan)
		if err != nil {
			return nil, p.misread(column, err)
		}
		arrays = append(arrays, built)
	}
	p.rows += int64(p.batched)
	return array.NewRecordBatch(p.fields, arrays, int64(p.batched)), nil
}

// endOfRows is io.EOF, or the damaged identifiers that were counted.
func (p *parquetSource) endOfRows() error {
	for _, column := range p.columns {
		if column.damaged > 0 {
			return scientific(p.plan, column.name, column.damaged, &Error{Row: column.firstDamaged})
		}
	}
	return io.EOF
}
