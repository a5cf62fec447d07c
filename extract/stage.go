// Package extract holds the stage: the folder of Parquet parts that stands between the sources and the link.
//
// Every source turns its rows into Arrow record batches and writes them, concurrently, as parts of a table. So memory
// stays flat, an interrupted run leaves whole parts behind, a recorded stage is the input of a backfill, and DuckDB
// scans it in parallel. stage.json is written last and lists every part with its rows and fingerprint: a folder
// without it is not a stage.
package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/zeebo/xxh3"
)

const (
	stageFile          = "stage.json"
	stageSchemaVersion = 1
)

// Column is one column of a staged table. Type is the Arrow type as text, such as "utf8" or "decimal128(18, 2)".
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Part is one Parquet file of a table. File is relative to the stage; Bytes is its size on disk, Checksum that of its bytes.
type Part struct {
	File        string      `json:"file"`
	Rows        int64       `json:"rows"`
	Bytes       int64       `json:"bytes"`
	Fingerprint Fingerprint `json:"fingerprint"`
	Checksum    Checksum    `json:"checksum,omitzero"`
}

// Query is the evidence that an object of Salesforce arrived whole. Counts are rows; CountQuery is the answer to
// COUNT(), Announced what the job or the cursor said it holds, Received what was decoded, Staged what stands in parts,
// Deleted how many of those are in the recycle bin. They go into the manifest as they are.
type Query struct {
	Object     string   `json:"object"`
	API        string   `json:"api"`
	Query      string   `json:"query"`
	JobIDs     []string `json:"job_ids"`
	CountQuery int64    `json:"count_query"`
	Announced  int64    `json:"announced"`
	Received   int64    `json:"received"`
	Staged     int64    `json:"staged"`
	Deleted    int64    `json:"deleted"`
}

// Snapshot is the evidence of an ERP file: its name, size in bytes, SHA-256 of the bytes as read, time of last
// modification (UTC) and rows.
type Snapshot struct {
	File       string    `json:"file"`
	Bytes      int64     `json:"bytes"`
	SHA256     string    `json:"sha256"`
	ModifiedAt time.Time `json:"modified_at"`
	Rows       int64     `json:"rows"`
}

// Table is one staged relation as stage.json lists it. Exactly one of Query and Snapshot is set, but
// for one that its source does not have.
type Table struct {
	Source      string      `json:"source"`
	Name        string      `json:"name"`
	Columns     []Column    `json:"columns"`
	Parts       []Part      `json:"parts"`
	Rows        int64       `json:"rows"`
	Fingerprint Fingerprint `json:"fingerprint"`
	Query       *Query      `json:"query,omitempty"`
	Snapshot    *Snapshot   `json:"snapshot,omitempty"`
}

// Bytes is the size of all parts on disk.
func (t Table) Bytes() int64 {
	var sum int64
	for _, part := range t.Parts {
		sum += part.Bytes
	}
	return sum
}

// Org is whose rows a stage holds. Source is the word of the configuration; Host, that of the configured address, and
// OrganizationID, as the sign-in told it, are empty where the org is no real one.
type Org struct {
	Source         string `json:"source"`
	Host           string `json:"host,omitempty"`
	OrganizationID string `json:"organization_id,omitempty"`
}

// index is stage.json. Checksum is that of Tables and Org; a stage of an older version has none, or no Org.
type index struct {
	SchemaVersion int      `json:"schema_version"`
	Checksum      Checksum `json:"checksum,omitzero"`
	Org           *Org     `json:"org,omitempty"`
	Tables        []Table  `json:"tables"`
}

// sum is the checksum of what the tables and the org say, however it is laid out as text.
func (i index) sum() (Checksum, error) {
	text, err := json.Marshal(i.Tables)
	if err != nil || i.Org == nil {
		return Checksum(xxh3.Hash(text)), err
	}
	org, err := json.Marshal(i.Org)
	return Checksum(xxh3.Hash(append(text, org...))), err
}

// Stage is a folder of staged tables, being written or recorded. Its methods are safe for concurrent use.
type Stage struct {
	dir    string
	mutex  sync.Mutex
	tables []Table
	org    *Org // nil where nobody said

	journal *os.File         // of a stage that another run can go on with
	kept    map[string]*Kept // by source/name, of a stage that was taken up
}

// CreateStage makes an empty stage in dir, which must not exist yet; its parent must. Nothing counts as staged before
// Commit. Errors are *StageError.
func CreateStage(dir string) (*Stage, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, &StageError{Op: "create", Path: dir, Err: err}
	}
	return &Stage{dir: dir}, nil
}

