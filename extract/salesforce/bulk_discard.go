package salesforce

import (
	"context"
	"errors"
	"net/http"

	"crosswalk/extract"
)

// abandon aborts and deletes a job whose rows nobody will fetch, also when the run itself is being cancelled. One that
// only cannot be asked about at the moment runs on where another run can take it up.
func (j *job) abandon(ctx context.Context, why error) {
	if j.finished || ctx.Err() == nil && j.table.Recoverable() && mayGoOn(ctx, why) {
		return
	}
	if j.client.farewell(ctx, j.abortion(), j.deletion()) {
		_ = j.table.NoteDiscarded(j.id) // the run is over; a later one finds that it is gone
	}
}

func (j *job) abortion() request {
	return request{
		op: j.op("abort"), object: j.object, method: http.MethodPatch, path: j.path(),
		body: []byte(`{"state":"Aborted"}`), accept: noAnswer,
	}
}

func (j *job) deletion() request {
	return request{op: j.op("delete"), object: j.object, method: http.MethodDelete, path: j.path(), accept: noAnswer}
}

// discardJob deletes the job whose rows are all staged: its results count against the org's storage for a week.
func (e *Extraction) discardJob(ctx context.Context) error {
	if e.client.options.KeepJobs || len(e.jobs) == 0 {
		return nil
	}
	j := job{Extraction: e, id: e.jobs[len(e.jobs)-1]} // one before it is gone already
	if !e.client.farewell(ctx, j.deletion()) {
		return nil
	}
	return e.table.NoteDiscarded(j.id)
}

// dropJob lets go of a job that got lost. One that is there all the same is deleted.
func (e *Extraction) dropJob(ctx context.Context, why error) error {
	if len(e.jobs) == 0 {
		return nil
	}
	j := job{Extraction: e, id: e.jobs[len(e.jobs)-1]}
	var refused *Error
	if errors.As(why, &refused) && refused.Status != http.StatusNotFound && !e.client.farewell(ctx, j.deletion()) {
		return nil
	}
	return e.table.NoteDiscarded(j.id)
}

// Discard aborts and deletes the jobs that dead runs left behind. It makes one attempt at each: what is left after that
// goes by itself when it is seven days old. A job that is another one than its note says stays. The end of ctx leaves it
// as long as a run that is told to stop has.
func (c *Client) Discard(ctx context.Context, jobs []extract.Job) {
	ctx, cancel := lingering(ctx, c.limits.lastWord)
	defer cancel()
	for _, left := range jobs {
		if ctx.Err() != nil {
			return
		}
		if !recordID.MatchString(left.ID) {
			continue
		}
		j := job{Extraction: &Extraction{client: c, object: left.Object}, id: left.ID}
		info, err := j.glance(ctx)
		switch {
		case err != nil:
			c.log.WarnContext(ctx, "bulk job of a dead run left behind", "object", left.Object, "job_id", left.ID, "reason", err.Error())
			continue
		case !isSame(info, left):
			continue
		}
		requests := []request{j.deletion()}
		if isRunning(info) {
			requests = []request{j.abortion(), j.deletion()}
		}
		if c.dismiss(ctx, requests...) {
			c.log.InfoContext(ctx, "bulk job of a dead run deleted", "object", left.Object, "job_id", left.ID, "state", clip(c.vault.without(info.State)))
		}
	}
}

// glance asks once what became of a job. The zero jobInfo is one that is gone.
func (j *job) glance(ctx context.Context) (info jobInfo, err error) {
	ctx, cancel := context.WithTimeout(ctx, j.client.limits.farewell)
	defer cancel()
	info, err = j.info(ctx)
	var gone *lost
	if errors.As(err, &gone) {
		return jobInfo{}, nil
	}
	return info, err
}

func isRunning(info jobInfo) bool {
	return info.State == "UploadComplete" || info.State == "InProgress"
}

// isSame tells whether a job is the one that was noted. An org that is played anew gives its ids anew.
func isSame(info jobInfo, noted extract.Job) bool {
	return info.ID == noted.ID && info.Object == noted.Object && info.CreatedAt == noted.CreatedAt
}

// farewell makes one attempt at each request, until one fails; that changes nothing for this run. A job that came to its
// end meanwhile refuses to be aborted, and can be deleted. A session that ended is no attempt.
func (c *Client) farewell(ctx context.Context, requests ...request) bool {
	return c.dismiss(context.WithoutCancel(ctx), requests...)
}

func (c *Client) dismiss(ctx context.Context, requests ...request) bool {
	ctx, cancel := context.WithTimeout(ctx, c.limits.farewell)
	defer cancel()
	for _, r := range requests {
		answer, err := c.send(ctx, r, c.limits.errorBytes)
		var again *repeat
		if errors.As(err, &again) && again.because.name == signedOut.name {
			answer, err = c.send(ctx, r, c.limits.errorBytes)
		}
		var refused *Error
		if r.method == http.MethodPatch && errors.As(err, &refused) && refused.Status == http.StatusBadRequest {
			continue
		}
		if err != nil {
			c.log.WarnContext(ctx, "bulk job left behind", "object", r.object, "operation", r.op, "reason", c.vault.scrub(settled(err)).Error())
			return false
		}
		_ = answer.body.Close()
	}
	return true
}
