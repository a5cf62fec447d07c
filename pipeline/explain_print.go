package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

const explainColumn = 12 // where the words of a line begin

// JSON writes the answer as a JSON document.
func (e *Explained) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(e)
}

// Print writes the answer as text to be read aloud.
func (e *Explained) Print(w io.Writer) error {
	var text strings.Builder
	for i, record := range e.Records {
		if i > 0 {
			text.WriteByte('\n')
		}
		record.print(&text)
	}
	text.WriteByte('\n')
	line(&text, "asked", fmt.Sprintf("the publication of %s, run %s", e.RunDate, e.RunID))
	for _, note := range e.Notes {
		line(&text, "note", note)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func line(text *strings.Builder, name, words string) {
	fmt.Fprintf(text, "%-*s", explainColumn, name)
	wrap(text, oneLine(visibleWords(words)), explainColumn)
}

func (r *ExplainedRecord) print(text *strings.Builder) {
	name := strings.ToUpper(r.Object[:1]) + r.Object[1:] + " " + visible(r.ID)
	if r.ID == "" {
		name += "without an id"
	}
	if r.Name != "" {
		name += ", " + quoted(visible(r.Name)) + ","
	}
	wrap(text, oneLine(visibleWords(name+" "+r.Plain)), 0)
	text.WriteByte('\n')
	for _, identifier := range r.Identifiers {
		identifier.print(text)
	}
	if r.Rows > 1 {
		line(text, "rows", counted(int64(r.Rows), "row", "rows")+" of the ERP have this id and name, and differ in another column.")
	}
	if r.Candidate != nil {
		line(text, "candidate", r.Candidate.words(r.Object))
	}
	r.printContacts(text)
	r.printHistory(text)
	if r.Fix != "" {
		line(text, "fix", r.Fix+".")
	} else if r.isLinked() || r.Status == "published" {
		line(text, "fix", "nothing to do.")
	}
}

func (i *ExplainedIdentifier) print(text *strings.Builder) {
	if i.Raw == "" && i.Blank {
		line(text, "identifier", fmt.Sprintf("%s is empty; it would be compared with %s.", i.Column, i.Other))
		return
	}
	line(text, "identifier", fmt.Sprintf("%s in %s, compared with %s.", quoted(i.Visible), i.Column, i.Other))
	for _, remark := range i.Remarks {
		line(text, "", remark+".")
	}
	if i.Raw == "" {
		line(text, "", "It is an empty text, which is none of blank_identifiers.")
	}
	if i.Blank {
		line(text, "", "It is one of blank_identifiers, so it counts as none.")
		return
	}
	line(text, "key", i.keyWords())
	line(text, "met", partiesWords(i.Met, i.MetCount, "nobody on the other side has this key"))
	if i.SharedCount > 0 {
		line(text, "shared with", partiesWords(i.Shared, i.SharedCount, ""))
	}
}

// keyWords tell the steps that changed the identifier, and what it is at the end.
func (i *ExplainedIdentifier) keyWords() string {
	var told, idle []string
	for _, step := range i.Steps {
		if step.Changed {
			told = append(told, fmt.Sprintf("%s made it %s", step.Step, quoted(visible(step.Value))))
		} else {
			idle = append(idle, step.Step)
		}
	}
	words := strings.Join(told, ", then ")
	switch {
	case len(i.Steps) == 0:
		words = "the identifier as it is"
	case len(told) == 0:
		words = strings.Join(idle, ", ") + " changed nothing"
	case len(idle) > 0:
		words += "; " + strings.Join(idle, ", ") + " changed nothing"
	}
	if i.Key == "" {
		return words + "; nothing is left of it, so it cannot link."
	}
	return words + "; the key is " + quoted(visible(i.Key)) + "."
}

func partiesWords(parties []ExplainedParty, all int64, nobody string) string {
	words := make([]string, 0, len(parties)+1)
	for _, party := range parties {
		text := party.Object + " " + visible(party.ID)
		if party.Name != "" {
			text += ", " + quoted(visible(party.Name))
		}
		words = append(words, fmt.Sprintf("%s, whose identifier is %s (%s)", text, quoted(visible(party.Identifier)), party.Status))
	}
	if more := all - int64(len(parties)); more > 0 {
		words = append(words, "and "+thousands(more)+" more")
	}
	if len(words) == 0 {
		return nobody + "."
	}
	return strings.Join(words, "; ") + "."
}

func (c *ExplainedCandidate) words(object string) string {
	other := map[string]string{objectCustomer: objectOfAccount, objectOfAccount: objectCustomer}[object]
	text := ""
	if c.ID != "" {
		text = candidateWords(other, c)
		if c.Identifier != "" {
			text += ", whose identifier is " + quoted(visible(c.Identifier))
		}
	}
	if c.Detail != "" {
		if text != "" {
			text += ": "
		}
		text += c.Detail
	}
	return text + "."
}

func (r *ExplainedRecord) printContacts(text *strings.Builder) {
	if r.Object == objectOfContact || !r.isLinked() {
		return
	}
	if len(r.Contacts) == 0 {
		line(text, "contacts", "none.")
		return
	}
	words := counted(r.ContactCount, "contact comes", "contacts come") + " to the customer"
	for _, contact := range r.Contacts {
		if contact.Primary {
			words += fmt.Sprintf("; the primary one is %s, %s, %s", contact.ID, quoted(visible(contact.Name)), contactWords(contact, false))
			break
		}
	}
	line(text, "contacts", words+".")
}

func (r *ExplainedRecord) printHistory(text *strings.Builder) {
	for i, entry := range r.History {
		name := ""
		if i == 0 {
			name = "history"
		}
		words := entry.RunDate + " " + strings.ReplaceAll(entry.Status, "_", " ")
		if entry.Reason != "" {
			words += ", " + strings.ReplaceAll(entry.Reason, "_", " ")
		}
		if entry.LinkedTo != "" {
			words += ", to " + visible(entry.LinkedTo)
		}
		line(text, name, words)
	}
}
