package salesforce

import (
	"fmt"
	"regexp"
	"strings"
)

// maximumSOQL is the longest query that Salesforce parses, in characters
// (https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select.htm).
const maximumSOQL = 100_000

// identifier is a name that may stand in a query without being quoted; SOQL has no way of quoting one.
var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$`)

// selectQuery is the query for every row of an object. Names come from the configuration: they are checked here, where
// the text is built, so that no path leads around the check.
func selectQuery(object string, fields []string) (string, error) {
	if err := checkObject(object); err != nil {
		return "", err
	}
	if len(fields) == 0 {
		return "", &Error{Op: "query", Object: object, Message: "no fields to select", exit: exitUsage}
	}
	for _, field := range fields {
		if err := checkField(object, field); err != nil {
			return "", err
		}
	}
	soql := "SELECT " + strings.Join(fields, ", ") + " FROM " + object
	if len(soql) > maximumSOQL {
		return "", &Error{Op: "query", Object: object, Message: fmt.Sprintf("query of %d characters, Salesforce takes %d", len(soql), maximumSOQL), exit: exitUsage, hint: "name fewer fields"}
	}
	return soql, nil
}

func countQuery(object string) (string, error) {
	if err := checkObject(object); err != nil {
		return "", err
	}
	return "SELECT COUNT() FROM " + object, nil
}

func checkObject(object string) error {
	if identifier.MatchString(object) && !strings.Contains(object, ".") {
		return nil
	}
	return &Error{Op: "query", Message: fmt.Sprintf("object name %q: want letters, digits and underscores", clip(object)), exit: exitUsage}
}

func checkField(object, field string) error {
	if identifier.MatchString(field) {
		return nil
	}
	return &Error{Op: "query", Object: object, Message: fmt.Sprintf("field name %q: want letters, digits and underscores, dots between parents", clip(field)), exit: exitUsage}
}
