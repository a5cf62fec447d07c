package pipeline

import (
	"fmt"
	"regexp"
	"strings"
)

var reference = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$`)

// expansion is a text after its variables were put in.
type expansion struct {
	text     string
	expanded bool     // a variable was asked for
	problems []string // what is wrong with the references, in their order
}

// expand puts the environment into one scalar: ${NAME} is the variable, which must be set; ${NAME:-default} is the
// default where the variable is unset or empty. $${ is a ${ that stays, and any other dollar is itself. What a
// variable holds is taken as it is, never expanded again and never read as YAML.
func expand(text string, lookupEnv func(string) (string, bool)) expansion {
	var result expansion
	var out strings.Builder
	for text != "" {
		start := strings.Index(text, "${")
		if start < 0 {
			out.WriteString(text)
			break
		}
		if start > 0 && text[start-1] == '$' {
			out.WriteString(text[:start-1] + "${")
			text = text[start+2:]
			continue
		}
		out.WriteString(text[:start])
		result.expanded = true
		inside, rest, closed := strings.Cut(text[start+2:], "}")
		if !closed {
			result.problem("${ without a }; write $${ for the characters themselves")
			break
		}
		out.WriteString(result.value(inside, lookupEnv))
		text = rest
	}
	result.text = out.String()
	return result
}

// value is what stands for one reference.
func (e *expansion) value(inside string, lookupEnv func(string) (string, bool)) string {
	parts := reference.FindStringSubmatch(inside)
	if parts == nil || strings.Contains(inside, "${") {
		e.problem("a ${...} that names no variable; want ${NAME} or ${NAME:-default}, or $${ for the characters themselves")
		return ""
	}
	name, hasDefault, standIn := parts[1], parts[2] != "", parts[3]
	value, set := lookupEnv(name)
	switch {
	case hasDefault && value == "":
		return standIn
	case !set:
		e.problem("variable %s is not set; set it, or write ${%s:-default}", name, name)
	}
	return value
}

func (e *expansion) problem(format string, arguments ...any) {
	e.problems = append(e.problems, fmt.Sprintf(format, arguments...))
}
