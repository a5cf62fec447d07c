package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Count is COUNT() of an object: the rows that the user sees. Errors are *Error.
func (p *Probe) Count(ctx context.Context, object string) (int64, error) {
	return p.client.count(ctx, object, false)
}

// CountFilled counts the rows that have a value in a field, or those that have none. The field must be filterable.
// Errors are *Error.
func (p *Probe) CountFilled(ctx context.Context, object, field string, filled bool) (int64, error) {
	soql, err := countQuery(object)
	if err != nil {
		return 0, err
	}
	if err := checkField(object, field); err != nil {
		return 0, err
	}
	operator := "="
	if filled {
		operator = "!="
	}
	var answer struct {
		TotalSize *int64 `json:"totalSize"`
	}
	r := request{
		op: "count", object: object, method: http.MethodGet, path: p.client.versioned(queryPath(false)),
		query: url.Values{"q": {soql + " WHERE " + field + " " + operator + " null"}},
	}
	if err := p.client.fetch(ctx, r, &answer); err != nil {
		return 0, err
	}
	if answer.TotalSize == nil || *answer.TotalSize < 0 {
		return 0, &Error{Op: r.op, Object: object, Message: "the answer to COUNT() has no count", exit: exitMalformed}
	}
	return *answer.TotalSize, nil
}

// RecordCounts are the rows of each object whoever may see them, as the org last counted them. Most users may not ask:
// the *Error then has exit code 3.
func (p *Probe) RecordCounts(ctx context.Context, objects ...string) (map[string]int64, error) {
	for _, object := range objects {
		if err := checkObject(object); err != nil {
			return nil, err
		}
	}
	var answer struct {
		Objects []struct {
			Name  string `json:"name"`
			Count int64  `json:"count"`
		} `json:"sObjects"`
	}
	r := request{
		op: "record counts", method: http.MethodGet, path: p.client.versioned("limits", "recordCount"),
		query: url.Values{"sObjects": {strings.Join(objects, ",")}},
	}
	if err := p.client.fetch(ctx, r, &answer); err != nil {
		return nil, err
	}
	counts := map[string]int64{}
	for _, object := range answer.Objects {
		counts[object.Name] = object.Count
	}
	return counts, nil
}
