package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// BeginStage makes an empty stage that keeps a journal: another run can go on with it, see TakeUpStage. Errors are
// *StageError.
func BeginStage(dir string, origin Origin) (*Stage, error) {
	stage, err := CreateStage(dir)
	if err != nil {
		return nil, err
	}
	if err := stage.openJournal(os.O_CREATE | os.O_EXCL); err != nil {
		return nil, err
	}
	err = stage.note(fact{Kind: factBegun, Origin: &origin})
	if failed := syncDirectory(dir); failed != nil {
		err = errors.Join(err, &StageError{Op: "sync", Path: dir, Err: failed})
	}
	if err != nil {
		return nil, errors.Join(err, stage.Close())
	}
	return stage, nil
}

// TakeUpStage goes on with the stage that a dead run left in dir. None of its parts counts before TableWriter.TakeUp
// has read it. Errors are *StageError.
func TakeUpStage(dir, runID string) (*Stage, error) {
	journal, err := ReadJournal(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, journalFile)
	if err := os.Truncate(path, journal.length); err != nil { // a line that was cut
		return nil, &StageError{Op: "write journal", Path: path, Err: err}
	}
	stage := &Stage{dir: dir, kept: journal.tables}
	if err := stage.openJournal(0); err != nil {
		return nil, err
	}
	if err := stage.note(fact{Kind: factTakenUp, RunID: runID}); err != nil {
		return nil, errors.Join(err, stage.Close())
	}
	return stage, nil
}

func (s *Stage) openJournal(flags int) error {
	path := filepath.Join(s.dir, journalFile)
	journal, err := os.OpenFile(path, flags|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return &StageError{Op: "write journal", Path: path, Err: err}
	}
	s.journal = journal
	return nil
}

// LinkStage makes in dir a second stage of the same parts as the recorded one, with its journal. What is done to the
// one does not touch the other. Errors are *StageError.
func LinkStage(recorded, dir string) error {
	err := filepath.WalkDir(recorded, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(recorded, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, name)
		switch {
		case entry.IsDir():
			return os.Mkdir(target, 0o700)
		case name == journalFile, name == stageFile:
			return nil
		}
		return linkPart(path, target)
	})
	if err == nil { // last: without it the second one is nothing that anybody goes on with
		err = copyJournal(recorded, dir)
	}
	if err != nil {
		return &StageError{Op: "link", Path: dir, Err: err}
	}
	return nil
}

// linkPart gives a part a second name. Where the file system knows no such thing it is copied, for good.
func linkPart(part, target string) error {
	err := os.Link(part, target) // parts are replaced, never changed; and only this user writes below state.directory
	without := []error{syscall.EPERM, syscall.ENOTSUP, syscall.ENOSYS, syscall.EXDEV, syscall.EMLINK}
	if !slices.ContainsFunc(without, func(errno error) bool { return errors.Is(err, errno) }) {
		return err
	}
	from, err := os.Open(part)
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := os.OpenFile(target, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Sync(), to.Close())
}

func copyJournal(from, to string) error {
	text, err := readRegular(filepath.Join(from, journalFile))
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(to, journalFile), text)
}

// readRegular reads a file and nothing else: a pipe that somebody put in its place would be waited for, a device read
// without end.
func readRegular(path string) (text []byte, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	return io.ReadAll(file)
}

// ResumeTable goes on with a table of a stage that was taken up, where its schema is still the same, or starts it. Its
// parts count after TakeUp.
func (s *Stage) ResumeTable(source, name string, schema *arrow.Schema) (*TableWriter, error) {
	s.mutex.Lock()
	kept := s.kept[source+"/"+name]
	s.mutex.Unlock()
	if kept == nil || kept.Schema != schemaText(schema) {
		return s.NewTable(source, name, schema)
	}
	table := &TableWriter{stage: s, source: source, name: name, schema: schema, dir: filepath.Join(s.dir, source, name), kept: kept}
	if err := os.MkdirAll(table.dir, 0o700); err != nil {
		return nil, &StageError{Op: "create table", Path: table.dir, Err: err}
	}
	return table, nil
}

// Orphans are the jobs that dead runs created and whose rows no table goes on with, once every table has begun. Nobody but
// the journal knows of them.
func (s *Stage) Orphans(tables []*TableWriter) ([]Job, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.kept == nil {
		return nil, nil // no dead run's stage
	}
	journal, err := ReadJournal(s.dir)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(journal.Jobs(), func(job Job) bool {
		return slices.ContainsFunc(tables, func(t *TableWriter) bool {
			own := journal.Kept(t.key()).Job // none where the table begins anew
			return own != nil && own.ID == job.ID
		})
	}), nil
}

func schemaText(schema *arrow.Schema) string { return schema.String() }

// Kept is what an earlier run left of this table and nobody has looked at yet; false where it left nothing.
func (t *TableWriter) Kept() (Kept, bool) {
	if t.kept == nil {
		return Kept{}, false
	}
	return *t.kept, true
}

