package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"crosswalk/extract"
	"crosswalk/load"
	"crosswalk/sql"
	"crosswalk/transform"
)

// ExplainOptions are what a caller of Explain decides beside the configuration.
type ExplainOptions struct {
	// RunDate is the publication that is asked; empty is the newest one.
	RunDate string
	// Logger takes what goes wrong beside the answer.
	Logger *slog.Logger
}

// Explained is what a publication says of the records of one id. Its JSON is part of the contract: keys are added, never
// changed. It holds ids, names, identifiers and links, and nothing else of a record.
type Explained struct {
	SchemaVersion int               `json:"schema_version"`
	ID            string            `json:"id"` // as it was asked
	RunDate       string            `json:"run_date"`
	RunID         string            `json:"run_id"`
	Publication   string            `json:"publication"` // folder
	StageKept     bool              `json:"stage_kept"`  // the recorded stage of this publication is still there
	Notes         []string          `json:"notes"`
	Records       []ExplainedRecord `json:"records"`
	// RecordCount counts the records of the id, of which Records shows up to twenty customers.
	RecordCount int64 `json:"record_count"`
}

// ExplainedRecord is one customer, account or contact.
type ExplainedRecord struct {
	Object string `json:"object"` // customer, account or contact
	ID     string `json:"id"`
	Name   string `json:"name"`
	Rows   int    `json:"rows"` // ERP rows that agree in this and differ elsewhere
	Status string `json:"status"`
	Reason string `json:"reason"`
	// Plain is the status and its reason in words, Fix what to do about it; empty where there is nothing to do.
	Plain string `json:"plain"`
	Fix   string `json:"fix"`
	// Identifiers are what each rule compares, in the order of the rules.
	Identifiers []ExplainedIdentifier `json:"identifiers"`
	Links       []ExplainedLink       `json:"links"`
	// LinkCount counts its links, of which Links shows up to twenty.
	LinkCount int64               `json:"link_count"`
	Candidate *ExplainedCandidate `json:"candidate"`
	Contacts  []ExplainedContact  `json:"contacts"`
	// ContactCount counts the published contacts of its accounts, of which Contacts shows up to twenty.
	ContactCount int64              `json:"contact_count"`
	History      []ExplainedHistory `json:"history"` // newest first

	row publishedRow
}

// ExplainedIdentifier is the way of one identifier through the key of a rule.
type ExplainedIdentifier struct {
	Rule   string `json:"rule"`   // Account.<Field>=<column>
	Column string `json:"column"` // where it stands
	Other  string `json:"other"`  // what it is compared with
	// Raw is the identifier as it stands, Visible with what cannot be seen in it made visible. Remarks tell odd characters.
	Raw     string          `json:"raw"`
	Visible string          `json:"visible"`
	Blank   bool            `json:"blank"`
	Remarks []string        `json:"remarks"`
	Steps   []ExplainedStep `json:"steps"`
	Key     string          `json:"key"` // empty where there is none
	// Met are the records of the other side that have this key, Shared those of its own side; up to five, of so many.
	Met         []ExplainedParty `json:"met"`
	MetCount    int64            `json:"met_count"`
	Shared      []ExplainedParty `json:"shared"`
	SharedCount int64            `json:"shared_count"`

	rule Rule
}

// ExplainedStep is a step of the key and what it made of the identifier; NULL is told as an empty value that is no key.
type ExplainedStep struct {
	Step    string `json:"step"`
	Value   string `json:"value"`
	Changed bool   `json:"changed"`
}

// ExplainedParty is another record.
type ExplainedParty struct {
	Object     string `json:"object"`
	ID         string `json:"id"`
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
	Status     string `json:"status"`
}

// ExplainedLink is one link of the record.
type ExplainedLink struct {
	CustomerID   string `json:"customer_id"`
	CustomerName string `json:"customer_name"`
	AccountID    string `json:"account_id"`
	AccountName  string `json:"account_name"`
	Rule         string `json:"rule"`
	Key          string `json:"key"`
	AccountRank  int64  `json:"account_rank"` // 1 is the primary account
}

