package salesforce

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// unknownField is a configured field that the describe does not have.
type unknownField struct {
	name string // Account.Phnoe
	near []string
}

// Error names the field and those that it may have meant.
func (e *unknownField) Error() string {
	return e.name + ": does not exist or is hidden by field-level security" + didYouMean(e.near)
}

// fieldProblems collects what is wrong with the fields of one object, to be told at once.
type fieldProblems struct {
	texts   []string
	hints   []string
	unknown bool
}

// add takes a problem of a single field, and leaves any other error, such as one of the network, to the caller.
func (p *fieldProblems) add(err error) bool {
	var unknown *unknownField
	var unfit *FieldTypeError
	var name *Error
	switch {
	case errors.As(err, &unknown):
		p.unknown = true
		p.texts = append(p.texts, unknown.Error())
	case errors.As(err, &unfit):
		p.texts = append(p.texts, unfit.Error())
		p.hints = append(p.hints, unfit.Hint())
	case errors.As(err, &name) && name.Status == 0 && name.exit == exitUsage:
		p.texts = append(p.texts, name.Message)
	default:
		return false
	}
	return true
}

func (p *fieldProblems) err(object string) error {
	if len(p.texts) == 0 {
		return nil
	}
	failure := &Error{Message: strings.Join(p.texts, "; "), exit: exitUsage, Op: "fields", Object: object}
	if p.unknown {
		p.hints = append(p.hints, "give the integration user Read on the field, in its permission set or profile, or correct the name in the configuration")
	}
	failure.hint = strings.Join(p.hints, "; ")
	return failure
}

func didYouMean(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(names, " or ") + "?"
}

// nearest are up to three of the names that a person may have meant, the likeliest first: equal but for case, for a
// namespace prefix or for the __c of custom fields, else no more letters apart than a third of the name. Two letters
// that changed places are two apart.
// longestName is in characters; Salesforce's own names have 40, with a namespace and a suffix some 60.
const longestName = 255

func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		far  int
	}
	var found []candidate
	want := bareName(name)
	for _, other := range names {
		if len(other) > longestName {
			continue
		}
		far := distance(want, bareName(other))
		if far <= reach(want) {
			found = append(found, candidate{other, far})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), strings.Compare(a.name, b.name))
	})
	var near []string
	for _, c := range found[:min(3, len(found))] {
		near = append(near, c.name)
	}
	return near
}

func reach(name string) int {
	if len(name) < 4 {
		return len(name) / 2
	}
	return max(2, len(name)/3)
}

// bareName is the name without case, namespace (ns__Name__c), suffix and underscores.
func bareName(name string) string {
	bare := strings.ToLower(name)
	for _, suffix := range []string{"__c", "__r", "__mdt", "__e"} {
		bare = strings.TrimSuffix(bare, suffix)
	}
	if _, after, ok := strings.Cut(bare, "__"); ok {
		bare = after
	}
	return strings.ReplaceAll(bare, "_", "")
}

// distance is the number of letters to insert, delete or replace between two texts (Levenshtein), two rows at a time.
func distance(a, b string) int {
	above := make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := range len(a) {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j := range len(b) {
			replace := above[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, above[j+1]+1, row[j]+1)
		}
		above = row
	}
	return above[len(b)]
}
