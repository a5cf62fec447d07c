package salesforce

import (
	"context"
	"errors"
	"fmt"

	"crosswalk/extract"
)

// takeUp finds out what of the table a dead run left to go on with: all of it, or a job and some of its pages. The rest
// is dropped, so no row counts twice.
func (e *Extraction) takeUp(ctx context.Context, api string) error {
	left, ok := e.table.Kept()
	if !ok {
		return nil
	}
	if reason := e.useless(left, api); reason != "" {
		return e.startAnew(ctx, reason, left.Rows())
	}
	kept, err := e.table.TakeUp(ctx)
	if err != nil {
		return err
	}
	if lost := len(left.Parts) - len(kept.Parts); lost > 0 {
		e.client.log.WarnContext(ctx, "parts of a dead run do not hold", "object", e.object, "parts", lost)
	}
	switch {
	case kept.Whole != nil:
		e.whole = kept.Whole
		if kept.Job != nil {
			e.jobs = append(e.jobs, kept.Job.ID)
		}
		e.progress(kept.Whole.Received, kept.Whole.CountQuery)
	case kept.Job == nil:
		return e.startAnew(ctx, "its job is gone", kept.Rows())
	default:
		e.kept, e.total = &kept, kept.Asked.Count
	}
	e.client.log.InfoContext(ctx, "object taken up", "object", e.object, "api", kept.Asked.API, "whole", kept.Whole != nil,
		"pages_kept", len(kept.Parts), "rows_kept", kept.Rows(), "rows_left", max(0, kept.Asked.Count-kept.Rows()))
	return nil
}

// useless is why nobody can go on with what is left; "" where somebody can.
func (e *Extraction) useless(left extract.Kept, api string) string {
	switch {
	case left.Asked == nil:
		return "it was not asked for yet"
	case left.Asked.Query != e.soql || left.Asked.All != e.all:
		return "the query is another one now"
	case api != "" && api != apiAuto && api != left.Asked.API:
		return "salesforce.api is another one now"
	case left.Asked.API != apiBulk && left.Whole == nil:
		return "a cursor ends with its session"
	}
	return ""
}

// startAnew drops what a dead run left.
func (e *Extraction) startAnew(ctx context.Context, reason string, rows int64) error {
	if rows > 0 {
		e.client.log.WarnContext(ctx, "object starts anew", "object", e.object, "reason", reason, "dropped_rows", rows)
	}
	e.kept = nil
	e.restart()
	return e.table.Reset()
}

// openJob takes up the job of a dead run, or creates one. A job that will give no rows any more is replaced.
func (e *Extraction) openJob(ctx context.Context) (*job, jobInfo, error) {
	if e.kept == nil {
		j, err := e.createJob(ctx)
		return j, jobInfo{}, err
	}
	noted := *e.kept.Job
	j := &job{Extraction: e, id: noted.ID}
	info, reason, err := j.revisit(ctx, noted)
	if err != nil {
		return nil, info, err
	}
	if reason == "" {
		e.jobs = append(e.jobs, noted.ID)
		j.finished = info.State == "JobComplete"
		return j, info, nil
	}
	if err := e.startAnew(ctx, reason, e.kept.Rows()); err != nil {
		return nil, info, err
	}
	if isSame(info, noted) {
		e.client.farewell(ctx, j.deletion())
	}
	if err := errors.Join(e.table.NoteDiscarded(noted.ID), e.countFirst(ctx, apiBulk)); err != nil {
		return nil, info, err
	}
	if err := e.client.Forecast(e); err != nil {
		return nil, info, err
	}
	e.foreseen += e.calls()
	j, err = e.createJob(ctx)
	return j, jobInfo{}, err
}

// revisit asks what became of a job and says why it is of no use any more.
func (j *job) revisit(ctx context.Context, noted extract.Job) (info jobInfo, reason string, err error) {
	if !recordID.MatchString(j.id) {
		return info, "its job has no id", nil
	}
	info, err = j.info(ctx)
	var gone *lost
	switch {
	case errors.As(err, &gone):
		return jobInfo{}, "its job is gone", nil
	case err != nil:
		return info, "", err
	case !isSame(info, noted):
		return info, "its job is another one", nil
	case isRunning(info), info.State == "JobComplete":
		return info, "", nil
	}
	return info, "its job is " + clip(j.client.vault.without(info.State)), nil
}

// keptPage tells whether a dead run staged this very page, and counts it. A page that stands elsewhere now ends the
// job's use.
func (j *job) keptPage(p page) (extract.KeptPart, bool, error) {
	if j.kept == nil {
		return extract.KeptPart{}, false, nil
	}
	part, ok := j.kept.Parts[p.index]
	if !ok {
		return part, false, nil
	}
	if part.Page != p.query.Encode() {
		return part, false, &lost{cause: j.incomplete("PAGE_MOVED", "page %d is another one than when it was first read", p.index+1)}
	}
	j.add(part.Rows, part.Deleted, part.Proved)
	return part, true, nil
}

// checkKept holds that no page was staged beyond the last one.
func (j *job) checkKept(ctx context.Context, pages int) error {
	if j.kept == nil || ctx.Err() != nil {
		return nil
	}
	for index := range j.kept.Parts {
		if index >= pages {
			return &lost{cause: j.incomplete("PAGES_FEWER", "the job has %d pages, and page %d was read earlier", pages, index+1)}
		}
	}
	return nil
}

// failed is the end of an extract that did not succeed. What came of it stays for another run to go on with, unless it
// is the rows themselves that cannot be believed.
func (e *Extraction) failed(ctx context.Context, err error) error {
	if mayGoOn(ctx, err) || !e.table.Recoverable() {
		return err
	}
	return errors.Join(err, e.table.Reset())
}

// mayGoOn tells a failure on the way from one of the rows.
func mayGoOn(ctx context.Context, err error) bool {
	var failure *Error
	if errors.As(err, &failure) && failure.unproved {
		return false
	}
	var coded interface{ ExitCode() int }
	return ctx.Err() != nil || errors.As(err, &coded) && coded.ExitCode() == exitUnavailable
}

// countFirst asks COUNT() and notes with which API the rows will be asked for.
func (e *Extraction) countFirst(ctx context.Context, api string) (err error) {
	if e.total, err = e.client.count(ctx, e.object, e.all); err != nil {
		return err
	}
	if api, err = e.choose(api, e.total); err != nil {
		return err
	}
	e.api = api
	return e.table.NoteAsked(extract.Asked{API: api, Query: e.soql, All: e.all, Count: e.total})
}

// prove holds the staged rows against the others and makes the evidence.
func (e *Extraction) proveAll(ctx context.Context) (extract.Query, error) {
	if err := e.proveCount(ctx, e.total); err != nil {
		return extract.Query{}, err
	}
	staged := e.table.Rows()
	if staged != e.received {
		return extract.Query{}, fmt.Errorf("salesforce: %s: received %d rows, staged %d", e.object, e.received, staged)
	}
	query := extract.Query{
		Object: e.object, API: e.api, Query: e.soql, JobIDs: e.jobs, CountQuery: e.total,
		Announced: e.announced, Received: e.received, Staged: staged, Deleted: e.deleted,
	}
	return query, e.table.NoteWhole(query)
}
