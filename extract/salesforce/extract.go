package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// Values of Request.API.
const (
	apiAuto = "auto"
	apiBulk = "bulk"
	apiREST = "rest"
)

// bulkAbove is the count of rows from which Salesforce advises Bulk API 2.0
// (https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/asynch_api_intro.htm).
const bulkAbove = 2_000

// Request says what to extract. The query selects the columns of the schema, in its order.
type Request struct {
	Object   string
	Fields   []string // as configured; each must be a column of Schema. Nil is every column
	Schema   *arrow.Schema
	API      string // auto, bulk or rest; empty is auto
	All      bool   // rows in the recycle bin and archived ones too
	Progress func(rows, total int64)
}

// Extraction is one object on its way into its table: see [Client.Begin].
type Extraction struct {
	client   *Client
	object   string
	schema   *arrow.Schema
	soql     string
	all      bool
	table    *extract.TableWriter
	progress func(rows, total int64)
	api      string
	total    int64 // COUNT() before the query
	memory   *recycler

	foreseen int64        // calls, by the forecast
	made     atomic.Int64 // calls for rows since

	kept  *extract.Kept  // what a dead run left of it, and was found good
	whole *extract.Query // the proof of a dead run that it has all rows

	tally
}

// tally is what one pass over the rows gave. A pass that starts anew starts with a new one.
type tally struct {
	mutex     sync.Mutex
	jobs      []string // of all passes
	announced int64
	received  int64
	deleted   int64
	unproved  int // pages that did not say how many rows they have
}

// Begin counts the rows of an object and chooses its API, before the first row of any; the extraction stays with it. Where
// the table is one of a stage that was taken up, it goes on as the dead run began. Rows are asked for by Read, calls by
// Forecast. Errors are *Error, those of the table, or the cause of a cancelled context. Safe for concurrent use with one
// table each.
func (c *Client) Begin(ctx context.Context, r Request, table *extract.TableWriter) (*Extraction, error) {
	e, err := c.prepare(r, table)
	if err != nil {
		return nil, err
	}
	if err := e.takeUp(ctx, r.API); err != nil {
		return nil, c.vault.scrub(err)
	}
	switch {
	case e.whole != nil:
	case e.kept != nil:
		e.api = e.kept.Asked.API
	default:
		err = e.countFirst(ctx, r.API)
	}
	e.foreseen = e.calls()
	return e, err
}

// afford counts a call for rows. Where there are more of them than were foreseen, for pages that are smaller than they may
// be or a job that takes its time, each is held against the quota as it stands by then.
func (e *Extraction) afford() error {
	if e.made.Add(1) <= e.foreseen || e.foreseen == 0 { // nothing was foreseen of what is asked of a single job
		return nil
	}
	return e.client.allow(e.object, 1)
}

// Read brings every row into the table and proves that they are all there. Where a dead run is taken up it goes on where
// that ended, within the same job, and asks only for what is missing. The returned evidence is for CommitQuery, which is
// left to the caller. It is called once. Errors are *Error, *DecodeError, *FieldTypeError, those of the table, or the cause
// of a cancelled context. Safe for concurrent use with Read of other extractions.
func (e *Extraction) Read(ctx context.Context) (extract.Query, error) {
	if e.whole != nil {
		return *e.whole, e.discardJob(ctx)
	}
	e.memory = newRecycler(e.client.memory)
	defer e.memory.close()
	query, err := e.complete(ctx)
	if err != nil {
		return extract.Query{}, e.client.vault.scrub(e.failed(ctx, err))
	}
	return query, e.discardJob(ctx)
}

func (e *Extraction) complete(ctx context.Context) (extract.Query, error) {
	if err := e.readAll(ctx, e.api); err != nil {
		return extract.Query{}, err
	}
	return e.proveAll(ctx)
}

