package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/zeebo/xxh3"
)

const journalFile = "journal.jsonl"

// Origin says what a stage in the making is made of. A run goes on with the stage of a dead one only where all but
// RunID and BegunAt are equal.
type Origin struct {
	RunID       string    `json:"run_id"`
	RunDate     string    `json:"run_date"`
	Source      string    `json:"source"` // where the rows come from; opaque here
	APIVersion  string    `json:"api_version"`
	ToolVersion string    `json:"tool_version"`
	BegunAt     time.Time `json:"begun_at"`
}

// Asked is how the rows of a table were asked for. Count is what COUNT() said before, in rows.
type Asked struct {
	API   string `json:"api"`
	Query string `json:"query"`
	All   bool   `json:"all"`
	Count int64  `json:"count"`
}

// Job is a Bulk job that somebody has to delete in the end. CreatedAt is as Salesforce wrote it.
type Job struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	CreatedAt string `json:"created_at,omitempty"`
}

// Place is where the rows of a part stand in the answer: the page, how it was asked for, the page that it named as its
// successor, and what was counted on it.
type Place struct {
	Index   int    `json:"index"`
	Page    string `json:"page,omitempty"`
	Next    string `json:"next,omitempty"`
	Deleted int64  `json:"deleted,omitempty"` // rows in the recycle bin
	Proved  bool   `json:"proved,omitempty"`  // the page itself said how many rows it has
}

// KeptPart is a part that an earlier run closed.
type KeptPart struct {
	Place
	Part
}

// Kept is what the journal says of a table. Whole is the evidence of one that was proved to be complete.
type Kept struct {
	Schema string
	Asked  *Asked
	Job    *Job
	Parts  map[int]KeptPart
	Whole  *Query
}

// Rows are the rows of the parts.
func (k Kept) Rows() (sum int64) {
	for _, part := range k.Parts {
		sum += part.Rows
	}
	return sum
}

// fact is one line of the journal.
type fact struct {
	Kind   string    `json:"kind"`
	Table  string    `json:"table,omitempty"`
	Origin *Origin   `json:"origin,omitempty"`
	RunID  string    `json:"run_id,omitempty"`
	Schema string    `json:"schema,omitempty"`
	Asked  *Asked    `json:"asked,omitempty"`
	Job    *Job      `json:"job,omitempty"`
	Part   *KeptPart `json:"part,omitempty"`
	Whole  *Query    `json:"whole,omitempty"`
}

// Kinds of facts.
const (
	factBegun     = "begun"     // the stage
	factTakenUp   = "taken up"  // by another run
	factTable     = "table"     // begins; what was known of it is void
	factAsked     = "asked"     // so are its rows
	factJob       = "job"       // was created for it
	factPart      = "part"      // is closed
	factDropped   = "dropped"   // are its parts, for a query that starts anew
	factWhole     = "whole"     // is the table
	factDiscarded = "discarded" // is a job
)

// Journal is what a stage in the making tells of itself, so that a later run can go on where this one ended. A line is
// a checksum and a fact. One that was cut, at the end, was never written; one that is damaged voids the journal.
type Journal struct {
	Origin  Origin // of the run that began the stage
	LastRun string // id of the run that wrote into it last

	tables map[string]*Kept
	jobs   []Job
	length int64 // bytes that hold
	err    error
}

// ReadJournal reads the journal of the stage in dir. The error is a *StageError; one that is fs.ErrNotExist says that
// there is none. Of a damaged journal the jobs are given all the same: they have to be deleted.
func ReadJournal(dir string) (*Journal, error) {
	path := filepath.Join(dir, journalFile)
	text, err := readRegular(path)
	if err != nil {
		return nil, &StageError{Op: "open", Path: path, Err: err}
	}
	j := &Journal{tables: map[string]*Kept{}}
	for number := 1; ; number++ {
		line, rest, whole := bytes.Cut(text, []byte{'\n'})
		if !whole {
			break
		}
		f, err := decodeFact(line)
		if err == nil && (number == 1) != (f.Kind == factBegun) {
			err = errors.New("no beginning, or a second one")
		}
		if err != nil && len(rest) > 0 {
			j.err = &StageError{Op: "open", Path: path, Err: fmt.Errorf("line %d: %w", number, err)}
		}
		if err == nil {
			j.take(f)
			j.length += int64(len(line)) + 1
		}
		text = rest
	}
	if j.err == nil && j.length == 0 {
		j.err = &StageError{Op: "open", Path: path, Err: errors.New("empty")}
	}
	return j, j.err
}

