package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"crosswalk/load"
)

// Verify re-checks a publication against its manifest: partition is a folder, a run date, or empty for the newest. It
// returns the manifest that holds. One that is replaced meanwhile is read again. Errors are *VerifyError and the cause of
// ctx.
func Verify(ctx context.Context, config *Config, partition string) (*Manifest, string, error) {
	dir := partitionDirectory(config, partition)
	for {
		manifest, err := readManifest(dir)
		if err != nil {
			return nil, dir, err
		}
		err = verify(ctx, dir, manifest)
		if err == nil {
			return manifest, dir, nil
		}
		if ctx.Err() != nil {
			return nil, dir, fmt.Errorf("verify %s: %w", dir, context.Cause(ctx))
		}
		if !manifest.isReplaced(dir) {
			return nil, dir, err
		}
	}
}

func verify(ctx context.Context, dir string, manifest *Manifest) error {
	if err := load.Verify(ctx, dir, manifest.Outputs); err != nil {
		return &VerifyError{Path: dir, Err: err}
	}
	if err := manifest.holds(dir); err != nil {
		return &VerifyError{Path: filepath.Join(dir, manifestFile), Err: err}
	}
	return nil
}

// isReplaced tells whether another publication stands in the folder by now. What was read there since the manifest may be
// of either.
func (m *Manifest) isReplaced(dir string) bool {
	now, err := readManifest(dir)
	return err == nil && now.RunID != m.RunID
}

// holds tells whether a manifest is that of the folder and agrees with itself, as every manifest that was published does.
func (m *Manifest) holds(dir string) error {
	return errors.Join(m.lists(), m.isOf(dir), m.addsUp())
}

// lists holds what a manifest names against what every publication has: each table in each of its formats, once.
func (m *Manifest) lists() error {
	named, forms := map[string]bool{}, map[string]bool{}
	for _, output := range m.Outputs {
		if named[output.Name] {
			return fmt.Errorf("outputs: %s is listed twice", output.Name)
		}
		named[output.Name] = true
		if form := filepath.Ext(output.Name); form != ".html" {
			forms[form] = true
		}
	}
	if len(forms) == 0 || len(m.Checks) == 0 {
		return errors.New("outputs or checks: none is listed, and every publication has some")
	}
	for _, table := range publishedTables {
		for _, form := range slices.Sorted(maps.Keys(forms)) {
			if !named[table+form] {
				return fmt.Errorf("outputs: %s is not listed, and every publication has it", table+form)
			}
		}
	}
	return nil
}

// publishedTables are those that every publication has; notes are published where they are configured.
var publishedTables = []string{"links", "customers", "accounts", "contacts", "exceptions", "changes"}

// isOf holds the date of a manifest against the folder that it lies in, where that is named after a date.
func (m *Manifest) isOf(dir string) error {
	place, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if date, ok := strings.CutPrefix(filepath.Base(place), partitionPrefix); ok && date != m.RunDate {
		return fmt.Errorf("run_date is %q, and the folder is that of %s", m.RunDate, date)
	}
	return nil
}

// addsUp holds what a manifest says against itself and against the rows of its files, which were counted just before:
// a manifest that was edited or damaged, and is still JSON, does not hold.
func (m *Manifest) addsUp() error {
	for _, check := range m.Checks {
		if !check.Holds || check.Left != check.Right {
			return fmt.Errorf("check %q: %d, %d", check.Name, check.Left, check.Right)
		}
	}
	totals := map[string]int64{"exceptions": exceptional(m.Accounting)}
	for name, counts := range map[string]map[string]int64{"customers": m.Accounting.Customers, "accounts": m.Accounting.Accounts, "contacts": m.Accounting.Contacts, "notes": m.Accounting.Notes} {
		var sum int64
		for status, count := range counts {
			if status != "total" {
				sum += count
			}
		}
		if totals[name] = counts["total"]; sum != counts["total"] {
			return fmt.Errorf("accounting: %s: the statuses sum to %d, the total is %d", name, sum, counts["total"])
		}
	}
	for _, output := range m.Outputs {
		table, _, _ := strings.Cut(output.Name, ".")
		if want, ok := totals[table]; ok && table != "contacts" && table != "notes" && output.Rows != want {
			return fmt.Errorf("%s: %d rows, %d are accounted for", output.Name, output.Rows, want)
		}
	}
	for _, query := range m.Inputs.Salesforce {
		if query.Announced != query.Received || query.Received != query.Staged {
			return fmt.Errorf("inputs: %s: announced %d, received %d, staged %d", query.Object, query.Announced, query.Received, query.Staged)
		}
	}
	return nil
}

func partitionDirectory(config *Config, partition string) string {
	switch {
	case partition == "":
		return filepath.Join(config.Output.Directory, "latest")
	case datePattern.MatchString(partition):
		return filepath.Join(config.Output.Directory, partitionPrefix+partition)
	}
	if info, err := os.Stat(partition); err == nil && info.IsDir() {
		return partition
	}
	return filepath.Join(config.Output.Directory, partition)
}

// VerifyError is a publication that does not hold, exit code 6, or that the system refused to read, exit code 8.
type VerifyError struct {
	Path string
	Err  error
}

// Error names the publication and what is wrong with it.
func (e *VerifyError) Error() string { return "verify " + e.Path + ": " + e.Err.Error() }

// Unwrap is the cause.
func (e *VerifyError) Unwrap() error { return e.Err }

// Hint is the next step.
func (e *VerifyError) Hint() string {
	if e.isRefused() {
		return "the system refused to read it: see that the user who runs this may, and check the disk of output.directory in the system log"
	}
	return "do not load this partition; make it again from its recorded stage with `crosswalk run --replay --run-date DATE`"
}

// ExitCode is 6: what is there must not be used; 8 where it could not be read.
func (e *VerifyError) ExitCode() int {
	if e.isRefused() {
		return 8
	}
	return 6
}

func (e *VerifyError) isRefused() bool {
	var disk *load.Error
	var file *load.VerifyError
	return refusedBySystem(e.Err) || errors.As(e.Err, &disk) || errors.As(e.Err, &file) && file.ExitCode() == 8
}

// refusedBySystem tells a file that the disk, or the limits of this process or user, did not let be read from one that is
// damaged, absent or no file at all.
func refusedBySystem(err error) bool {
	for _, errno := range []syscall.Errno{
		syscall.EIO, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EACCES, syscall.EPERM,
	} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
