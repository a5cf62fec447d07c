package erp

import (
	"context"
	"errors"
	"io"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/sourcegraph/conc/pool"
)

// numbered is a batch and the part that it becomes.
type numbered struct {
	index int
	batch arrow.RecordBatch
}

// stageBatches writes each batch of from as a part of its own and gives the rows. One goroutine reads, plan.Workers
// write, and no more batches are held than they have in hand. The part's index is the batch's position, so the parts
// are the same whoever is faster.
func stageBatches(ctx context.Context, from source, table *extract.TableWriter, plan *plan) (int64, error) {
	group := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	batches := make(chan numbered)
	var rows int64
	group.Go(func(ctx context.Context) error {
		defer close(batches)
		var err error
		rows, err = readBatches(ctx, from, batches, plan)
		return err
	})
	for range plan.Workers {
		group.Go(func(context.Context) error { return writeParts(table, batches) })
	}
	err := group.Wait()
	if cause := context.Cause(ctx); cause != nil && err != nil && !isRefusal(err) {
		return 0, cause
	}
	return rows, err
}

func readBatches(ctx context.Context, from source, batches chan<- numbered, plan *plan) (rows int64, err error) {
	for index := 0; ; index++ {
		batch, err := from.next(ctx)
		if errors.Is(err, io.EOF) && !isRefusal(err) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows += batch.NumRows()
		select {
		case batches <- numbered{index, batch}:
		case <-ctx.Done():
			batch.Release()
			return rows, context.Cause(ctx)
		}
		if plan.Progress != nil {
			plan.Progress(rows)
		}
	}
}

// writeParts takes batches until there are none. After an error the context ends the reader, which closes batches.
func writeParts(table *extract.TableWriter, batches <-chan numbered) error {
	for next := range batches {
		if err := writePart(table, next); err != nil {
			return err
		}
	}
	return nil
}

func writePart(table *extract.TableWriter, next numbered) error {
	defer next.batch.Release()
	part, err := table.NewPart(next.index)
	if err != nil {
		return err
	}
	defer part.Abort()
	if err := part.Write(next.batch); err != nil {
		return err
	}
	_, err = part.Close()
	return err
}
