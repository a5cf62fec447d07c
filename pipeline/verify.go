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

	"crosswalk/load"
)

// Verify re-checks a publication against its manifest: partition is a folder, a run date, or empty for the newest. It
// returns the manifest that holds. Errors are *VerifyError or load's, with exit code 6.
func Verify(ctx context.Context, config *Config, partition string) (*Manifest, string, error) {
	dir := partitionDirectory(config, partition)
	manifest, err := readManifest(dir)
	if err != nil {
		return nil, dir, err
	}
	if err := load.Verify(ctx, dir, manifest.Outputs); err != nil {
		return nil, dir, &VerifyError{Path: dir, Err: err}
	}
	if err := manifest.holds(dir); err != nil {
		return nil, dir, &VerifyError{Path: filepath.Join(dir, manifestFile), Err: err}
	}
	return manifest, dir, nil
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
