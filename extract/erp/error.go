package erp

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Exit codes of refused snapshots.
const (
	exitConfiguration = 2
	exitInput         = 5
	exitMachine       = 8
)

// Error is a snapshot that was refused. It says where and what is wrong, never the value that stands there.
type Error struct {
	// Path is the file as configured; the message names its last element.
	Path string
	// Line is the physical line, from 1; 0 where the problem is the file's. Offset is the byte in the decompressed
	// text, from 0, in UTF-8 after conversion where the encoding is another.
	Line, Offset int64
	// Row is the row of a Parquet file, from 1; 0 for text files.
	Row int64
	// Column is the name of the column, where it is known.
	Column string
	// Problem is what is wrong; Advice the next step.
	Problem, Advice string
	// Code is the exit code: 5, 2 where the configuration is at fault, 8 where the machine refuses.
	Code int
	// Err is the cause, or nil.
	Err error
}

// Error reads like "erp snapshot customers.csv: line 31,004 (byte 2,113,551): 7 fields, header has 8".
func (e *Error) Error() string {
	var text strings.Builder
	text.WriteString("erp snapshot " + filepath.Base(e.Path) + ": ")
	switch {
	case e.Line > 0:
		text.WriteString("line " + grouped(e.Line) + " (byte " + grouped(e.Offset) + "): ")
	case e.Row > 0:
		text.WriteString("row " + grouped(e.Row) + ": ")
	}
	if e.Column != "" {
		text.WriteString("column " + quoted(e.Column) + ": ")
	}
	text.WriteString(e.Problem)
	if e.Err != nil {
		text.WriteString(": " + e.Err.Error())
	}
	return text.String()
}

// Hint is the next step.
func (e *Error) Hint() string { return e.Advice }

// ExitCode is 5 for a refused input, 2 for a configuration that does not fit it, 8 where no more files can be opened.
func (e *Error) ExitCode() int { return e.Code }

// Unwrap is the cause, such as fs.ErrNotExist.
func (e *Error) Unwrap() error { return e.Err }

// grouped writes thousands apart, as 2,113,551: offsets are read by people.
func grouped(number int64) string {
	digits := strconv.FormatInt(number, 10)
	sign := ""
	if number < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// quoted shows a column name with its spaces and invisible characters, clipped: a "name" can be a whole HTML page.
func quoted(name string) string {
	const longest = 64
	if runes := []rune(name); len(runes) > longest {
		name = string(runes[:longest]) + "…"
	}
	return strconv.QuoteToGraphic(name)
}

// quotedList shows at most twenty names.
func quotedList(names []string) string {
	const most = 20
	var text strings.Builder
	for i, name := range names {
		if i == most {
			text.WriteString(" and " + strconv.Itoa(len(names)-most) + " more")
			break
		}
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(quoted(name))
	}
	return text.String()
}
