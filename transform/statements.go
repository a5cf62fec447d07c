package transform

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// statement is one file of the sql folder.
type statement struct {
	name string // the file, such as "30_link.sql"
	text string
}

// isCheck tells whether the statement proves something: its rows name a problem and the records that have it.
func (s statement) isCheck() bool { return strings.Contains(s.name, "_check_") }

// perRule tells whether the statement runs once for each rule, with the rule's number as its parameter.
func (s statement) perRule() bool { return strings.HasSuffix(s.name, "_by_rule.sql") }

// perLevel tells whether the statement runs once for each level of child accounts, with the level as its parameter.
func (s statement) perLevel() bool { return strings.HasSuffix(s.name, "_by_level.sql") }

// statements are the files in the order in which they run: the definitions when the database is opened, the link when
// the stage is bound.
type statements struct {
	definitions []statement
	link        []statement
}

// readStatements reads every file and refuses one that does not open with its purpose and what it reads and writes.
func readStatements(files fs.FS) (statements, error) {
	var found statements
	for _, folder := range []string{"keys", "parameters"} {
		read, err := readFolder(files, folder)
		if err != nil {
			return statements{}, err
		}
		found.definitions = append(found.definitions, read...)
	}
	for _, folder := range []string{".", "dialect"} {
		read, err := readFolder(files, folder)
		if err != nil {
			return statements{}, err
		}
		found.link = append(found.link, read...)
	}
	slices.SortFunc(found.link, func(a, b statement) int { return strings.Compare(path.Base(a.name), path.Base(b.name)) })
	return found, nil
}

func readFolder(files fs.FS, folder string) ([]statement, error) {
	names, err := fs.Glob(files, path.Join(folder, "*.sql"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no statements: %w", folder, fs.ErrNotExist)
	}
	slices.Sort(names)
	read := make([]statement, 0, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if err := checkHeader(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		read = append(read, statement{name: name, text: string(text)})
	}
	return read, nil
}

func checkHeader(text string) error {
	first, rest, _ := strings.Cut(text, "\n")
	second, _, _ := strings.Cut(rest, "\n")
	if !strings.HasPrefix(first, "-- purpose: ") {
		return fmt.Errorf("first line is %q, want a purpose", first)
	}
	if !strings.HasPrefix(second, "-- reads: ") || !strings.Contains(second, "; writes: ") {
		return fmt.Errorf("second line is %q, want what is read and written", second)
	}
	return nil
}
