package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

const (
	restPageRows = 2_000 // the most that Sforce-Query-Options takes
	// maximumURI is the longest URL that Salesforce takes, in bytes, with some room for the host
	// (https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm).
	maximumURI = 16_384 - 384
)

// cursor is where a REST query stands.
type cursor struct {
	pages int
	total int64 // totalSize, the same on every page
	seen  map[string]bool
}

func (e *Extraction) firstPage() request {
	return request{
		op: "query: page 1", object: e.object, method: http.MethodGet, path: e.client.versioned(queryPath(e.all)),
		query: url.Values{"q": {e.soql}}, options: "batchSize=" + strconv.Itoa(restPageRows),
	}
}

// fitsURL tells whether the query can be put to the REST API, which takes it in the URL.
func (e *Extraction) fitsURL() bool {
	r := e.firstPage()
	return len(r.path)+1+len(r.query.Encode()) <= maximumURI
}

// readREST follows the cursor of a query from page to page: each page names its successor, so they come one by one.
func (e *Extraction) readREST(ctx context.Context) error {
	decoder := newJSONDecoder(e.schema, e.object, e.memory)
	defer decoder.Release()
	at := cursor{seen: map[string]bool{}}
	r := e.firstPage()
	for {
		page, err := e.readRESTPage(ctx, r, decoder, at.pages)
		if err != nil {
			return err
		}
		if err := e.checkPage(&at, page, e.received); err != nil {
			return err
		}
		if page.Done {
			e.announced = page.TotalSize
			return nil
		}
		next, err := e.client.link(page.Next)
		if err != nil {
			return e.broke("CURSOR", "nextRecordsUrl is %s", err)
		}
		r = request{
			op: fmt.Sprintf("query: page %d", at.pages+1), object: e.object, method: http.MethodGet,
			path: next.Path, query: next.Query(), options: r.options,
		}
	}
}

// checkPage proves that the cursor goes on as it began. received are the rows of its pages so far.
func (e *Extraction) checkPage(at *cursor, page queryPage, received int64) error {
	at.pages++
	if at.pages == 1 {
		at.total = page.TotalSize
	}
	switch {
	case page.TotalSize != at.total:
		return e.broke("TOTAL_SIZE", "totalSize was %d on page 1 and is %d on page %d", at.total, page.TotalSize, at.pages)
	case received > at.total, page.Done && received != at.total:
		return e.broke("ROWS_MISSING", "totalSize is %d, received %d", at.total, received)
	case !page.Done && page.Rows == 0:
		return e.broke("EMPTY_PAGE", "page %d has no rows, yet is not the last", at.pages)
	case !page.Done && at.seen[page.Next]:
		return e.broke("CURSOR_REPEATED", "page %d leads back to an earlier page", at.pages)
	}
	at.seen[page.Next] = true
	return nil
}

func (e *Extraction) broke(code, format string, args ...any) *Error {
	return incomplete("query", e.object, code, format, args...)
}

// readRESTPage brings one page into its part, repeating request and decoding as one.
func (e *Extraction) readRESTPage(ctx context.Context, r request, decoder *jsonDecoder, index int) (page queryPage, err error) {
	err = e.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		if err := e.afford(); err != nil {
			return err
		}
		answer, err := e.client.send(ctx, r, e.client.limits.recordBytes)
		if err != nil && index > 0 {
			return cursorLost(err)
		}
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		page, err = e.stageRESTPage(r, answer, decoder, index)
		return err
	})
	return page, err
}

func (e *Extraction) stageRESTPage(r request, answer *answer, decoder *jsonDecoder, index int) (queryPage, error) {
	page, batch, err := decoder.Page(answer.body)
	if err != nil {
		return page, unreadable(r, answer, err)
	}
	defer batch.Release()
	part, err := e.table.NewPart(index)
	if err != nil {
		return page, err
	}
	defer part.Abort()
	if err := part.Write(batch); err != nil {
		return page, err
	}
	closed, err := part.Close()
	if err != nil {
		return page, err
	}
	if closed.Rows != page.Rows {
		return page, e.broke("PAGE_ROWS", "page %d has %d rows, staged %d", index+1, page.Rows, closed.Rows)
	}
	e.add(closed.Rows, countDeleted(batch), true)
	return page, nil
}

// cursorLost tells errors that end a cursor. It belongs to the session that opened it: going on with a new token would
// fail for as long as it is tried, so the query starts anew.
func cursorLost(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	var again *repeat
	ended := errors.As(err, &again) && again.because.name == signedOut.name
	if ended || normalCode(refused.Code) == "INVALIDQUERYLOCATOR" || refused.Status == http.StatusNotFound {
		return &lost{cause: refused}
	}
	return err
}
