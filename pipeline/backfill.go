package pipeline

import (
	"context"
	"fmt"
)

// Backfill publishes each date from one to another, both included, oldest first, from its recorded stage. A date
// without one ends it with the error of that date; the dates before it stay published.
func Backfill(ctx context.Context, config *Config, from, to string, options Options, each func(*Summary) error) error {
	dates, err := datesBetween(from, to)
	if err != nil {
		return err
	}
	options.Replay = true
	for _, date := range dates {
		options.RunDate = date
		summary, err := Run(ctx, config, options)
		if err != nil {
			return fmt.Errorf("backfill %s: %w", date, err)
		}
		if err := each(summary); err != nil {
			return err
		}
	}
	return nil
}
