package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

const (
	// linkedIDs are the ids of one query. Each takes 27 bytes of a URL, so with the rest they fill half of it.
	linkedIDs = 200
	// linkedQueries are the queries whose rows make one part of the table.
	linkedQueries = 50
)

// LinkedRequest says what to extract of an object that Salesforce gives out only by the records it hangs on, such as
// ContentDocumentLink, which "requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals
// operator or multiple Id's using the IN operator"
// (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm).
type LinkedRequest struct {
	Object   string
	Schema   *arrow.Schema
	Field    string // a reference among the columns of Schema; the ids are looked for in it
	Count    int64  // of the ids, for the forecast of calls
	IDs      func(ctx context.Context, take func(id string) error) error
	Progress func(rows, total int64)
}

// LinkedCalls are the API calls of a LinkedRequest for so many ids, where no id has thousands of rows.
func LinkedCalls(ids int64) int64 { return (ids + linkedIDs - 1) / linkedIDs }

// ExtractLinked brings the rows that refer to the ids into the table, 200 ids a query, and proves each query's rows
// against its totalSize; a count of all is not to be had. IDs must give each id once. The evidence is for CommitQuery;
// its CountQuery is the sum of the queries' totals. Errors as of Read.
func (c *Client) ExtractLinked(ctx context.Context, r LinkedRequest, table *extract.TableWriter) (extract.Query, error) {
	e, err := c.prepare(Request{Object: r.Object, Schema: r.Schema, Progress: r.Progress}, table)
	if err != nil {
		return extract.Query{}, err
	}
	e.memory = newRecycler(c.memory)
	defer e.memory.close()
	at := r.Schema.FieldIndices(r.Field)
	if len(at) != 1 {
		return extract.Query{}, &Error{Op: "query", Object: r.Object, Message: fmt.Sprintf("field %q is no column of the schema", clip(r.Field)), exit: exitUsage, hint: "select the field that the rows are looked for by"}
	}
	if err := c.allow(r.Object, LinkedCalls(r.Count)); err != nil {
		return extract.Query{}, err
	}
	l := &linked{Extraction: e, field: r.Field, column: at[0]}
	if err := l.readAll(ctx, r.IDs); err != nil {
		return extract.Query{}, c.vault.scrub(err)
	}
	if staged := table.Rows(); staged != e.received {
		return extract.Query{}, fmt.Errorf("salesforce: %s: received %d rows, staged %d", e.object, e.received, staged)
	}
	return extract.Query{
		Object: e.object, API: apiREST, Query: e.soql + " WHERE " + r.Field + " IN (" + strconv.Itoa(linkedIDs) + " ids a query)", JobIDs: e.jobs,
		CountQuery: e.announced, Announced: e.announced, Received: e.received, Staged: table.Rows(), Deleted: e.deleted,
	}, nil
}

// linked is an extraction by ids.
type linked struct {
	*Extraction
	field  string
	column int // of the field
}

// readAll cuts the ids into stretches, each of which becomes one part, and reads those side by side.
func (l *linked) readAll(ctx context.Context, ids func(context.Context, func(string) error) error) error {
	crew, ctx := newCrew(ctx, "query", l.object, l.client.options.Workers)
	stretch, index := []string{}, 0
	flush := func() {
		ids, part := slices.Clone(stretch), index
		crew.work(func(ctx context.Context) error { return l.readStretch(ctx, ids, part) })
		stretch, index = stretch[:0], index+1
	}
	err := ids(ctx, func(id string) error {
		if !recordID.MatchString(id) {
			return &Error{Op: "query", Object: l.object, Message: fmt.Sprintf("an id of %d bytes to look for is no id", len(id)), exit: exitMalformed, hint: hintProxy}
		}
		if stretch = append(stretch, id); len(stretch) == linkedIDs*linkedQueries {
			flush()
		}
		return ctx.Err()
	})
	if err == nil && len(stretch) > 0 {
		flush()
	}
	if err != nil && ctx.Err() == nil {
		crew.fail(err)
	}
	return crew.wait()
}