// Jobs are the jobs that were created and not deleted.
func (j *Journal) Jobs() []Job { return slices.Clone(j.jobs) }

// Tables are the names of the tables that something is known of, as source/name, sorted.
func (j *Journal) Tables() []string {
	names := make([]string, 0, len(j.tables))
	for name := range j.tables {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Kept is what is known of a table, before any of it is looked at.
func (j *Journal) Kept(table string) Kept {
	if kept := j.tables[table]; kept != nil {
		return *kept
	}
	return Kept{}
}

func (j *Journal) take(f fact) {
	table := j.tables[f.Table]
	if table == nil && f.Table != "" {
		table = &Kept{Parts: map[int]KeptPart{}}
		j.tables[f.Table] = table
	}
	switch {
	case f.Kind == factBegun && f.Origin != nil:
		j.Origin, j.LastRun = *f.Origin, f.Origin.RunID
	case f.Kind == factTakenUp:
		j.LastRun = f.RunID
	case f.Kind == factDiscarded && f.Job != nil:
		j.jobs = slices.DeleteFunc(j.jobs, func(job Job) bool { return job.ID == f.Job.ID })
		if table != nil && table.Job != nil && table.Job.ID == f.Job.ID {
			table.Job = nil
		}
	case f.Kind == factJob && f.Job != nil && table != nil:
		table.Job = f.Job
		j.jobs = append(j.jobs, *f.Job)
	case table != nil:
		table.take(f)
	}
}

// take adds a fact that concerns the table alone.
func (k *Kept) take(f fact) {
	switch {
	case f.Kind == factTable:
		*k = Kept{Schema: f.Schema, Parts: map[int]KeptPart{}}
	case f.Kind == factAsked:
		k.Asked = f.Asked
	case f.Kind == factPart && f.Part != nil:
		k.Parts[f.Part.Index] = *f.Part
	case f.Kind == factDropped:
		*k = Kept{Schema: k.Schema, Asked: k.Asked, Parts: map[int]KeptPart{}}
	case f.Kind == factWhole:
		k.Whole = f.Whole
	}
}

const checksumDigits = 16

func encodeFact(f fact) ([]byte, error) {
	text, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s\n", checksumOf(text), text), nil
}

func checksumOf(text []byte) string { return fmt.Sprintf("%0*x", checksumDigits, xxh3.Hash(text)) }

func decodeFact(line []byte) (f fact, err error) {
	checksum, text, _ := bytes.Cut(line, []byte{' '})
	if string(checksum) != checksumOf(text) { // to the letter: capitals would be the same number
		return f, errors.New("checksum does not agree")
	}
	return f, json.Unmarshal(text, &f)
}

// note appends a fact. A stage without a journal takes none.
func (s *Stage) note(f fact) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.journal == nil {
		return nil
	}
	line, err := encodeFact(f)
	if err == nil {
		_, err = s.journal.Write(line)
	}
	if err == nil && (f.Kind == factJob || f.Kind == factBegun) {
		err = s.journal.Sync() // nobody else knows of a job; all other facts are looked at before they are believed
	}
	if err != nil {
		return &StageError{Op: "write journal", Path: s.journal.Name(), Err: err}
	}
	return nil
}

// Close lets go of the journal, which stays. A stage without one takes it too.
func (s *Stage) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.journal == nil {
		return nil
	}
	err := s.journal.Close()
	s.journal = nil
	if err != nil {
		return &StageError{Op: "write journal", Path: s.dir, Err: err}
	}
	return nil
}

// DropTables removes what stands in dir but for the journal: nobody goes on with the rows, and the jobs are still to be
// deleted.
func DropTables(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		if entry.Name() != journalFile {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
		}
	}
	if err != nil {
		return &StageError{Op: "remove tables", Path: dir, Err: err}
	}
	return nil
}

// DropJournal makes the stage in dir one that no run goes on with. It is no error where there is no journal.
func DropJournal(dir string) error {
	err := os.Remove(filepath.Join(dir, journalFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &StageError{Op: "remove journal", Path: dir, Err: err}
	}
	return nil
}
