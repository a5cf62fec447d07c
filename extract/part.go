package extract

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"
)

// TableWriter collects the parts of one table. Its methods are safe for concurrent use.
type TableWriter struct {
	stage  *Stage
	source string
	name   string
	schema *arrow.Schema
	dir    string

	mutex sync.Mutex
	parts []Part
	kept  *Kept // what a dead run left of it, until TakeUp
}

// NewPart starts the part at index, which is the position of its rows in the whole result: equal pages give equal
// parts, whatever the order of arrival. The writer belongs to one goroutine, which must Close or Abort it.
func (t *TableWriter) NewPart(index int) (*PartWriter, error) {
	relative := t.partFile(index)
	path := filepath.Join(t.stage.dir, relative)
	file, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, &StageError{Op: "create part", Path: path, Err: err}
	}
	part := &PartWriter{table: t, file: file, path: path, relative: relative, place: Place{Index: index}, hash: xxh3.New()}
	part.writer, err = pqarrow.NewFileWriter(t.schema, io.MultiWriter(file, part.hash), partProperties(), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		part.Abort()
		return nil, &StageError{Op: "create part", Path: path, Err: err}
	}
	return part, nil
}

// partProperties favour speed: the stage is written once, scanned once or a few times, and never sent anywhere.
// Without dictionaries a value is copied, not hashed; Snappy costs little and keeps thirty nights affordable.
func partProperties() *parquet.WriterProperties {
	return parquet.NewWriterProperties(
		parquet.WithDictionaryDefault(false),
		parquet.WithStats(false),
		parquet.WithCompression(compress.Codecs.Snappy),
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithDataPageSize(1<<20),
	)
}

// Rows are the rows of the parts that were closed.
func (t *TableWriter) Rows() int64 {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return rowsOf(t.parts)
}

// Reset forgets and removes every part, for a query that starts anew. No part may be open.
func (t *TableWriter) Reset() error {
	if err := t.note(fact{Kind: factDropped}); err != nil {
		return err
	}
	if err := t.removeStrays(nil); err != nil {
		return err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.parts, t.kept = nil, nil
	return nil
}

// CommitQuery ends a table that came from Salesforce.
func (t *TableWriter) CommitQuery(query Query) error {
	table := t.table()
	table.Query = &query
	return t.stage.add(table)
}

// CommitAbsent records that the source has no table of that name, though it was asked for: one without a column. What a
// dead run left of it is removed.
func (s *Stage) CommitAbsent(source, name string) error {
	table, err := s.NewTable(source, name, arrow.NewSchema(nil, nil))
	if err != nil {
		return err
	}
	return s.add(table.table())
}

// CommitSnapshot ends a table that came from the ERP.
func (t *TableWriter) CommitSnapshot(snapshot Snapshot) error {
	table := t.table()
	table.Snapshot = &snapshot
	return t.stage.add(table)
}

func (t *TableWriter) table() Table {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	slices.SortFunc(t.parts, func(a, b Part) int { return strings.Compare(a.File, b.File) })
	table := Table{Source: t.source, Name: t.name, Parts: slices.Clone(t.parts), Rows: rowsOf(t.parts)}
	for _, field := range t.schema.Fields() {
		table.Columns = append(table.Columns, Column{Name: field.Name, Type: field.Type.String()})
	}
	for _, part := range t.parts {
		table.Fingerprint.merge(part.Fingerprint)
	}
	return table
}

func rowsOf(parts []Part) int64 {
	var sum int64
	for _, part := range parts {
		sum += part.Rows
	}
	return sum
}

// PartWriter writes one Parquet part under a temporary name.
type PartWriter struct {
	table       *TableWriter
	file        *os.File
	writer      *pqarrow.FileWriter
	path        string
	relative    string
	place       Place
	rows        int64
	fingerprint Fingerprint
	hash        *xxh3.Hasher // of the bytes of the file; a writer of both hides Close, before which the size is asked for
}

// Write appends a batch as one row group. The caller keeps its batch. Errors are *StageError.
func (p *PartWriter) Write(batch arrow.RecordBatch) error {
	if batch.NumRows() == 0 {
		return nil
	}
	if err := p.writer.Write(batch); err != nil {
		return &StageError{Op: "write part", Path: p.path, Err: err}
	}
	p.fingerprint.merge(fingerprintOf(batch))
	p.rows += batch.NumRows()
	return nil
}

// At says where the rows stand in the answer, beside the index of the part, for a run that goes on after this one.
func (p *PartWriter) At(place Place) {
	place.Index = p.place.Index
	p.place = place
}

// Rows are the rows written so far.
func (p *PartWriter) Rows() int64 { return p.rows }

// Close writes the footer, gives the part its name and adds it to the table. A part of no rows leaves no file.
// Parts are not synced one by one: stage.json names their rows and fingerprints, so a part that a power cut took is
// found when it is read. A journal notes the part once it has its name.
func (p *PartWriter) Close() (Part, error) {
	defer p.Abort()
	if p.rows == 0 {
		part := Part{File: p.relative}
		return part, p.note(part)
	}
	err := p.writer.Close()
	p.writer = nil
	size, seekErr := p.file.Seek(0, io.SeekEnd)
	err = errors.Join(err, seekErr, p.file.Close())
	if err == nil {
		err = os.Rename(p.file.Name(), p.path)
	}
	if err != nil {
		return Part{}, &StageError{Op: "close part", Path: p.path, Err: err}
	}
	p.file = nil
	part := Part{File: p.relative, Rows: p.rows, Bytes: size, Fingerprint: p.fingerprint, Checksum: Checksum(p.hash.Sum64())}
	if err := p.note(part); err != nil {
		return Part{}, err
	}
	p.table.mutex.Lock()
	defer p.table.mutex.Unlock()
	p.table.parts = append(p.table.parts, part)
	return part, nil
}

func (p *PartWriter) note(part Part) error {
	return p.table.note(fact{Kind: factPart, Part: &KeptPart{Place: p.place, Part: part}})
}

// Abort removes an unfinished part. After Close it does nothing.
func (p *PartWriter) Abort() {
	if p.writer != nil {
		_ = p.writer.Close() // frees the buffers; the file goes anyway
		p.writer = nil
	}
	if p.file != nil {
		_ = p.file.Close()
		_ = os.Remove(p.file.Name())
		p.file = nil
	}
}
