package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Discovered is what a search found, best first. Its JSON is part of the contract: keys are added, never changed.
type Discovered struct {
	SchemaVersion int    `json:"schema_version"`
	Stage         string `json:"stage"`    // what was searched, in words
	RunDate       string `json:"run_date"` // of a recorded stage, else empty
	Accounts      int64  `json:"accounts"`
	Customers     int64  `json:"customers"`
	// AccountFields and CustomerColumns are what was compared, each with each.
	AccountFields   []string    `json:"account_fields"`
	CustomerColumns []string    `json:"customer_columns"`
	Candidates      []Candidate `json:"candidates"`
	// Rules is the link section to paste into the configuration, YAML; empty where no pair is likely.
	Rules string `json:"rules"`
	// Why says what sets the best apart from its likely competitors.
	Why []string `json:"why"`
	// Notes are limits of this search.
	Notes []string `json:"notes"`
}

// told puts the search into words. Without show, samples are their form alone.
func (j *judge) told(ranked []Candidate, show bool) *Discovered {
	d := &Discovered{
		SchemaVersion: 1, Stage: j.ground.name(), RunDate: j.ground.runDate, Accounts: j.looked.Accounts, Customers: j.looked.Customers,
		AccountFields: []string{}, CustomerColumns: []string{}, Candidates: ranked, Rules: rulesOf(ranked), Why: j.why(ranked), Notes: j.notes(),
	}
	for _, column := range j.looked.Columns {
		if column.Side == "accounts" {
			d.AccountFields = append(d.AccountFields, column.Name)
		} else {
			d.CustomerColumns = append(d.CustomerColumns, column.Name)
		}
	}
	for i := range d.Candidates {
		candidate := &d.Candidates[i]
		candidate.Samples = []Sample{}
		for _, pair := range candidate.chosen.Samples {
			sample := Sample{Salesforce: visible(pair[0]), ERP: visible(pair[1])}
			if !show {
				sample = Sample{Salesforce: maskValue(pair[0]), ERP: maskValue(pair[1])}
			}
			candidate.Samples = append(candidate.Samples, sample)
		}
	}
	return d
}

func (j *judge) notes() []string {
	notes := []string{}
	if j.ground.runDate != "" {
		notes = append(notes, "a recorded stage holds the configured fields alone; --all-fields searches every field of Account")
	}
	if !j.ground.described {
		notes = append(notes, "this stage was recorded by an earlier version: which fields are formulas, how long they are and which are external ids is not known of it")
	}
	if j.looked.Modulus > 1 {
		notes = append(notes, fmt.Sprintf("one of %d identifiers was looked at; the best %d pairs were then measured over every record", j.looked.Modulus, finalists))
	}
	return notes
}

// maskValue keeps the form of a value and nothing that it says: 9 for a digit, A and a for letters, invisible characters
// by their names.
func maskValue(value string) string {
	var masked strings.Builder
	for _, r := range value {
		switch {
		case unicode.IsDigit(r):
			r = '9'
		case unicode.IsUpper(r):
			r = 'A'
		case unicode.IsLetter(r):
			r = 'a'
		}
		masked.WriteRune(r)
	}
	return visible(masked.String())
}

// competing is how many times less than the best a pair may link and still be one to compare it with.
const competing = 20

// why compares the best pair with the next ones that link about as many.
func (j *judge) why(ranked []Candidate) []string {
	why := []string{}
	if len(ranked) == 0 || !ranked[0].Likely {
		return why
	}
	best := &ranked[0]
	for i := range ranked[1:] {
		other := &ranked[i+1]
		if len(why) == 3 || !other.Likely {
			break
		}
		if other.Linked*competing < best.Linked {
			continue
		}
		if reason := j.better(best, other); reason != "" {
			why = append(why, reason)
		}
	}
	return why
}

// better is the first criterion that sets two pairs apart, and the next one that speaks for the other.
func (j *judge) better(best, other *Candidate) string {
	names := [2]string{best.Salesforce + " = " + best.ERP, other.Salesforce + " = " + other.ERP}
	reason := ""
	for _, criterion := range criteria {
		a, b := criterion.value(j, best), criterion.value(j, other)
		switch {
		case a > b && reason == "":
			reason = fmt.Sprintf("%s rather than %s: the first %s, the second %s", names[0], names[1], criterion.says(j, best), criterion.says(j, other))
		case a < b && reason != "":
			return reason + fmt.Sprintf(". It decides, though the second %s and the first %s", criterion.says(j, other), criterion.says(j, best))
		}
	}
	return reason
}

// rulesOf is the link section for the best pair: a rule for it, and one for the best of the other direction where that
// is likely too, which links who else keeps the other system's id.
func rulesOf(ranked []Candidate) string {
	if len(ranked) == 0 || !ranked[0].Likely {
		return ""
	}
	var text strings.Builder
	text.WriteString("link:\n")
	text.WriteString(ruleText(ranked[0], ""))
	i := slices.IndexFunc(ranked, func(c Candidate) bool { return c.Direction != ranked[0].Direction && c.Likely })
	if i > 0 {
		text.WriteString("  # links customers that the first leaves over, where wanted\n")
		text.WriteString(ruleText(ranked[i], "# "))
	}
	return text.String()
}

func ruleText(c Candidate, comment string) string {
	key := c.Key[0]
	if len(c.Key) > 1 {
		steps := make([]string, 0, len(c.Key))
		for _, step := range c.Key {
			if strings.HasPrefix(step, stepPrefix) {
				step = quoteYAML(step)
			}
			steps = append(steps, step)
		}
		key = "[" + strings.Join(steps, ", ") + "]"
	}
	return fmt.Sprintf("  %[1]s- salesforce: %[2]s\n  %[1]s  erp: %[3]s\n  %[1]s  key: %[4]s\n  %[1]s  many: %[5]s\n", comment, c.Salesforce, yamlName(c.ERP), key, c.Many)
}

// yamlName writes a column as YAML reads it back: a name of plain letters as it is, any other quoted.
func yamlName(name string) string {
	plain := name != "" && !slices.Contains([]string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}, strings.ToLower(name))
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		plain = plain && (letter || i > 0 && r >= '0' && r <= '9')
	}
	if plain {
		return name
	}
	return quoteYAML(name)
}

// quoteYAML is a double-quoted scalar. A dollar is doubled where it would begin a variable of the configuration.
func quoteYAML(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), `"`, `\"`)
	text = strings.ReplaceAll(text, "${", "$${")
	var quoted strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			fmt.Fprintf(&quoted, `\u%04X`, r)
			continue
		}
		quoted.WriteRune(r)
	}
	return `"` + quoted.String() + `"`
}
