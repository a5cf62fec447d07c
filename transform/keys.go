package transform

import (
	"fmt"
	"slices"
	"strings"
)

// prefixStep is the only step that takes an argument.
const prefixStep = "strip_prefix"

// plainSteps are the steps without an argument. Each is the macro key_NAME.
var plainSteps = []string{
	"nfkc", "strip_invisible", "trim", "collapse_space", "casefold", "strip_punctuation", "strip_leading_zeros",
	"strip_decimal", "digits_only", "salesforce_id",
}

// KeySteps expands a key as the configuration writes it: exact is no step, standard is five, any other name is a step
// itself. The error names the first that does not exist.
func KeySteps(key ...string) ([]string, error) {
	steps := []string{}
	for _, name := range key {
		switch name {
		case "exact":
		case "standard":
			steps = append(steps, "nfkc", "strip_invisible", "trim", "collapse_space", "casefold")
		default:
			if _, err := parseStep(name); err != nil {
				return nil, err
			}
			steps = append(steps, name)
		}
	}
	return steps, nil
}

// step is one parsed step.
type step struct {
	name     string
	argument string // of strip_prefix only
}

func parseStep(text string) (step, error) {
	if slices.Contains(plainSteps, text) {
		return step{name: text}, nil
	}
	name, argument, found := strings.Cut(text, ":")
	if name == prefixStep && found && argument != "" {
		return step{name: name, argument: argument}, nil
	}
	return step{}, fmt.Errorf("key step %q: want exact, standard, %s or %s:TEXT", text, strings.Join(plainSteps, ", "), prefixStep)
}

func parseSteps(texts []string) ([]step, error) {
	names, err := KeySteps(texts...)
	if err != nil {
		return nil, err
	}
	steps := make([]step, 0, len(names))
	for _, name := range names {
		parsed, err := parseStep(name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, parsed)
	}
	return steps, nil
}

// apply writes the macro call of the step on an expression.
func (s step) apply(expression string) string {
	if s.name == prefixStep {
		return fmt.Sprintf("key_%s(%s, %s)", s.name, expression, quoteText(s.argument))
	}
	return fmt.Sprintf("key_%s(%s)", s.name, expression)
}

// blankSteps fold an identifier before it is compared with the blank ones, whatever the key.
var blankSteps = []step{{name: "strip_invisible"}, {name: "trim"}, {name: "casefold"}}

// keyQuery writes the query that gives each record of a relation its identifier, the folded form that is compared
// with the blank ones, and its key. Each step is a projection of its own: macros are expanded where they stand, and
// one inside the other would be expanded many times over.
func keyQuery(rule int, relation, record, column string, steps []step) string {
	query := fmt.Sprintf("SELECT %[1]s, CAST(%[2]s AS VARCHAR) AS identifier, CAST(%[2]s AS VARCHAR) AS folded, CAST(%[2]s AS VARCHAR) AS link_key FROM %[3]s",
		quoteName(record), quoteName(column), quoteName(relation))
	for i := range max(len(steps), len(blankSteps)) {
		folded, key := "folded", "link_key"
		if i < len(blankSteps) {
			folded = blankSteps[i].apply(folded)
		}
		if i < len(steps) {
			key = steps[i].apply(key)
		}
		query = fmt.Sprintf("SELECT %s, identifier, %s AS folded, %s AS link_key FROM (%s) AS step_%d", quoteName(record), folded, key, query, i)
	}
	return fmt.Sprintf("SELECT CAST(%d AS INTEGER) AS rule, %s AS %s, identifier, folded, link_key FROM (%s) AS keyed", rule, quoteName(record), recordAlias(relation), query)
}

func recordAlias(relation string) string {
	if relation == "erp_record" {
		return "customer_row"
	}
	return "account_id"
}