// TakeUp reads every part that an earlier run left and keeps those that hold, to the last value, what was written. The
// others, and whatever else stands there, are removed; Whole is then nil. Errors are *StageError or the cause of ctx.
func (t *TableWriter) TakeUp(ctx context.Context) (Kept, error) {
	if t.kept == nil {
		return Kept{}, nil
	}
	known := t.kept.Parts
	found := *t.kept
	found.Parts, t.kept = map[int]KeptPart{}, nil
	for index, part := range known {
		part.File = t.partFile(index)
		err := t.proves(ctx, part)
		if ctx.Err() != nil {
			return Kept{}, context.Cause(ctx)
		}
		if err == nil {
			found.Parts[index] = part
		}
	}
	if len(found.Parts) < len(known) {
		found.Whole = nil
	}
	if err := t.removeStrays(found.Parts); err != nil {
		return Kept{}, err
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for _, part := range found.Parts {
		if part.Rows > 0 {
			t.parts = append(t.parts, part.Part)
		}
	}
	return found, nil
}

func (t *TableWriter) key() string { return t.source + "/" + t.name }

// partFile is the path of a part below the stage.
func (t *TableWriter) partFile(index int) string {
	return filepath.Join(t.source, t.name, fmt.Sprintf("part-%06d.parquet", index))
}

// proves reads a part: size, columns, rows and fingerprint must be those that its writer noted. One of no rows has no
// file.
func (t *TableWriter) proves(ctx context.Context, part KeptPart) error {
	if part.Rows == 0 {
		return nil
	}
	path := filepath.Join(t.stage.dir, part.File)
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Size() != part.Bytes:
		return errors.New("another size")
	}
	if err := part.prove(path); err != nil { // first: the decoder may panic at damaged bytes
		return err
	}
	rows, fingerprint, err := readPart(ctx, path, t.schema)
	switch {
	case err != nil:
		return err
	case rows != part.Rows || fingerprint != part.Fingerprint:
		return errors.New("other rows")
	}
	return nil
}

// readPart decodes a part, which must have the columns wanted.
func readPart(ctx context.Context, path string, want *arrow.Schema) (rows int64, sum Fingerprint, err error) {
	part, err := file.OpenParquetFile(path, false)
	if err != nil {
		return 0, sum, err
	}
	defer func() { _ = part.Close() }() // nothing was written
	reader, err := pqarrow.NewFileReader(part, pqarrow.ArrowReadProperties{BatchSize: textsBatch}, memory.DefaultAllocator)
	if err != nil {
		return 0, sum, err
	}
	schema, err := reader.Schema()
	if err != nil {
		return 0, sum, err
	}
	if !slices.EqualFunc(schema.Fields(), want.Fields(), func(a, b arrow.Field) bool {
		return a.Name == b.Name && arrow.TypeEqual(a.Type, b.Type)
	}) {
		return 0, sum, errors.New("other columns")
	}
	records, err := reader.GetRecordReader(ctx, nil, nil)
	if err != nil {
		return 0, sum, err
	}
	defer records.Release()
	for records.Next() && ctx.Err() == nil {
		batch := records.RecordBatch()
		sum.merge(fingerprintOf(batch))
		rows += batch.NumRows()
	}
	if err := records.Err(); err != nil && !errors.Is(err, io.EOF) {
		return rows, sum, err
	}
	return rows, sum, ctx.Err()
}

// removeStrays removes every file of the table that is none of the parts.
func (t *TableWriter) removeStrays(parts map[int]KeptPart) error {
	entries, err := os.ReadDir(t.dir)
	if err != nil {
		return &StageError{Op: "take up", Path: t.dir, Err: err}
	}
	known := map[string]bool{}
	for _, part := range parts {
		known[filepath.Base(part.File)] = part.Rows > 0
	}
	for _, entry := range entries {
		if known[entry.Name()] {
			continue
		}
		if err := os.RemoveAll(filepath.Join(t.dir, entry.Name())); err != nil {
			return &StageError{Op: "take up", Path: t.dir, Err: err}
		}
	}
	return nil
}

// note appends a fact of this table. No table, for rows that are not staged, has no journal either.
func (t *TableWriter) note(f fact) error {
	if t == nil {
		return nil
	}
	f.Table = t.key()
	return t.stage.note(f)
}

// NoteAsked keeps how the rows are asked for.
func (t *TableWriter) NoteAsked(asked Asked) error {
	return t.note(fact{Kind: factAsked, Asked: &asked})
}

// NoteJob keeps that a job was created, durably: nobody else knows that it has to be deleted.
func (t *TableWriter) NoteJob(job Job) error {
	return t.note(fact{Kind: factJob, Job: &job})
}

// NoteDiscarded keeps that a job was deleted.
func (t *TableWriter) NoteDiscarded(id string) error {
	return t.note(fact{Kind: factDiscarded, Job: &Job{ID: id}})
}

// NoteWhole keeps the proof that the table is complete.
func (t *TableWriter) NoteWhole(query Query) error {
	return t.note(fact{Kind: factWhole, Whole: &query})
}

// Recoverable tells whether another run could go on with this table.
func (t *TableWriter) Recoverable() bool {
	if t == nil {
		return false
	}
	t.stage.mutex.Lock()
	defer t.stage.mutex.Unlock()
	return t.stage.journal != nil
}

// removeUncommitted removes what a dead run staged and this one did not ask for.
func (s *Stage) removeUncommitted() error {
	for name := range s.kept {
		source, table, _ := strings.Cut(name, "/")
		if slices.ContainsFunc(s.tables, func(t Table) bool { return t.Source == source && t.Name == table }) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.dir, source, table)); err != nil {
			return &StageError{Op: "commit", Path: s.dir, Err: err}
		}
	}
	return nil
}
