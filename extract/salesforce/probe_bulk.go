package salesforce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// BulkTrial is a query job of one row that went its whole way.
type BulkTrial struct {
	JobID string
	Rows  int64 // 0 or 1
	Took  time.Duration
}

// TryBulk creates a query job of one row, waits for it, reads it and deletes it: what no other call proves is the
// permission for Bulk API 2.0. Errors are *Error, or the cause of ctx.
func (p *Probe) TryBulk(ctx context.Context, object string) (BulkTrial, error) {
	soql, err := selectQuery(object, []string{"Id"})
	if err != nil {
		return BulkTrial{}, err
	}
	started := time.Now()
	e := &Extraction{client: p.client, object: object, soql: soql + " LIMIT 1", progress: func(int64, int64) {}}
	j, err := e.createJob(ctx)
	if err != nil {
		return BulkTrial{}, err
	}
	if _, err := j.await(ctx); err != nil {
		j.abandon(ctx, err)
		return BulkTrial{JobID: j.id}, settled(err)
	}
	rows, err := j.readOne(ctx)
	err = errors.Join(err, e.discardJob(ctx))
	return BulkTrial{JobID: j.id, Rows: rows, Took: time.Since(started)}, err
}

// readOne reads the one page of a job of one row: a header line and at most one more.
func (j *job) readOne(ctx context.Context) (rows int64, err error) {
	r := request{op: j.op("results"), object: j.object, method: http.MethodGet, path: j.path("results"), accept: typeCSV}
	err = j.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		answer, err := j.client.send(ctx, r, j.client.limits.errorBytes)
		if err != nil {
			return err
		}
		defer func() { _ = answer.body.Close() }()
		text, err := io.ReadAll(answer.body)
		if err != nil {
			return unreached(r.op, r.object, err)
		}
		lines := int64(strings.Count(strings.TrimRight(string(text), "\n"), "\n"))
		if told := answer.header.Get("Sforce-NumberOfRecords"); lines > 1 || told != fmt.Sprint(lines) || isHTML(text) {
			return &Error{
				Op: r.op, Object: r.object, Status: answer.status, exit: exitMalformed, hint: hintProxy,
				Message: fmt.Sprintf("%d bytes with %d rows, announced %q", len(text), lines, clip(j.client.vault.without(told))),
			}
		}
		rows = lines
		return nil
	})
	return rows, settled(err)
}
