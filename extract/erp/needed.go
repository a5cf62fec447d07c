package erp

import (
	"slices"
	"strings"
	"unicode"
)

// checkColumns holds the columns of the file against what the configuration names. at is the place of the header.
// A required column that is missing is the file's fault, a typed one the configuration's.
func checkColumns(plan *plan, names []string, at place) error {
	var missing, near []string
	for _, name := range plan.needed {
		if !slices.Contains(names, name) {
			missing = append(missing, name)
			if found := nearest(name, names); found != "" {
				near = append(near, quoted(found)+" is near "+quoted(name)+difference(name, found))
			}
		}
	}
	if len(missing) > 0 {
		refusal := &Error{Path: plan.Path, Line: at.line, Offset: at.offset, Code: exitInput, Problem: missingProblem(missing, near, names),
			Advice: "name the column as the file does (erp.customer_id, erp.customer_name, link), or correct the export"}
		if at.line > 0 && len(missing) == len(plan.needed) && len(near) == 0 && !plan.namesAny(names) {
			refusal.Problem = strangeProblem(missing, names)
			refusal.Advice = "look whether this is the snapshot, and whether its first line is the header; then name its columns in erp.customer_id, erp.customer_name and link"
		}
		return refusal
	}
	absent := slices.DeleteFunc(plan.columnsAskedFor(), func(name string) bool { return slices.Contains(names, name) })
	if len(absent) > 0 {
		return plan.typeProblem(absent[0], absentProblem(absent, names), "correct the "+plural("name", len(absent))+" in erp.types")
	}
	return nil
}

func missingProblem(missing, near, names []string) string {
	problem := plural("column", len(missing)) + " " + quotedList(missing) + " missing"
	if len(near) > 0 {
		problem += "; " + strings.Join(near, "; ")
	}
	return problem + "; the file has " + quotedList(names)
}

// absentProblem is of columns that have a type and are not there.
func absentProblem(absent, names []string) string {
	problem := "in erp.types, but not in the file"
	if others := absent[1:]; len(others) > 0 {
		problem += "; the same holds for " + quotedList(others)
	}
	for _, name := range absent {
		if found := nearest(name, names); found != "" {
			problem += "; " + quoted(found) + " is near " + quoted(name) + difference(name, found)
		}
	}
	return problem + "; the file has " + quotedList(names)
}

// namesAny tells whether a configured column, needed or with a type, is among names.
func (p *plan) namesAny(names []string) bool {
	return slices.ContainsFunc(p.columnsAskedFor(), func(name string) bool { return slices.Contains(names, name) })
}

// strangeProblem is a file in which nothing is as configured. What stands in its first line may be a record, or the file
// another one altogether, so it is not repeated.
func strangeProblem(missing, names []string) string {
	return plural("column", len(missing)) + " " + quotedList(missing) + " missing, and none of the " + grouped(int64(len(names))) + " " +
		plural("name", len(names)) + " in its first line is near: no header, or another file?"
}

// nearest is the column that the configuration may mean: equal but for case, spaces and separators, or at most two
// edits away. "" where there is none.
func nearest(wanted string, names []string) string {
	best, fewest := "", 3
	for _, name := range names {
		edits := 0
		if letters(name) != letters(wanted) {
			edits = 1 + distance(letters(wanted), letters(name), fewest)
		}
		if edits < fewest && (edits == 0 || 2*edits < len(wanted)) {
			best, fewest = name, edits
		}
	}
	return best
}

// letters is a name without what people do not see or remember: case, spaces, separators, invisible characters.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// difference names what tells two names apart, where it cannot be seen.
func difference(wanted, found string) string {
	switch {
	case strings.TrimSpace(found) == strings.TrimSpace(wanted):
		return " (spaces around it)"
	case strings.EqualFold(found, wanted):
		return " (other case)"
	}
	return ""
}

// distance is Levenshtein's, over bytes, not below limit where it is that far.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 64 || len(b) > 64 {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(diagonal+cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