func (c *Client) prepare(r Request, table *extract.TableWriter) (*Extraction, error) {
	if r.Schema == nil {
		return nil, &Error{Op: "query", Object: r.Object, Message: "no schema", exit: exitUsage}
	}
	columns := make([]string, 0, r.Schema.NumFields())
	for _, field := range r.Schema.Fields() {
		columns = append(columns, field.Name)
	}
	for _, field := range r.Fields {
		if !slices.ContainsFunc(columns, func(column string) bool { return strings.EqualFold(column, field) }) {
			return nil, &Error{Op: "query", Object: r.Object, Message: fmt.Sprintf("field %q is no column of the schema", clip(field)), exit: exitUsage}
		}
	}
	soql, err := selectQuery(r.Object, columns)
	if err != nil {
		return nil, err
	}
	progress := r.Progress
	if progress == nil {
		progress = func(int64, int64) {}
	}
	return &Extraction{
		client: c, object: r.Object, schema: r.Schema, soql: soql, all: r.All, table: table, progress: progress, tally: tally{jobs: []string{}},
	}, nil
}

// choose takes Bulk API 2.0 above 2,000 rows, and where the query does not fit into a URL.
func (e *Extraction) choose(api string, rows int64) (string, error) {
	fits := e.fitsURL()
	switch {
	case api == apiBulk:
		return apiBulk, nil
	case api == apiREST && fits:
		return apiREST, nil
	case api == apiREST:
		return "", &Error{Op: "query", Object: e.object, Message: "the query is too long for a URL", exit: exitUsage, hint: "choose salesforce.api: bulk, or name fewer fields"}
	case api != apiAuto && api != "":
		return "", &Error{Op: "query", Object: e.object, Message: fmt.Sprintf("api %q: want auto, bulk or rest", clip(api)), exit: exitUsage}
	case rows > bulkAbove || !fits:
		return apiBulk, nil
	}
	return apiREST, nil
}

// lost is the end of a job or a cursor that still had rows to give. The query can be put again, from its first row.
type lost struct{ cause error }

// Error is that of the cause.
func (l *lost) Error() string { return l.cause.Error() }

// Unwrap is the cause.
func (l *lost) Unwrap() error { return l.cause }

// passes are how often the query is put at most.
var passes = map[string]int{apiBulk: 2, apiREST: 3}

// readAll reads every row; where job or cursor got lost it drops what is staged and starts anew, so no row comes twice.
func (e *Extraction) readAll(ctx context.Context, api string) error {
	read := e.readREST
	if api == apiBulk {
		read = e.readBulk
	}
	for pass := 1; ; pass++ {
		err := read(ctx)
		var gone *lost
		if !errors.As(err, &gone) {
			return err
		}
		if pass == passes[api] {
			return gone.cause
		}
		e.client.log.WarnContext(ctx, "query starts anew", "object", e.object, "api", api, "reason", e.client.vault.scrub(gone.cause).Error(), "dropped_rows", e.received)
		if err := errors.Join(e.table.Reset(), e.dropJob(ctx, gone.cause)); err != nil {
			return err
		}
		e.kept = nil
		e.restart()
	}
}

func (t *tally) restart() {
	t.announced, t.received, t.deleted, t.unproved = 0, 0, 0, 0
}

// add takes a page whose part is closed. Progress is told in order, so that it never falls.
func (e *Extraction) add(rows, deleted int64, proved bool) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.received += rows
	e.deleted += deleted
	if !proved {
		e.unproved++
	}
	e.progress(e.received, e.total)
}

// countDeleted counts the rows in the recycle bin, where the query selects IsDeleted.
func countDeleted(batch arrow.RecordBatch) int64 {
	for _, i := range batch.Schema().FieldIndices("IsDeleted") {
		if flags, ok := batch.Column(i).(*array.Boolean); ok {
			return int64(trueValues(flags))
		}
	}
	return 0
}

func trueValues(flags *array.Boolean) (n int) {
	for i := range flags.Len() {
		if flags.IsValid(i) && flags.Value(i) {
			n++
		}
	}
	return n
}
