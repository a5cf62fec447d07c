package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"crosswalk/extract"

	"github.com/cenkalti/backoff/v5"
)

// job is a query job of Bulk API 2.0
// (https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/queries.htm).
type job struct {
	*Extraction
	id       string
	finished bool // in a state that it will not leave
}

// jobInfo is what Salesforce tells of a job. NumberRecordsProcessed is missing as long as the job is young.
type jobInfo struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	CreatedAt string `json:"createdDate"`
	State     string `json:"state"`
	Processed *int64 `json:"numberRecordsProcessed"`
	Message   string `json:"errorMessage"`
}

// recordID is an id that may stand in a path.
var recordID = regexp.MustCompile(`^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$`)

// readBulk creates a job, or takes up the one of a dead run, waits for it, reads its pages and holds their rows against
// the job's own count.
func (e *Extraction) readBulk(ctx context.Context) error {
	j, info, err := e.openJob(ctx)
	if err != nil {
		return err
	}
	if !j.finished {
		if info, err = j.await(ctx); err != nil {
			j.abandon(ctx, err)
			return err
		}
	}
	if err := j.readPages(ctx); err != nil {
		return err
	}
	return j.prove(ctx, info)
}

func (e *Extraction) createJob(ctx context.Context) (*job, error) {
	operation := "query"
	if e.all {
		operation = "queryAll"
	}
	body, err := json.Marshal(map[string]string{
		"operation": operation, "query": e.soql, "contentType": "CSV", "columnDelimiter": "COMMA", "lineEnding": "LF",
	})
	if err != nil {
		return nil, err
	}
	var info jobInfo
	r := request{op: "bulk job: create", object: e.object, method: http.MethodPost, path: e.client.versioned("jobs", "query"), body: body}
	err = e.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		own, cancel := lingering(ctx, e.client.limits.lastWord)
		defer cancel() // a job of which nobody has the id stays at Salesforce for a week
		answer, err := e.client.send(own, r, e.client.limits.jsonBytes)
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		return decodeJSON(r, answer, &info)
	})
	if err != nil {
		return nil, err
	}
	info.CreatedAt = momentOf(info.CreatedAt)
	if !recordID.MatchString(info.ID) {
		return nil, hollow(r, "an answer without a job id")
	}
	e.jobs = append(e.jobs, info.ID)
	e.client.log.DebugContext(ctx, "bulk job created", "object", e.object, "job_id", info.ID)
	j := &job{Extraction: e, id: info.ID}
	if err := e.table.NoteJob(extract.Job{ID: info.ID, Object: e.object, CreatedAt: info.CreatedAt}); err != nil {
		j.abandon(ctx, err)
		return nil, err
	}
	return j, nil
}

func (j *job) op(what string) string { return "bulk job " + j.id + ": " + what }

func (j *job) path(more ...string) string {
	return j.client.versioned(append([]string{"jobs", "query", j.id}, more...)...)
}

// await polls until the job is complete. The first polls come fast, so that a small job is not kept waiting, the later
// ones every ten seconds, so that a long one does not eat the org's calls.
func (j *job) await(ctx context.Context) (jobInfo, error) {
	waits := &backoff.ExponentialBackOff{
		InitialInterval: j.client.limits.firstPoll, MaxInterval: j.client.limits.lastPoll, Multiplier: 1.5, RandomizationFactor: 0.1,
	}
	for {
		if err := sleep(ctx, waits.NextBackOff()); err != nil {
			return jobInfo{}, stopped(ctx, j.op("poll"), j.object)
		}
		info, err := j.info(ctx)
		if err != nil {
			return info, err
		}
		switch info.State {
		case "UploadComplete", "InProgress":
		case "JobComplete":
			j.finished = true
			return info, nil
		default:
			return info, j.ended(info)
		}
	}
}

func (j *job) info(ctx context.Context) (info jobInfo, err error) {
	if err := j.afford(); err != nil {
		return info, err
	}
	err = j.client.fetch(ctx, request{op: j.op("poll"), object: j.object, method: http.MethodGet, path: j.path()}, &info)
	if err = j.gone(err); err != nil {
		var left *lost
		j.finished = errors.As(err, &left)
	}
	info.CreatedAt = momentOf(info.CreatedAt)
	return info, err
}

// jobMoment is the form of createdDate: 2018-12-10T17:50:19.000+0000. It goes into the journal, and nothing else may.
var jobMoment = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T[0-9:.]{5,20}(Z|[+-][0-9:]{2,6})$`)

func momentOf(text string) string {
	if !jobMoment.MatchString(text) {
		return ""
	}
	return text
}

// gone tells a job that does not exist any more from other errors.
func (j *job) gone(err error) error {
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return &lost{cause: settled(err)}
	}
	return err
}

// ended is the error of a job in a state that gives no rows, or in one that nobody knows.
func (j *job) ended(info jobInfo) error {
	failure := &Error{Op: j.op("poll"), Object: j.object, exit: exitUnavailable, unproved: true}
	// What the server says is told on, so it goes the way of every other text of the server.
	info.Message = j.client.vault.without(info.Message)
	info.State = j.client.vault.without(info.State)
	switch info.State {
	case "Failed":
		j.finished = true
		failure.Op = j.op("failed")
		failure.Message = failedMessage(info.Message)
		known := verdictOf(0, failedCode(info.Message), info.Message)
		failure.exit, failure.hint = known.exit, known.hint
	case "Aborted":
		j.finished = true
		failure.Op = j.op("aborted")
		failure.Message = "someone in the org aborted it"
		failure.hint = "ask the administrators of the org (Setup, Bulk Data Load Jobs), then run again"
	default:
		failure.Message = "unknown state " + clip(info.State)
		failure.hint = "see the job in Setup, Bulk Data Load Jobs"
	}
	return failure
}

// failedMessage is an errorMessage such as "InvalidBatch : Field name not found : X".
func failedMessage(text string) string {
	if text = clip(queryCaret.ReplaceAllString(text, "")); text != "" {
		return text
	}
	return "Salesforce gives no reason"
}

func failedCode(text string) string {
	code, _, _ := strings.Cut(strings.TrimSpace(text), ":")
	return strings.TrimSpace(code)
}

// prove holds the rows of all pages against the job's count, which may come late: it is read again before it is
// believed to differ.
func (j *job) prove(ctx context.Context, info jobInfo) error {
	if info.Processed == nil || *info.Processed != j.received {
		var err error
		if info, err = j.info(ctx); err != nil {
			return err
		}
	}
	switch {
	case info.Processed != nil && *info.Processed != j.received:
		return incomplete(j.op("results"), j.object, "ROWS_MISSING", "the job processed %d rows, received %d", *info.Processed, j.received)
	case info.Processed == nil && j.unproved > 0:
		return incomplete(j.op("results"), j.object, "ROWS_UNPROVED", "neither the job nor %d of its pages say how many rows there are", j.unproved)
	}
	j.announced = j.received
	return nil
}
