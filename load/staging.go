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
	if _, _, err := readLatest(files, root); err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(entry fs.DirEntry) bool { return !isLeftover(entry) })
	if len(entries) > 0 {
		if err := syncDirectory(files, root); err != nil { // see Discard
			return err
		}
	}
	for _, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := sweepEntry(files, root, entry); err != nil {
			return err
		}
	}
	if len(entries) > 0 {
		if err := syncDirectory(files, root); err != nil {
			return err
		}
	}
	return pointLatest(files, root)
}

// isLeftover tells what a dead run left, by its name.
func isLeftover(entry fs.DirEntry) bool {
	name := entry.Name()
	partition, replaced := strings.CutPrefix(name, replacedPrefix)
	switch {
	case replaced && partitionName.MatchString(partition), strings.HasPrefix(name, stagingPrefix):
		return entry.IsDir()
	}
	return strings.HasPrefix(name, linkPrefix) && entry.Type()&fs.ModeSymlink != 0
}

func sweepEntry(files fileSystem, root string, entry fs.DirEntry) error {
	path := filepath.Join(root, entry.Name())
	if partition, replaced := strings.CutPrefix(entry.Name(), replacedPrefix); replaced {
		return heal(files, path, filepath.Join(root, partition))
	}
	if entry.IsDir() {
		return removeTree(files, path, manifestFile)
	}
	return remove(files, path)
}

// Discard removes the staging folder of a run that does not publish it. The names in root are made durable first: after
// a Publish that failed, the last thing the disk knows may be that this folder, or the one that it was exchanged for, is
// a publication, and it would be found empty after a power cut. Where that is refused the folder stays for [Sweep].
// Errors: *Error.
func Discard(root, staging string) error { return discard(osFiles{}, root, staging) }

func discard(files fileSystem, root, staging string) error {
	if err := syncDirectory(files, root); err != nil {
		return err
	}
	return removeTree(files, staging, manifestFile)
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