// OpenStage reads a recorded stage and checks that each part is there with its size. Errors are *StageError; one that
// is fs.ErrNotExist says that nothing was recorded in dir.
func OpenStage(dir string) (*Stage, error) {
	path := filepath.Join(dir, stageFile)
	text, err := readRegular(path)
	if err != nil {
		return nil, &StageError{Op: "open", Path: dir, Err: err}
	}
	var found index
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, &StageError{Op: "open", Path: path, Err: err}
	}
	if found.SchemaVersion != stageSchemaVersion {
		return nil, &StageError{Op: "open", Path: path, Err: fmt.Errorf("schema version %d, this crosswalk reads %d", found.SchemaVersion, stageSchemaVersion)}
	}
	if sum, err := found.sum(); err != nil || (found.Checksum != 0 || found.Org != nil) && sum != found.Checksum {
		return nil, &StageError{Op: "open", Path: path, Err: errors.Join(err, errors.New("it says something else than what was recorded: its checksum differs"))}
	}
	stage := &Stage{dir: dir, tables: found.Tables, org: found.Org}
	if err := stage.checkParts(); err != nil {
		return nil, err
	}
	return stage, nil
}

// checkParts holds each part on disk against stage.json. Their bytes are held against it by Prove.
func (s *Stage) checkParts() error {
	for _, table := range s.tables {
		for _, part := range table.Parts {
			path := filepath.Join(s.dir, part.File)
			if !filepath.IsLocal(part.File) {
				return &StageError{Op: "open", Path: path, Err: errors.New("part lies outside of the stage")}
			}
			info, err := os.Lstat(path)
			switch {
			case err != nil:
				return &StageError{Op: "open", Path: path, Err: err}
			case !info.Mode().IsRegular():
				return &StageError{Op: "open", Path: path, Err: errors.New("part is not a regular file")}
			case info.Size() != part.Bytes:
				return &StageError{Op: "open", Path: path, Err: fmt.Errorf("part has %d bytes, %d were recorded", info.Size(), part.Bytes)}
			}
		}
	}
	return nil
}

// NewTable starts a table; its parts stand in source/name below the stage. The schema is that of every batch. What a
// dead run left of the table is removed.
func (s *Stage) NewTable(source, name string, schema *arrow.Schema) (*TableWriter, error) {
	table := &TableWriter{stage: s, source: source, name: name, schema: schema, dir: filepath.Join(s.dir, source, name)}
	if err := table.note(fact{Kind: factTable, Schema: schemaText(schema)}); err != nil {
		return nil, err
	}
	if s.kept[table.key()] != nil {
		if err := os.RemoveAll(table.dir); err != nil {
			return nil, &StageError{Op: "create table", Path: table.dir, Err: err}
		}
	}
	if err := os.MkdirAll(table.dir, 0o700); err != nil {
		return nil, &StageError{Op: "create table", Path: table.dir, Err: err}
	}
	return table, nil
}

// Commit writes stage.json, synced: from here on the stage is whole. A journal stays, see DropJournal.
func (s *Stage) Commit() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.removeUncommitted(); err != nil {
		return err
	}
	slices.SortFunc(s.tables, func(a, b Table) int {
		return strings.Compare(a.Source+"/"+a.Name, b.Source+"/"+b.Name)
	})
	whole := index{SchemaVersion: stageSchemaVersion, Org: s.org, Tables: s.tables}
	sum, err := whole.sum()
	if err != nil {
		return &StageError{Op: "commit", Path: s.dir, Err: err}
	}
	whole.Checksum = sum
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		return &StageError{Op: "commit", Path: s.dir, Err: err}
	}
	if err := writeSynced(filepath.Join(s.dir, stageFile), append(text, '\n')); err != nil {
		return &StageError{Op: "commit", Path: s.dir, Err: err}
	}
	return nil
}

// SetOrg says whose rows these are, before Commit.
func (s *Stage) SetOrg(org Org) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.org = &org
}

// Org is whose rows these are; false for a stage of an older version, which did not say.
func (s *Stage) Org() (Org, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.org == nil {
		return Org{}, false
	}
	return *s.org, true
}

// Tables lists the committed tables.
func (s *Stage) Tables() []Table {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return slices.Clone(s.tables)
}

// Table finds a committed table. The error is a *StageError.
func (s *Stage) Table(source, name string) (Table, error) {
	for _, table := range s.Tables() {
		if table.Source == source && table.Name == name {
			return table, nil
		}
	}
	return Table{}, &StageError{Op: "open table", Path: filepath.Join(s.dir, source, name), Err: fs.ErrNotExist}
}

// Files are the absolute or stage-relative paths of a table's parts, in the order of their index.
func (s *Stage) Files(table Table) []string {
	files := make([]string, 0, len(table.Parts))
	for _, part := range table.Parts {
		files = append(files, filepath.Join(s.dir, part.File))
	}
	return files
}

// Directory is where the stage stands.
func (s *Stage) Directory() string { return s.dir }

func (s *Stage) add(table Table) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, known := range s.tables {
		if known.Source == table.Source && known.Name == table.Name {
			return &StageError{Op: "commit table", Path: filepath.Join(s.dir, table.Source, table.Name), Err: fs.ErrExist}
		}
	}
	s.tables = append(s.tables, table)
	return nil
}

// writeSynced replaces path in one step, durably: temporary file, sync, rename, sync of the folder.
func writeSynced(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".tmp-*") // CreateTemp makes it 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

func syncDirectory(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
