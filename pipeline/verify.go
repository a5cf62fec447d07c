package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	if err := manifest.addsUp(); err != nil {
		return nil, dir, &VerifyError{Path: filepath.Join(dir, manifestFile), Err: err}
	}
	return manifest, dir, nil
}

// addsUp holds what a manifest says against itself and against the rows of its files, which were counted just before:
// a manifest that was edited or damaged, and is still JSON, does not hold.
func (m *Manifest) addsUp() error {
	for _, check := range m.Checks {
		if !check.Holds || check.Left != check.Right {
			return fmt.Errorf("check %q: %d, %d", check.Name, check.Left, check.Right)
		}
	}
	totals := map[string]int64{}
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
