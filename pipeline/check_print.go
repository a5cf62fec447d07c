package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	checkWidth   = 110 // characters of a line
	detailColumn = 24
	noteColumn   = detailColumn + 10
)

// colours of outcomes on a terminal (ECMA-48, SGR).
var colours = map[string]string{Pass: "\x1b[32m", Fail: "\x1b[1;31m", Unknown: "\x1b[33m"}

// Print writes the checklist as text for a person, in colour where that is wanted.
func (l *Checklist) Print(w io.Writer, colour bool) error {
	var text strings.Builder
	for _, item := range l.Items {
		outcome := fmt.Sprintf("%-8s", item.Outcome)
		if colour {
			outcome = colours[item.Outcome] + outcome + "\x1b[0m"
		}
		fmt.Fprintf(&text, "%s %-14s ", outcome, item.ID)
		wrap(&text, item.Detail, detailColumn)
		if item.Outcome != Fail {
			continue
		}
		for _, note := range []struct{ name, text string }{
			{"asked", item.Asked}, {"answered", item.Answered}, {"fix", item.Fix}, {"guide", item.Section},
		} {
			if note.text == "" || note.text == item.Detail {
				continue
			}
			fmt.Fprintf(&text, "%*s%-10s", detailColumn, "", note.name)
			wrap(&text, note.text, noteColumn)
		}
	}
	counts := map[string]int{}
	for _, item := range l.Items {
		counts[item.Outcome]++
	}
	fmt.Fprintf(&text, "\n%s: %d pass, %d fail, %d unknown\n", l.Config, counts[Pass], counts[Fail], counts[Unknown])
	_, err := io.WriteString(w, text.String())
	return err
}

// wrap writes words up to the width, further lines indented. Lines of the text stay apart.
func wrap(text *strings.Builder, words string, indent int) {
	for i, line := range strings.Split(words, "\n") {
		if i > 0 {
			fmt.Fprintf(text, "%*s", indent, "")
		}
		column := indent
		for j, word := range strings.Fields(line) {
			length := utf8.RuneCountInString(word)
			switch {
			case j == 0:
			case column+1+length > checkWidth:
				fmt.Fprintf(text, "\n%*s", indent, "")
				column = indent
			default:
				text.WriteByte(' ')
				column++
			}
			text.WriteString(word)
			column += length
		}
		text.WriteByte('\n')
	}
}

// JSON writes the checklist as a JSON document.
func (l *Checklist) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(l)
}

// longestText is the longest that a server's or a file's word is told with, in bytes.
const longestText = 4 << 10

// oneLine makes a text fit for a terminal: no control characters, one line.
func oneLine(text string) string {
	return strings.Join(strings.Fields(printable(text)), " ")
}

// printable keeps line ends and drops what could move a cursor.
func printable(text string) string {
	if len(text) > longestText {
		text = text[:longestText] + "..."
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) || r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
}
