package salesforce

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Usage is what this client did and how much of its daily API calls the org has used. Used and Limit are the org's
// latest word, 0 as long as it said none; Salesforce lets Used lag behind by some calls.
type Usage struct {
	Calls   int64 // requests sent to the data API, repeats included
	Used    int64 // API calls of the whole org in the last 24 hours
	Limit   int64 // API calls the org may make in 24 hours
	Retries int64 // requests that were repeated
}

type usage struct {
	calls   atomic.Int64
	retries atomic.Int64

	mutex sync.Mutex
	used  int64
	limit int64
}

// Usage is the account so far.
func (c *Client) Usage() Usage {
	used, limit := c.usage.latest()
	return Usage{Calls: c.usage.calls.Load(), Retries: c.usage.retries.Load(), Used: used, Limit: limit}
}

func (u *usage) latest() (used, limit int64) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	return u.used, u.limit
}

// note reads Sforce-Limit-Info of an answer. Answers of parallel requests arrive in any order, so within one limit the
// larger count is the later one; a count that fell by more than half is a day that rolled over.
func (u *usage) note(header http.Header) {
	used, limit, ok := limitInfo(header.Get("Sforce-Limit-Info"))
	if !ok {
		return
	}
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if limit != u.limit || used > u.used || used < u.used/2 {
		u.used, u.limit = used, limit
	}
}

// limitInfo parses "api-usage=891/15000", which other limits may follow
// (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm). Where
// per-app-api-usage stands there too, the first api-usage counts: it is the org's.
func limitInfo(value string) (used, limit int64, ok bool) {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		ratio, found := strings.CutPrefix(part, "api-usage=")
		if !found {
			continue
		}
		left, right, found := strings.Cut(ratio, "/")
		if !found {
			return 0, 0, false
		}
		used, err := strconv.ParseInt(left, 10, 64)
		if err != nil || used < 0 {
			return 0, 0, false
		}
		limit, err := strconv.ParseInt(right, 10, 64)
		if err != nil || limit <= 0 {
			return 0, 0, false
		}
		return used, limit, true
	}
	return 0, 0, false
}

// Calls that an extract needs, estimated high. A REST page holds up to 2,000 rows; a Bulk job is created, polled for
// minutes, listed, read page by page and deleted.
const (
	bulkOverhead = 30
	bulkPageRows = 50_000
)

func callsNeeded(api string, rows int64) int64 {
	if api == apiREST {
		return rows/restPageRows + 1
	}
	return bulkOverhead + rows/bulkPageRows*6/5 // five pages cost one call of the list of pages
}

// Forecast refuses extractions that together would take the org over its quota: what they would use up, others need. It
// is asked when all of them have begun and none of them reads. Errors are *Error with exit code 4.
func (c *Client) Forecast(extractions ...*Extraction) error {
	var needed int64
	var objects []string
	for _, e := range extractions {
		if calls := e.calls(); calls > 0 {
			needed += calls
			objects = append(objects, e.object)
		}
	}
	if needed == 0 {
		return nil
	}
	return c.allow(strings.Join(objects, ", "), needed)
}

// calls are those that the extraction still needs.
func (e *Extraction) calls() int64 {
	switch {
	case e.whole != nil:
		return 0
	case e.kept != nil:
		return callsNeeded(e.api, max(0, e.total-e.kept.Rows()))
	}
	return callsNeeded(e.api, e.total)
}

// allow refuses what needs more calls than the quota leaves.
func (c *Client) allow(object string, needed int64) error {
	used, limit := c.usage.latest()
	if c.options.APIQuota == 0 || limit == 0 {
		return nil
	}
	allowed := int64(c.options.APIQuota * float64(limit))
	if used+needed <= allowed {
		return nil
	}
	return &Error{
		Op: "quota", Object: object, Code: "API_QUOTA", exit: exitUnavailable,
		Message: fmt.Sprintf("the org has used %d of %d API calls, this extract needs about %d, and the quota of %g ends at %d; calls come back as they turn 24 hours old",
			used, limit, needed, c.options.APIQuota, allowed),
		hint: "run later, raise limits.api_quota, or find out in Setup, System Overview, what else uses the calls",
	}
}
