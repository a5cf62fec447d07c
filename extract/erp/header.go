package erp

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
)

var delimiters = [...]byte{',', ';', '\t', '|'}

// readHeader settles line end and delimiter, then gives the names of the columns. Errors are *Error or the cause of
// the context.
func (r *recordReader) readHeader() ([]string, error) {
	line, end, err := r.firstLine()
	if err != nil {
		return nil, err
	}
	if chosen, ok := separatorLine(line); ok && end > 0 {
		if r.plan.delimiter != 0 && r.plan.delimiter != chosen {
			return nil, r.problem(r.next, "the sep= line says "+quoted(string(chosen))+", erp.source.delimiter is "+quoted(r.plan.Delimiter), "set erp.source.delimiter to auto")
		}
		r.delimiter = chosen
		r.start += len(line) + end
		r.next = place{r.next.line + 1, r.next.offset + int64(len(line)+end)}
		if line, _, err = r.firstLine(); err != nil {
			return nil, err
		}
	}
	if r.delimiter == 0 {
		if r.delimiter, err = r.chooseDelimiter(line); err != nil {
			return nil, err
		}
	}
	return r.headerNames()
}

// firstLine is the text up to the first line end outside quotes, which it settles, and the bytes of that line end; all
// of the text and 0 where there is none.
func (r *recordReader) firstLine() (line []byte, ending int, err error) {
	for {
		text := r.window[r.start:r.valid]
		end := lineEndOutsideQuotes(text)
		if end >= 0 && (text[end] == '\n' || end+1 < len(text) || r.failure != nil) {
			return text[:end], r.settleLineEnd(text[end:]), nil
		}
		if r.failure != nil {
			return text, 0, nil
		}
		if err := r.more(); err != nil {
			return nil, 0, err
		}
	}
}

func lineEndOutsideQuotes(text []byte) int {
	inside := false
	for i, b := range text {
		switch {
		case b == '"':
			inside = !inside
		case !inside && (b == '\n' || b == '\r'):
			return i
		}
	}
	return -1
}

// settleLineEnd looks at the text from the first line end on, and gives that line end's bytes.
func (r *recordReader) settleLineEnd(text []byte) int {
	r.lineEnd, r.stray = '\n', '\r'
	switch {
	case bytes.HasPrefix(text, []byte("\r\n")):
		return 2
	case text[0] == '\r':
		r.lineEnd, r.stray = '\r', '\n'
	}
	return 1
}

// separatorLine reads the "sep=;" that spreadsheets put before the header.
func separatorLine(line []byte) (delimiter byte, ok bool) {
	text := bytes.Trim(line, `"`)
	if len(text) != len("sep=;") || !strings.EqualFold(string(text[:4]), "sep=") || !slices.Contains(delimiters[:], text[4]) {
		return 0, false
	}
	return text[4], true
}

// chooseDelimiter takes the configured one, a tab for .tsv, or the candidate that is most frequent in the header outside
// quotes. A wrong guess does no harm: no name of a column would be right.
func (r *recordReader) chooseDelimiter(line []byte) (byte, error) {
	switch {
	case r.plan.delimiter != 0:
		return r.plan.delimiter, nil
	case r.plan.Format == "tsv", r.plan.Format == "auto" && r.plan.hasExtension(".tsv"):
		return '\t', nil
	}
	best, most, tied := byte(','), 0, false
	for _, candidate := range delimiters {
		count := countOutsideQuotes(line, candidate)
		switch {
		case count > most:
			best, most, tied = candidate, count, false
		case count == most && count > 0:
			tied = true
		}
	}
	if tied {
		return 0, r.problem(r.next, "two delimiters are as frequent in the header", "set erp.source.delimiter")
	}
	return best, nil
}

func countOutsideQuotes(line []byte, delimiter byte) int {
	count, inside := 0, false
	for _, b := range line {
		switch {
		case b == '"':
			inside = !inside
		case b == delimiter && !inside:
			count++
		}
	}
	return count
}

// headerNames reads the header record. Names stay as they are, spaces included.
func (r *recordReader) headerNames() ([]string, error) {
	if err := r.read(); err != nil {
		if errors.Is(err, io.EOF) && !isRefusal(err) {
			return nil, r.plan.problem("there is no header", "let the export write the names of the columns in the first line")
		}
		return nil, err
	}
	names := make([]string, 0, len(r.fields))
	for _, field := range r.fields {
		names = append(names, string(unescaped(r.record, field)))
	}
	if problem := nameProblem(names, r.plan.namesAny(names)); problem != "" {
		return nil, r.problem(r.at, problem, "look whether the first line is the header, and correct it in the export")
	}
	r.columns, r.header = len(names), bytes.TrimRight(bytes.Clone(r.record), "\r\n")
	return names, nil
}

func unescaped(record []byte, field span) []byte {
	value := record[field.low:field.high]
	if field.escaped {
		return bytes.ReplaceAll(value, []byte(`""`), []byte(`"`))
	}
	return value
}

// nameProblem says what makes names unusable as columns, or "". SQL does not tell Name from NAME. Where it is not known
// that they are names, they may be the values of a record, and are told by their numbers.
func nameProblem(names []string, known bool) string {
	seen := make(map[string]int, len(names))
	for i, name := range names {
		folded := strings.ToLower(name)
		twin, repeated := seen[folded]
		switch {
		case name == "":
			return "column " + grouped(int64(i+1)) + " of the header has no name"
		case strings.ContainsFunc(name, unicode.IsControl) && known:
			return "control characters in the name of column " + quoted(name)
		case strings.ContainsFunc(name, unicode.IsControl):
			return "control characters in column " + grouped(int64(i+1)) + " of the first line"
		case repeated && known && names[twin] == name:
			return "column " + quoted(name) + " occurs twice in the header"
		case repeated && known:
			return "columns " + quoted(names[twin]) + " and " + quoted(name) + " differ only in case"
		case repeated:
			return twinProblem(twin, i, names[twin] == name)
		}
		seen[folded] = i
	}
	return ""
}

func twinProblem(twin, column int, same bool) string {
	problem := "columns " + grouped(int64(twin+1)) + " and " + grouped(int64(column+1)) + " of the first line "
	if same {
		return problem + "are the same"
	}
	return problem + "differ only in case"
}
