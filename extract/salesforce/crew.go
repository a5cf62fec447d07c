package salesforce

import (
	"context"
	"sync"

	"github.com/sourcegraph/conc/pool"
)

// crew is a bounded pool of workers that stops at its first error, wherever it happens. Memory is workers x batch: 8
// workers of at most 16 MiB of text, twice that as columns, are 256 MiB.
type crew struct {
	op, object string

	ctx    context.Context
	cancel context.CancelFunc
	pool   *pool.Pool
	once   sync.Once
	err    error
}

// newCrew gives a crew and its context, which ends at the first failure and with wait.
func newCrew(ctx context.Context, op, object string, workers int) (*crew, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &crew{op: op, object: object, ctx: ctx, cancel: cancel, pool: pool.New().WithMaxGoroutines(workers)}, ctx
}

// work waits for a free worker. After a failure it does nothing.
func (c *crew) work(task func(context.Context) error) {
	if c.ctx.Err() != nil {
		return
	}
	c.pool.Go(func() {
		if err := task(c.ctx); err != nil {
			c.fail(err)
		}
	})
}

// fail keeps the first error and stops everybody.
func (c *crew) fail(err error) {
	c.once.Do(func() { c.err = err })
	c.cancel()
}

// wait returns the first error when all workers are done, or why the context ended before they were.
func (c *crew) wait() error {
	c.pool.Wait()
	defer c.cancel()
	if c.err == nil && c.ctx.Err() != nil {
		return stopped(c.ctx, c.op, c.object)
	}
	return c.err
}
