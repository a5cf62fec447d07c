package erp

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// restTries bounds the waiting for a file that is written to again and again: so many times Options.Settle.
const restTries = 15

// settled waits until the open file has been at rest for plan.Settle, and gives what fstat says of it then. The clocks of
// a file server and of this machine may differ, so a file that looks young is watched for as long as it would have to be
// at rest.
func settled(ctx context.Context, plan *plan, file *os.File, seen fs.FileInfo) (fs.FileInfo, error) {
	if plan.Settle <= 0 || plan.Now.Sub(seen.ModTime()) >= plan.Settle {
		return seen, nil
	}
	for range restTries {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(plan.Settle):
		}
		now, err := file.Stat()
		if err != nil {
			return nil, plan.caused("read", err, "look at the file system of "+plan.Path)
		}
		if now.Size() == seen.Size() && now.ModTime().Equal(seen.ModTime()) {
			return now, nil
		}
		seen = now
	}
	return nil, plan.problem("the file is still being written: it was never at rest for "+plan.Settle.String()+" within "+(restTries*plan.Settle).String(),
		"run again when the export has ended; best the export writes under another name and renames")
}

// nameDay finds a day in the name of a file: customers_2026-11-23.csv, customers-20261123.csv.gz.
var nameDay = regexp.MustCompile(`(?:^|[^0-9])(20[0-9]{2})(-?)([01][0-9])(-?)([0-3][0-9])(?:[^0-9]|$)`)

// dayOf is the day in a name, as the moment at which it ended everywhere on earth.
func dayOf(name string) (day string, ended time.Time, ok bool) {
	parts := nameDay.FindStringSubmatch(name)
	if parts == nil || parts[2] != parts[4] {
		return "", time.Time{}, false
	}
	day = parts[1] + "-" + parts[3] + "-" + parts[5]
	began, err := time.Parse(time.DateOnly, day)
	return day, began.Add(36 * time.Hour), err == nil // it ends last twelve hours west of Greenwich
}

// namedLately refuses an old file that was copied or touched: the day in its own name, or in that of the file a link
// leads to, is too long ago.
func namedLately(plan *plan) error {
	names := []string{filepath.Base(plan.Path)}
	if target, err := filepath.EvalSymlinks(plan.Path); err == nil && filepath.Base(target) != names[0] {
		names = append(names, filepath.Base(target))
	}
	for _, name := range names {
		day, ended, ok := dayOf(name)
		if age := plan.Now.Sub(ended); ok && plan.MaxAge > 0 && age > plan.MaxAge {
			return plan.problem("its name says "+day+", a day that ended more than "+rounded(age)+" ago, the limit is "+rounded(plan.MaxAge),
				"look whether the export ran, or raise erp.max_age")
		}
	}
	return nil
}
