package pipeline

import (
	"context"
	"os"
	"path/filepath"

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
	return manifest, dir, nil
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
