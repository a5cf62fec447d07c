package load

import (
	"errors"
	"io/fs"
	"path/filepath"
)

var (
	errLatestTaken   = errors.New("is there and is not a symbolic link, so it is not ours to replace: move it away")
	errLatestForeign = errors.New("links to something that is not a partition beside it, so it is not ours to replace: remove the link")
)

// Latest is the name of the partition that `latest` in root points to; empty where there is no link, or nothing where
// it points. Errors: *Error, also where `latest` is something else than a link to a partition in root.
func Latest(root string) (string, error) {
	files := osFiles{}
	name, err := readLatest(files, root)
	if err != nil || name == "" {
		return "", err
	}
	if _, err := files.Lstat(filepath.Join(root, name)); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	} else if err != nil {
		return "", storageError("stat", filepath.Join(root, name), err)
	}
	return name, nil
}

// readLatest reads the link without following it. A link to a partition that is gone is still ours.
func readLatest(files fileSystem, root string) (string, error) {
	path := filepath.Join(root, latestLink)
	info, err := files.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", storageError("stat", path, err)
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", storageError("replace", path, errLatestTaken)
	}
	target, err := files.Readlink(path)
	if err != nil {
		return "", storageError("read", path, err)
	}
	if filepath.IsAbs(target) && filepath.Dir(target) == filepath.Clean(root) {
		target = filepath.Base(target)
	}
	if target = filepath.Clean(target); !partitionName.MatchString(target) {
		return "", storageError("replace", path, errLatestForeign)
	}
	return target, nil
}

// pointLatest makes `latest` name the newest partition, in one step: publishing an older date leaves it where it is.
func pointLatest(files fileSystem, root string) error {
	names, err := partitions(files, root)
	if err != nil || len(names) == 0 {
		return err
	}
	newest := names[len(names)-1]
	current, err := readLatest(files, root)
	if err != nil || current == newest {
		return err
	}
	temporary := filepath.Join(root, linkPrefix+newest)
	if err := remove(files, temporary); err != nil {
		return err
	}
	if err := files.Symlink(newest, temporary); err != nil {
		return storageError("link", temporary, err)
	}
	if err := files.Rename(temporary, filepath.Join(root, latestLink)); err != nil {
		_ = remove(files, temporary) // the rename is what is told
		return storageError("rename", temporary, err)
	}
	return syncDirectory(files, root)
}
