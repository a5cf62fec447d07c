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
	_, name, err := readLatest(files, root)
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

// readLatest reads the link without following it: its text as it stands, and the partition that it names. A link to a
// partition that is gone is still ours.
func readLatest(files fileSystem, root string) (text, partition string, err error) {
	path := filepath.Join(root, latestLink)
	info, err := files.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", "", nil
	}
	if err != nil {
		return "", "", storageError("stat", path, err)
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", "", storageError("replace", path, errLatestTaken)
	}
	text, err = files.Readlink(path)
	if err != nil {
		return "", "", storageError("read", path, err)
	}
	partition = text
	if filepath.IsAbs(text) && filepath.Dir(text) == filepath.Clean(root) {
		partition = filepath.Base(text)
	}
	if partition = filepath.Clean(partition); !partitionName.MatchString(partition) {
		return "", "", storageError("replace", path, errLatestForeign)
	}
	return text, partition, nil
}

// pointLatest makes `latest` name the newest partition: publishing an older date leaves it where it is.
func pointLatest(files fileSystem, root string) error {
	names, err := partitions(files, root)
	if err != nil || len(names) == 0 {
		return err
	}
	newest := names[len(names)-1]
	_, current, err := readLatest(files, root)
	if err != nil || current == newest {
		return err
	}
	if err := setLatest(files, root, newest); err != nil {
		return err
	}
	return syncDirectory(files, root)
}

// setLatest makes the link say text, in one step; where text is empty there is no link afterwards.
func setLatest(files fileSystem, root, text string) error {
	link := filepath.Join(root, latestLink)
	if text == "" {
		return remove(files, link)
	}
	temporary := filepath.Join(root, linkPrefix+filepath.Base(text))
	if err := remove(files, temporary); err != nil {
		return err
	}
	if err := files.Symlink(text, temporary); err != nil {
		return storageError("link", temporary, err)
	}
	if err := files.Rename(temporary, link); err != nil {
		_ = remove(files, temporary) // the rename is what is told
		return storageError("rename", temporary, err)
	}
	return nil
}
