package pipeline

import (
	"reflect"
	"regexp"
	"strconv"
	"time"

	"crosswalk/extract/salesforce"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

var (
	wholeNumber   = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,9})$`)
	decimalNumber = regexp.MustCompile(`^-?[0-9]{1,9}(\.[0-9]{1,18})?$`)
)

// scalarText is one value as text, before its type is known.
type scalarText struct {
	text   string
	quoted bool // in quotes, so no number and no boolean
}

// isScalar tells a field that holds one value from a list or a section.
func isScalar(field reflect.Type) bool {
	switch field.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}

// scalar is the text of a value with its variables put in. A number keeps the characters that it is written with:
// 0123 and 66.0 are the text 0123 and 66.0 where a text is wanted.
func (r *configReader) scalar(key string, node ast.Node) (scalarText, bool) {
	node, ok := r.plain(key, node)
	if !ok {
		return scalarText{}, false
	}
	text, quoted, ok := r.source(key, node)
	if !ok {
		return scalarText{}, false
	}
	result := expand(text, r.lookupEnv)
	r.note(key, node, quote(text))
	if result.expanded {
		r.note(key, node, quote(text)+", after its variables were put in")
		r.hold(key, result.text)
	}
	for _, problem := range result.problems {
		r.tell(key, "%s", problem)
	}
	r.unusable[key] = r.unusable[key] || len(result.problems) > 0
	return scalarText{text: result.text, quoted: quoted && !result.expanded}, len(result.problems) == 0
}

// source is the text of a scalar as it is written, or a problem.
func (r *configReader) source(key string, node ast.Node) (text string, quoted, ok bool) {
	switch value := node.(type) {
	case *ast.StringNode:
		written := value.GetToken().Type
		return value.Value, written == token.SingleQuoteType || written == token.DoubleQuoteType, true
	case *ast.LiteralNode:
		return value.Value.Value, true, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return value.GetToken().Value, false, true
	case *ast.NullNode:
		r.note(key, node, "")
		if word := value.GetToken(); word.Type == token.NullType && word.Value != "" {
			r.refuse(key, "got nothing; want a value, or \"%s\" in quotes for the word itself", word.Value)
			return "", false, false
		}
	}
	r.note(key, node, "")
	r.refuse(key, "got %s; want one value", kind(node))
	return "", false, false
}

// override is the value that the environment has for a key. An empty variable counts as one that is not set. Airflow's
// connection comes after the variable of the key itself.
func (r *configReader) override(key string) (scalarText, bool) {
	name, known := variableOf(key)
	if !known {
		return scalarText{}, false
	}
	text, _ := r.lookupEnv(name)
	if text == "" {
		return r.fromConnection(key)
	}
	r.origins[key] = origin{variable: name, shown: "what the variable holds"} // a secret, where it is the wrong variable
	r.hold(key, text)
	return scalarText{text: text}, true
}

// hold keeps what a variable held for a key, to find a secret that stands in the wrong one.
func (r *configReader) hold(key, text string) {
	from := r.origins[key]
	from.held = text
	r.origins[key] = from
}

// set puts a text into a field, by the type of the field.
func (r *configReader) set(key string, from scalarText, target reflect.Value) {
	switch into := target.Addr().Interface().(type) {
	case *string:
		*into = from.text
	case *salesforce.Secret:
		*into = salesforce.Secret(from.text)
		at := r.origins[key]
		at.shown = "" // never in a message
		r.origins[key] = at
	case *time.Duration:
		duration, err := parseDuration(from.text)
		r.refuseUnless(err, key)
		*into = duration
	case *Size:
		size, err := parseSize(from.text)
		r.refuseUnless(err, key)
		*into = size
	case *bool:
		*into = from.text == "true"
		if from.quoted || from.text != "true" && from.text != "false" {
			r.wrongValue(key, "true or false"+unquoted(from))
		}
	case *int:
		number, err := strconv.Atoi(from.text)
		*into = number
		if from.quoted || err != nil || !wholeNumber.MatchString(from.text) {
			r.wrongValue(key, "a whole number"+unquoted(from))
		}
	case *float64:
		number, err := strconv.ParseFloat(from.text, 64)
		*into = number
		if from.quoted || err != nil || !decimalNumber.MatchString(from.text) {
			r.wrongValue(key, "a number, such as 0.8"+unquoted(from))
		}
	}
}

func unquoted(from scalarText) string {
	if from.quoted {
		return ", without quotes"
	}
	return ""
}

// wrongValue quotes the value and says what is wanted instead; the value is not used.
func (r *report) wrongValue(key, want string) {
	r.refuse(key, "got %s; want %s", r.shown(key), want)
}

func (r *report) refuseUnless(err error, key string) {
	if err != nil {
		r.refuse(key, "got %s; %s", r.shown(key), err.Error())
	}
}

// shown is the value of a key as a message may quote it: what the file says, not what a variable held.
func (r *report) shown(key string) string {
	if from, known := r.origins[key]; known && from.shown != "" {
		return from.shown
	}
	return "nothing"
}

// quote makes a value safe and short enough for a message.
func quote(text string) string {
	const longest = 60 // characters
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "..."
	}
	return strconv.Quote(text)
}