// ExplainedCandidate is who a near miss was probably meant for.
type ExplainedCandidate struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Identifier string `json:"identifier"`
	Cause      string `json:"cause"`
	Detail     string `json:"detail"`
	Suggestion string `json:"suggestion"`
}

// ExplainedContact is a published contact, or where a contact is published.
type ExplainedContact struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	CustomerID    string `json:"customer_id"`
	AccountID     string `json:"account_id"`
	Source        string `json:"source"`
	Primary       bool   `json:"primary"`
	PrimaryReason string `json:"primary_reason"`
}

// ExplainedHistory is the record in one of the last publications.
type ExplainedHistory struct {
	RunDate  string `json:"run_date"`
	Status   string `json:"status"` // absent where that publication does not have it, unreadable where it cannot be read
	Reason   string `json:"reason"`
	LinkedTo string `json:"linked_to"` // the primary account, or the customer
}

// Explain says why the customer, account or contact of that id is linked, or is not, from a publication. It reads the
// publication and the recorded stage that it was made from, where that is kept, and nothing else. An id that nobody has
// is a *UsageError; a publication that cannot be read a *VerifyError. One that is replaced meanwhile is asked again.
func Explain(ctx context.Context, config *Config, id string, options ExplainOptions) (*Explained, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	if !utf8.ValidString(id) {
		return nil, &UsageError{Problem: "explain: the id is not UTF-8", Fix: "copy it from a file of the publication"}
	}
	for {
		e := &explanation{config: config, options: options}
		explained, err := e.explain(ctx, id)
		if ctx.Err() != nil || e.manifest == nil || !e.manifest.isReplaced(e.directory) {
			return explained, err
		}
	}
}

func (e *explanation) explain(ctx context.Context, id string) (explained *Explained, err error) {
	closeAll, err := e.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	explained = &Explained{
		SchemaVersion: 1, ID: id, RunDate: e.manifest.RunDate, RunID: e.manifest.RunID, Publication: e.directory,
		StageKept: e.stage != nil, Notes: e.notes(),
	}
	if explained.Records, err = e.records(ctx, id); err != nil {
		return nil, e.damaged(ctx, err)
	}
	if len(explained.Records) == 0 {
		return nil, e.nobody(ctx, id)
	}
	explained.RecordCount = int64(len(explained.Records)) + e.untold
	if e.untold > 0 {
		explained.Notes = append(explained.Notes, fmt.Sprintf("%s records have this id, and %d are told: the others are in customers.csv", thousands(explained.RecordCount), len(explained.Records)))
	}
	return explained, nil
}

// explanation is one question under way.
type explanation struct {
	config    *Config
	options   ExplainOptions
	directory string
	manifest  *Manifest
	stage     *extract.Stage // nil where it is gone, or was recorded anew
	published *transform.Publication
	blanks    []string // folded
	untold    int64    // customers of the id beyond those that are told
}

// open finds the publication and lays DuckDB over it. Nothing is written: the database is in memory, and may spill only
// into limits.temp_directory, or the system's folder for that.
func (e *explanation) open(ctx context.Context) (func() error, error) {
	if err := e.find(); err != nil {
		return nil, err
	}
	spill, removeSpill, err := makeSpill(e.config.Limits.TempDirectory)
	if err != nil {
		return nil, err
	}
	directories := []string{e.config.Output.Directory}
	if e.stage != nil {
		directories = append(directories, e.stage.Directory())
	}
	database, err := transform.Open(ctx, transform.Options{
		TempDirectory: spill, MemoryBytes: databaseMemory(e.config.Limits.Memory), Threads: e.config.Limits.Threads,
		Directories: directories, SQL: sql.Files,
	})
	if err != nil {
		return nil, errors.Join(err, removeSpill())
	}
	closeAll := func() error { return errors.Join(database.Close(), removeSpill()) }
	if e.published, err = database.OpenPublication(ctx, sql.Explanation, e.plan()); err != nil {
		return nil, errors.Join(e.damaged(ctx, err), closeAll())
	}
	return closeAll, nil
}

