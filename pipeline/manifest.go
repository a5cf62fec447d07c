package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"crosswalk/extract"
	"crosswalk/load"
)

const (
	manifestSchemaVersion = 1
	manifestFile          = "manifest.json"
	partitionPrefix       = "run_date="
)

// Manifest is manifest.json: what was published, from what, and the counts that prove it whole. Keys may be added,
// these stay. It is written last: a partition without one is not a publication.
type Manifest struct {
	SchemaVersion int           `json:"schema_version"`
	RunID         string        `json:"run_id"`
	RunDate       string        `json:"run_date"`
	ToolVersion   string        `json:"tool_version"`
	ConfigSHA256  string        `json:"config_sha256"`
	InputsSHA256  string        `json:"inputs_sha256"`
	StartedAt     time.Time     `json:"started_at"`
	EndedAt       time.Time     `json:"ended_at"`
	Replayed      bool          `json:"replayed"`
	ResumedFrom   string        `json:"resumed_from,omitempty"` // id of the dead run whose stage this one went on with
	Inputs        Inputs        `json:"inputs"`
	Accounting    Accounting    `json:"accounting"`
	Causes        Causes        `json:"causes"`
	Checks        []Check       `json:"checks"`
	Guards        []Guard       `json:"guards"`
	API           APIUsage      `json:"api"`
	Stages        []Step        `json:"stages"`
	Outputs       []load.Output `json:"outputs"`
	Previous      *Previous     `json:"previous"`
}

// Inputs are the queries and the ERP snapshot with their counts.
type Inputs struct {
	Salesforce []extract.Query `json:"salesforce"`
	Absent     []string        `json:"absent,omitempty"` // kinds of notes that were asked for and are not there
	ERP        ERPInput        `json:"erp"`
}

// ERPInput is the snapshot and how many rows equal to another were dropped.
type ERPInput struct {
	extract.Snapshot
	ExactDuplicatesDropped int64 `json:"exact_duplicates_dropped"`
}

// Accounting counts the records of each kind by status, beside their total.
type Accounting struct {
	Customers map[string]int64 `json:"customers"`
	Accounts  map[string]int64 `json:"accounts"`
	Contacts  map[string]int64 `json:"contacts"`
	Notes     map[string]int64 `json:"notes,omitempty"` // only where notes are configured
}

// Causes counts the near misses of each side by cause. A cause that does not occur has no key.
type Causes struct {
	Customers map[string]int64 `json:"customers"`
	Accounts  map[string]int64 `json:"accounts"`
}

// Check is one equation of the proof of completeness. Left and Right are rows.
type Check struct {
	Name  string `json:"name"`
	Left  int64  `json:"left"`
	Right int64  `json:"right"`
	Holds bool   `json:"holds"`
}

// APIUsage is what the run cost: calls made, and the org's daily counter as Salesforce last told it.
type APIUsage struct {
	Calls   int64 `json:"calls"`
	Retries int64 `json:"retries"`
	Used    int64 `json:"used"`
	Limit   int64 `json:"limit"`
}

// Step is one stage of the run with its wall time and what passed through it.
type Step struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	Rows    int64   `json:"rows"`
	Bytes   int64   `json:"bytes"`
}

// Previous is the last publication of an earlier date, empty where there is none, and how many customers changed since:
// won a link, lost it, moved to another account, changed their status otherwise, are new, are gone. Skipped are later
// publications that do not hold and were passed over.
type Previous struct {
	RunID   string   `json:"run_id"`
	RunDate string   `json:"run_date"`
	Linked  int64    `json:"linked"`
	Lost    int64    `json:"lost"`
	Moved   int64    `json:"moved"`
	Status  int64    `json:"status"`
	New     int64    `json:"new"`
	Gone    int64    `json:"gone"`
	Skipped []string `json:"skipped,omitempty"`
}

func (m *Manifest) encode() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(m); err != nil {
		return nil, fmt.Errorf("manifest: encode: %w", err)
	}
	return text.Bytes(), nil
}

// manifestLimit is in bytes; a manifest has some thousand.
const manifestLimit = 64 << 20

// readRegular reads a file of limit bytes at the most.
func readRegular(path string, limit int64) (text []byte, err error) {
	file, size, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if size > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%d bytes, more than %d", size, limit)}
	}
	return io.ReadAll(io.LimitReader(file, limit))
}

// readManifest reads the manifest of a partition. A missing or damaged one is a *VerifyError.
func readManifest(partition string) (*Manifest, error) {
	path := filepath.Join(partition, manifestFile)
	text, err := readRegular(path, manifestLimit)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &VerifyError{Path: partition, Err: errors.New("no manifest.json, so this is not a publication")}
	}
	if err != nil {
		return nil, &VerifyError{Path: path, Err: err}
	}
	var manifest Manifest
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, &VerifyError{Path: path, Err: err}
	}
	if manifest.SchemaVersion != manifestSchemaVersion {
		return nil, &VerifyError{Path: path, Err: fmt.Errorf("schema version %d, this crosswalk reads %d", manifest.SchemaVersion, manifestSchemaVersion)}
	}
	return &manifest, nil
}
