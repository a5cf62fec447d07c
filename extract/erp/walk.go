package erp

import (
	"context"
	"errors"
	"io"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
)

// ErrEnough ends a walk before the last row.
var ErrEnough = errors.New("enough rows seen")

// Walk reads the snapshot as strictly as Read, and shows each batch instead of staging it; see does not keep it. Where
// see answers ErrEnough the walk ends there: the rest of the file is unread and unproved, and whole is false. Errors
// are those of Read and of see.
func Walk(ctx context.Context, options Options, see func(arrow.RecordBatch) error) (snapshot extract.Snapshot, whole bool, err error) {
	plan, err := newPlan(options)
	if err != nil {
		return extract.Snapshot{}, false, err
	}
	file, err := openSnapshot(ctx, plan)
	if err != nil {
		return extract.Snapshot{}, false, err
	}
	defer file.close()
	rows, err := walk(ctx, plan, file, see)
	switch {
	case errors.Is(err, ErrEnough):
		return file.snapshot(rows), false, nil
	case err != nil:
		return extract.Snapshot{}, false, file.blame(err)
	}
	return file.snapshot(rows), true, nil
}

func walk(ctx context.Context, plan *plan, file *snapshotFile, see func(arrow.RecordBatch) error) (rows int64, err error) {
	from, err := openSource(plan, file)
	if err != nil {
		return 0, err
	}
	defer from.close()
	for {
		batch, err := from.next(ctx)
		if errors.Is(err, io.EOF) && !isRefusal(err) {
			return rows, prove(plan, file, from.records(), rows)
		}
		if err != nil {
			return rows, err
		}
		rows += batch.NumRows()
		err = see(batch)
		batch.Release()
		if err != nil {
			return rows, err
		}
	}
}
