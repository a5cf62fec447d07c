package salesforce

import (
	"context"
	"net/http"
	"net/url"
)

// Paths of a query: queryAll sees the rows in the recycle bin and the archived ones too.
func queryPath(all bool) string {
	if all {
		return "queryAll"
	}
	return "query"
}

// count asks COUNT(), which is exact: /limits/recordCount is cached and counts rows that the user may not see.
func (c *Client) count(ctx context.Context, object string, all bool) (int64, error) {
	soql, err := countQuery(object)
	if err != nil {
		return 0, err
	}
	r := request{op: "count", object: object, method: http.MethodGet, path: c.versioned(queryPath(all)), query: url.Values{"q": {soql}}}
	var answer struct {
		TotalSize *int64 `json:"totalSize"`
		Done      bool   `json:"done"`
	}
	if err := c.fetch(ctx, r, &answer); err != nil {
		return 0, err
	}
	if answer.TotalSize == nil || *answer.TotalSize < 0 || !answer.Done {
		return 0, hollow(r, "an answer to COUNT() without a count")
	}
	return *answer.TotalSize, nil
}

// proveCount holds the rows received against COUNT() from before the query. Where they differ the org may have changed
// meanwhile: then a second count bounds how far.
func (e *Extraction) proveCount(ctx context.Context, before int64) error {
	if e.received == before {
		return nil
	}
	after, err := e.client.count(ctx, e.object, e.all)
	if err != nil {
		return err
	}
	if min(before, after) <= e.received && e.received <= max(before, after) {
		e.client.log.InfoContext(ctx, "records changed during the extract", "object", e.object,
			"count_before_rows", before, "count_after_rows", after, "received_rows", e.received)
		return nil
	}
	return incomplete("count", e.object, "COUNT_QUERY", "count_query: COUNT() said %d before and %d after, received %d", before, after, e.received)
}
