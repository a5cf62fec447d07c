package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

const (
	manifestFile   = "manifest.json"
	latestLink     = "latest"
	stagingPrefix  = ".staging-"
	replacedPrefix = ".replaced-"
	linkPrefix     = ".latest-"
)

var (
	runName       = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	partitionName = regexp.MustCompile(`^run_date=[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
)

// NewStaging makes the hidden folder `.staging-<runID>` in root, and root where it is missing. Being in root it is on
// the file system of the partitions, so that publication is a rename. The folder is open to its owner and, as far as
// the umask lets it, to read for the group; it keeps this mode when it is published.
func NewStaging(root, runID string) (string, error) {
	if !runName.MatchString(runID) {
		return "", fmt.Errorf("staging: run id must match %s", runName)
	}
	if err := os.MkdirAll(root, 0o750); err != nil {
		return "", storageError("create", root, err)
	}
	dir := filepath.Join(root, stagingPrefix+runID)
	if err := os.Mkdir(dir, 0o750); err != nil {
		return "", storageError("create", dir, err)
	}
	return dir, nil
}

// Sweep brings root to rest after a run that died: staging folders, replaced publications and half-made links go, a
// publication that had been moved aside but not yet replaced comes back, and `latest` is pointed at the newest
// partition. Call it under the run's lock, before NewStaging. It fails, changing nothing, where `latest` is not ours.
// A missing root is at rest. Errors: *Error.
func Sweep(ctx context.Context, root string) error { return sweep(ctx, osFiles{}, root) }

func sweep(ctx context.Context, files fileSystem, root string) error {
	entries, err := files.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return storageError("list", root, err)
	}
	if _, err := readLatest(files, root); err != nil {
		return err
	}
	swept := false
	for _, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		found, err := sweepEntry(files, root, entry)
		if err != nil {
			return err
		}
		swept = swept || found
	}
	if swept {
		if err := syncDirectory(files, root); err != nil {
			return err
		}
	}
	return pointLatest(files, root)
}

// sweepEntry tells whether the entry was a leftover.
func sweepEntry(files fileSystem, root string, entry fs.DirEntry) (bool, error) {
	name := entry.Name()
	path := filepath.Join(root, name)
	partition, replaced := strings.CutPrefix(name, replacedPrefix)
	switch {
	case replaced && partitionName.MatchString(partition) && entry.IsDir():
		return true, heal(files, path, filepath.Join(root, partition))
	case strings.HasPrefix(name, stagingPrefix) && entry.IsDir():
		return true, removeTree(files, path, manifestFile)
	case strings.HasPrefix(name, linkPrefix) && entry.Type()&fs.ModeSymlink != 0:
		return true, remove(files, path)
	}
	return false, nil
}

// heal ends a replacement that was cut short: where the new publication did not get its name, the old one gets it back.
func heal(files fileSystem, replaced, partition string) error {
	_, err := files.Lstat(partition)
	if err == nil {
		return removeTree(files, replaced, manifestFile)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return storageError("stat", partition, err)
	}
	if err := files.Rename(replaced, partition); err != nil {
		return storageError("rename", replaced, err)
	}
	return nil
}

// Partitions are the names of the publications in root, oldest date first: folders named run_date=YYYY-MM-DD that
// hold a manifest. A missing root has none. Errors: *Error.
func Partitions(root string) ([]string, error) { return partitions(osFiles{}, root) }

func partitions(files fileSystem, root string) ([]string, error) {
	entries, err := files.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, storageError("list", root, err)
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() || !partitionName.MatchString(entry.Name()) {
			continue
		}
		_, err := files.Lstat(filepath.Join(root, entry.Name(), manifestFile))
		if err == nil {
			names = append(names, entry.Name())
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, storageError("stat", filepath.Join(root, entry.Name()), err)
		}
	}
	slices.Sort(names)
	return names, nil
}
