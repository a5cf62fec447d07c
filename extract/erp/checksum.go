package erp

import (
	"bufio"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const checksumLimit = 64 << 10 // bytes of a checksum file

// readChecksum finds the SHA-256 that Path.sha256 promises, or, where Path is a link, the one beside its target.
// Without such a file it is "".
func readChecksum(plan *plan) (string, error) {
	paths := []string{plan.Path}
	if target, err := filepath.EvalSymlinks(plan.Path); err == nil && filepath.Clean(target) != filepath.Clean(plan.Path) {
		paths = append(paths, target)
	}
	for _, path := range paths {
		lines, err := checksumLines(path + ".sha256")
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return "", checksumProblem(plan, err)
		}
		sum, err := chooseChecksum(lines, paths)
		if err != nil {
			return "", checksumProblem(plan, err)
		}
		return sum, nil
	}
	return "", nil
}

func checksumProblem(plan *plan, err error) *Error {
	return plan.caused("checksum file", err, "write it with `sha256sum FILE > FILE.sha256`, or remove it")
}

func checksumLines(path string) ([]string, error) {
	if _, err := os.Lstat(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("a link to nothing") // a promise that nobody can read is none that was not made
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("not a regular file"))
	}
	var lines []string
	scanner := bufio.NewScanner(io.LimitReader(file, checksumLimit))
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, scanner.Err()
}

// chooseChecksum takes the only line, whatever file it names (an export renames its file after the sum is taken), or
// among several the one that names one of paths: by its folders too, where several have its name.
func chooseChecksum(lines, paths []string) (string, error) {
	if len(lines) == 1 {
		sum, _, err := parseChecksum(lines[0])
		return sum, err
	}
	byName, byPath := map[string]bool{}, map[string]bool{}
	for _, line := range lines {
		sum, name, err := parseChecksum(line)
		if err != nil {
			return "", err
		}
		for _, path := range paths {
			if filepath.Base(path) == filepath.Base(name) {
				byName[sum] = true
			}
			if strings.HasSuffix(filepath.Clean(path), string(filepath.Separator)+filepath.Clean(name)) && filepath.Base(name) != name {
				byPath[sum] = true
			}
		}
	}
	for _, sums := range []map[string]bool{byPath, byName} {
		for sum := range sums {
			if len(sums) == 1 {
				return sum, nil
			}
			return "", errors.New("several sums for this file")
		}
	}
	return "", errors.New("no line for this file")
}

// parseChecksum reads "<64 hexadecimal digits>  name" or "... *name"; a leading backslash marks an escaped name.
func parseChecksum(line string) (sum, name string, err error) {
	sum, name, _ = strings.Cut(strings.TrimPrefix(line, `\`), " ")
	sum = strings.ToLower(sum)
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != 32 {
		return "", "", errors.New("not a line of sha256sum")
	}
	return sum, strings.TrimLeft(name, " *"), nil
}
