package load

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
)

// Publish makes staging, a folder from [NewStaging], the publication root/partition (run_date=YYYY-MM-DD), in one
// step, and points root/latest at the newest partition. The manifest is written last into the staging folder, once
// all other files are durable: a folder without it is not a publication.
//
// A partition that exists is exchanged with the new one (renameat2 RENAME_EXCHANGE) and then removed, its manifest
// first. So a reader opens the folder once and reads every file relative to it: it has the old publication or the
// new one, and where the old one goes away under it, files are missing and it opens the folder again.
//
// Where the kernel or the file system cannot exchange (NFS), the old partition is renamed aside and the new one renamed
// in. Between the two renames the partition is absent; a crash there is healed by [Sweep].
//
// ctx is looked at until the one step; from there on publication is finished whatever happens. Errors: *Error. An error
// leaves what was there before: where the disk refuses to sync after the step, or `latest` cannot be moved, `latest` is
// put back first and then the step is taken back. A reader that has opened the new folder meanwhile reads on in it. Only
// where the disk refuses that too is the new publication visible; Error.Left says so, and the next Publish or Sweep
// completes what is missing. The staging folder of a Publish that failed is for [Discard].
func Publish(ctx context.Context, root, staging, partition string, manifest []byte) error {
	p := publication{files: osFiles{}, root: filepath.Clean(root), staging: filepath.Clean(staging), partition: partition}
	return p.publish(ctx, manifest)
}

type publication struct {
	files     fileSystem
	root      string
	staging   string
	partition string
}

func (p publication) publish(ctx context.Context, manifest []byte) error {
	before, err := p.inspect()
	if err != nil {
		return err
	}
	if err := p.complete(ctx, manifest); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	old, err := p.swap()
	if err != nil {
		return err
	}
	err = syncDirectory(p.files, p.root)
	if err == nil {
		err = pointLatest(p.files, p.root)
	}
	if err != nil {
		return leaving(err, p.takeBack(before, old))
	}
	if old != "" {
		// The publication stands. A hidden leftover is no reason to call it failed: Sweep tries again.
		_ = removeTree(p.files, old, manifestFile)
	}
	return nil
}

// inspect refuses what cannot end well, before anything is changed. It gives what `latest` says.
func (p publication) inspect() (latest string, err error) {
	if !partitionName.MatchString(p.partition) {
		return "", fmt.Errorf("publish: partition %q must match %s", p.partition, partitionName)
	}
	if filepath.Dir(p.staging) != p.root || !strings.HasPrefix(filepath.Base(p.staging), stagingPrefix) {
		return "", fmt.Errorf("publish: the staging folder must be one of the output directory's own, named %s<run id>", stagingPrefix)
	}
	if latest, _, err = readLatest(p.files, p.root); err != nil {
		return "", err
	}
	if err := besideIt(p.files, p.root, p.staging); err != nil {
		return "", err
	}
	return latest, replaceable(p.files, p.root, p.partition)
}

func (p publication) target() string { return filepath.Join(p.root, p.partition) }

// complete makes every file durable and then adds the manifest, itself complete before it has its name.
func (p publication) complete(ctx context.Context, manifest []byte) error {
	if err := p.syncTree(ctx, p.staging); err != nil {
		return err
	}
	temporary := filepath.Join(p.staging, "."+manifestFile+".tmp")
	if err := remove(p.files, temporary); err != nil {
		return err
	}
	if err := writeSynced(p.files, temporary, manifest); err != nil {
		return err
	}
	if err := p.files.Rename(temporary, filepath.Join(p.staging, manifestFile)); err != nil {
		return storageError("rename", temporary, err)
	}
	return syncDirectory(p.files, p.staging)
}

func (p publication) syncTree(ctx context.Context, dir string) error {
	entries, err := p.files.ReadDir(dir)
	if err != nil {
		return storageError("list", dir, err)
	}
	for _, entry := range entries {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		path := filepath.Join(dir, entry.Name())
		switch {
		case entry.IsDir():
			err = p.syncTree(ctx, path)
		case entry.Type().IsRegular():
			err = syncFile(p.files, path)
		default:
			err = storageError("publish", path, errors.New("is neither a file nor a directory"))
		}
		if err != nil {
			return err
		}
	}
	return syncDirectory(p.files, dir)
}

// swap is the one step. It gives the path under which the publication that was replaced is left, if there was one.
func (p publication) swap() (old string, err error) {
	err = p.files.RenameNew(p.staging, p.target())
	switch {
	case err == nil:
		return "", nil
	case errors.Is(err, fs.ErrExist):
		err = p.files.Exchange(p.staging, p.target())
		if err == nil {
			return p.staging, nil
		}
	}
	if !isUnsupported(err) {
		return "", storageError("rename", p.staging, err)
	}
	return p.swapInTwoSteps()
}

// swapInTwoSteps does with plain renames what could not be done in one. Where the second fails the first is taken
// back; where that fails too, Sweep does it, and the error says so.
func (p publication) swapInTwoSteps() (old string, err error) {
	aside := filepath.Join(p.root, replacedPrefix+p.partition)
	if err := removeTree(p.files, aside, manifestFile); err != nil {
		return "", err
	}
	err = p.files.Rename(p.target(), aside)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", storageError("rename", p.target(), err)
	}
	if err == nil {
		old = aside
	}
	if err := p.files.Rename(p.staging, p.target()); err != nil {
		failure := storageError("rename", p.staging, err)
		if old != "" && p.files.Rename(aside, p.target()) != nil {
			failure.Left = p.absent()
		}
		return "", failure
	}
	return old, nil
}
