package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"crosswalk/extract"
)

// page is one page of a job's results. Its index is its place in the whole result.
type page struct {
	index int
	query url.Values
	next  func(locator string) error // takes Sforce-Locator; nil where the pages are listed
}

// readPages reads the pages side by side: from the list of pages where the server keeps one (v58 and later), else
// along the chain of locators.
func (j *job) readPages(ctx context.Context) error {
	first, err := j.list(ctx, listing{}, true)
	switch {
	case errors.Is(err, errNoResultPages):
		return j.readChain(ctx)
	case err != nil:
		return err
	case len(first.pages) == 0:
		return j.readChain(ctx) // a page of no rows proves it better than a list of no pages
	}
	return j.readListed(ctx, first)
}

func (j *job) incomplete(code, format string, args ...any) *Error {
	return incomplete(j.op("results"), j.object, code, format, args...)
}

// read brings one page into its part. Everything from the request to the last byte is repeated as one.
func (j *job) read(ctx context.Context, p page) error {
	r := request{
		op: j.op("page " + strconv.Itoa(p.index+1)), object: j.object, method: http.MethodGet,
		path: j.path("results"), query: p.query, accept: typeCSV,
	}
	return j.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		if err := j.afford(); err != nil {
			return err
		}
		answer, err := j.client.send(ctx, r, j.client.limits.pageBytes)
		if err != nil {
			return j.gone(err)
		}
		defer func() { _ = answer.body.Close() }()
		place := extract.Place{Page: p.query.Encode()}
		if p.next != nil {
			place.Next = strings.TrimSpace(answer.header.Get("Sforce-Locator"))
			if !j.client.isHarmless(place.Next) {
				return j.incomplete("LOCATOR", "page %d names a locator that is none", p.index+1)
			}
			if err := p.next(place.Next); err != nil {
				return j.incomplete("LOCATOR", "page %d: %s", p.index+1, err)
			}
		}
		return j.stage(ctx, r, answer, p.index, place)
	})
}

// stage decodes a page as it streams in and closes its part once the rows are as many as the page announced.
func (j *job) stage(ctx context.Context, r request, answer *answer, index int, place extract.Place) error {
	announced, known := recordCount(answer.header)
	part, err := j.table.NewPart(index)
	if err != nil {
		return err
	}
	defer part.Abort()
	decoder, err := newCSVDecoder(answer.body, j.schema, j.object, j.memory)
	if err != nil {
		return unreadable(r, answer, err)
	}
	defer decoder.Release()
	for !known || part.Rows() <= announced { // beyond that it is wrong already, and may be endless
		batch, err := decoder.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(r, answer, err)
		}
		place.Deleted += countDeleted(batch)
		err = part.Write(batch)
		batch.Release()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if known && part.Rows() != announced {
		return &repeat{because: damaged, cause: j.incomplete("PAGE_ROWS", "page %d announced %d rows, received %d", index+1, announced, part.Rows())}
	}
	if part.Rows() == 0 && place.Next != "" && place.Next != lastLocator {
		return j.incomplete("EMPTY_PAGE", "page %d has no rows, yet is not the last", index+1)
	}
	place.Proved = known
	part.At(place)
	closed, err := part.Close()
	if err != nil {
		return err
	}
	j.add(closed.Rows, place.Deleted, known)
	return nil
}

// recordCount reads Sforce-NumberOfRecords, which counts records and not the header line.
func recordCount(header http.Header) (rows int64, known bool) {
	rows, err := strconv.ParseInt(strings.TrimSpace(header.Get("Sforce-NumberOfRecords")), 10, 64)
	return rows, err == nil && rows >= 0
}

// unreadable judges what a decoder complains of: a stream that broke off, a body that was never there, or a document
// that is damaged. Each is asked for again.
func unreadable(r request, answer *answer, err error) error {
	var damage *DecodeError
	switch {
	case answer.body.err != nil:
		return unreached(r.op, r.object, answer.body.err)
	case answer.body.read == 0:
		return garbled(r, answer.status, answer.header, "an empty answer")
	case !errors.As(err, &damage):
		return err
	}
	failure := &repeat{because: damaged, cause: fmt.Errorf("salesforce: %s: %w", r.op, err)}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		failure.because = broken
	}
	return failure
}