// readStretch brings the rows of some queries into one part.
func (l *linked) readStretch(ctx context.Context, ids []string, index int) error {
	decoder := newJSONDecoder(l.schema, l.object, l.memory)
	defer decoder.Release()
	part, err := l.table.NewPart(index)
	if err != nil {
		return err
	}
	defer part.Abort()
	var rows, deleted int64
	for batch := range slices.Chunk(ids, linkedIDs) {
		found, err := l.readBatch(ctx, batch, decoder)
		if err != nil {
			return err
		}
		rows += found.rows()
		deleted += found.deleted()
		if err := found.writeTo(part); err != nil {
			return err
		}
	}
	if _, err := part.Close(); err != nil {
		return err
	}
	l.mutex.Lock()
	l.announced += rows
	l.mutex.Unlock()
	l.add(rows, deleted, true)
	return nil
}

// readBatch reads the rows of one query; where its cursor gets lost, anew from its first page.
func (l *linked) readBatch(ctx context.Context, ids []string, decoder *jsonDecoder) (pages, error) {
	for pass := 1; ; pass++ {
		found, err := l.readPages(ctx, ids, decoder)
		if err == nil {
			return found, nil
		}
		found.release()
		var gone *lost
		if !errors.As(err, &gone) {
			return nil, err
		}
		if pass == passes[apiREST] {
			return nil, gone.cause
		}
	}
}

// readPages follows the cursor of one query. What it returns beside an error is to be released too.
func (l *linked) readPages(ctx context.Context, ids []string, decoder *jsonDecoder) (found pages, err error) {
	r := l.firstPage()
	r.query = url.Values{"q": {l.soql + " WHERE " + l.field + " IN ('" + strings.Join(ids, "','") + "')"}}
	at := cursor{seen: map[string]bool{}}
	for {
		page, batch, err := l.readPage(ctx, r, decoder, at.pages)
		if err != nil {
			return found, err
		}
		found = append(found, batch)
		if err := l.checkPage(&at, page, found.rows()); err != nil {
			return found, err
		}
		if err := l.checkAnswer(batch, ids); err != nil {
			return found, err
		}
		if page.Done {
			return found, nil
		}
		next, err := l.client.link(page.Next)
		if err != nil {
			return found, l.broke("CURSOR", "nextRecordsUrl is %s", err)
		}
		r = request{op: fmt.Sprintf("query: page %d", at.pages+1), object: l.object, method: http.MethodGet, path: next.Path, query: next.Query(), options: r.options}
	}
}

// readPage decodes one page, repeating request and decoding as one. The caller releases the batch.
func (l *linked) readPage(ctx context.Context, r request, decoder *jsonDecoder, index int) (page queryPage, batch arrow.RecordBatch, err error) {
	err = l.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		answer, err := l.client.send(ctx, r, l.client.limits.recordBytes)
		if err != nil && index > 0 {
			return cursorLost(err)
		}
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		if page, batch, err = decoder.Page(answer.body); err != nil {
			return unreadable(r, answer, err)
		}
		return nil
	})
	return page, batch, err
}

// checkAnswer proves that the rows are of the ids that were asked for.
func (l *linked) checkAnswer(batch arrow.RecordBatch, ids []string) error {
	texts, ok := batch.Column(l.column).(*array.String)
	if !ok {
		return l.broke("LINKED", "%s is no text", l.field)
	}
	for i := range texts.Len() {
		if texts.IsNull(i) || !slices.Contains(ids, texts.Value(i)) {
			return l.broke("LINKED", "a row has another %s than was asked for", l.field)
		}
	}
	return nil
}

// pages are the decoded pages of one query.
type pages []arrow.RecordBatch

func (p pages) rows() (sum int64) {
	for _, batch := range p {
		sum += batch.NumRows()
	}
	return sum
}

func (p pages) deleted() (sum int64) {
	for _, batch := range p {
		sum += countDeleted(batch)
	}
	return sum
}

// writeTo writes the pages into a part and releases them.
func (p pages) writeTo(part *extract.PartWriter) error {
	defer p.release()
	for _, batch := range p {
		if err := part.Write(batch); err != nil {
			return err
		}
	}
	return nil
}

func (p pages) release() {
	for _, batch := range p {
		batch.Release()
	}
}