func (e *explanation) find() error {
	partition := e.options.RunDate
	if partition != "" {
		if _, err := checkDate("--run-date", partition); err != nil {
			return err
		}
		partition = partitionPrefix + partition
	} else {
		names, err := load.Partitions(e.config.Output.Directory)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			return &UsageError{Problem: "explain: nothing is published in " + e.config.Output.Directory, Fix: "publish first: crosswalk run"}
		}
		partition = names[len(names)-1]
	}
	e.directory = filepath.Join(e.config.Output.Directory, partition)
	var err error
	if e.manifest, err = readManifest(e.directory); err != nil {
		return err
	}
	if _, found := e.output("customers"); !found {
		return &UsageError{Problem: "explain: " + e.directory + " has no Parquet files", Fix: "put parquet into output.formats and publish again: crosswalk run --replay --run-date " + e.manifest.RunDate}
	}
	stage, err := extract.OpenStage(filepath.Join(e.config.State.Directory, "stages", partitionPrefix+e.manifest.RunDate))
	if err == nil && inputsSHA256(stage) == e.manifest.InputsSHA256 {
		e.stage = stage
	}
	return nil
}

func (e *explanation) output(table string) (load.Output, bool) {
	i := slices.IndexFunc(e.manifest.Outputs, func(o load.Output) bool { return o.Name == table+".parquet" })
	if i < 0 {
		return load.Output{}, false
	}
	return e.manifest.Outputs[i], true
}

// relation is a published table with the columns that the manifest names.
func (e *explanation) relation(table string) transform.Relation {
	output, found := e.output(table)
	if !found {
		return transform.Relation{}
	}
	relation := transform.Relation{Files: []string{filepath.Join(e.directory, output.Name)}}
	for _, column := range output.Columns {
		relation.Columns = append(relation.Columns, transform.Column{Name: column.Name, Type: column.Type})
	}
	return relation
}

func (e *explanation) plan() transform.PublicationPlan {
	plan := transform.PublicationPlan{
		Links: e.relation("links"), Customers: e.relation("customers"), Accounts: e.relation("accounts"),
		Contacts: e.relation("contacts"), Exceptions: e.relation("exceptions"),
	}
	if e.stage == nil {
		return plan
	}
	for object, relation := range map[string]*transform.Relation{objectAccount: &plan.KeptAccounts, objectContact: &plan.KeptContacts} {
		if table, err := e.stage.Table(sourceSalesforce, object); err == nil {
			*relation = relationOf(&recorded{Stage: e.stage}, table)
		}
	}
	return plan
}

func (e *explanation) notes() []string {
	notes := []string{}
	if e.manifest.ConfigSHA256 != e.config.SHA256() {
		notes = append(notes, "the configuration has changed since this was published: the rules and steps told here are today's")
	}
	if e.stage == nil {
		notes = append(notes, "the recorded stage of this publication is gone: deleted accounts and contacts that were not published cannot be found")
	}
	return notes
}

// nobody is the answer where no record has the id.
func (e *explanation) nobody(ctx context.Context, id string) error {
	fix := "look for it in customers.csv and accounts.csv of " + e.directory
	if fixed := e.recordID(ctx, id); fixed == "" && len(id) == 18 && e.recordID(ctx, id[:15]) != "" && strings.HasPrefix(id, "00") {
		fix = "its last three characters are no check of the first fifteen: did you mean " + e.recordID(ctx, id[:15])
	} else if fixed != "" && e.stage == nil {
		fix = "the recorded stage of this publication is gone, which has the deleted accounts and the contacts that were not published; " + fix
	}
	return &UsageError{Problem: fmt.Sprintf("explain: no customer, account or contact has the id %q in the publication of %s", visible(id), e.manifest.RunDate), Fix: fix}
}

// damaged tells a publication that cannot be read from a question that was stopped, or for which there was no room.
func (e *explanation) damaged(ctx context.Context, err error) error {
	var refused *transform.Error
	if ctx.Err() == nil && errors.As(err, &refused) && !refused.OfMachine() {
		return &VerifyError{Path: e.directory, Err: err}
	}
	return err
}
