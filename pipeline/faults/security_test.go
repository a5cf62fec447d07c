package faults

import (
	"encoding/json"
	"slices"

	"crosswalk/fixtures"
)

// Section J: security.
var securityFaults = []fault{
	{
		id: "F161", what: "the API leads to another host, by redirect or by a link in an answer",
		setting: setting{api: "bulk", options: fixtures.Options{BulkPage: 47, RESTPage: 50}},
		points:  slices.Concat(apiRedirects(), foreignLinks(), fromTLS()),
	},
	{id: "F162", what: "the token endpoint leads to another host", points: tokenRedirects()},
	{id: "F163", what: "instance_url of the token answer is no host of the org's", points: instancePoints()},
	{id: "F165", what: "names in the configuration that would be SOQL or SQL", points: injectionPoints()},
	{id: "F166", what: "run dates and folders with ../, NUL, newlines, 4 kB", points: namePoints()},
	{
		id: "F167", what: "secrets and personal data on every way that leads to an error", setting: setting{options: fixtures.Options{RESTPage: 50, BulkPage: 47}},
		points: slices.Concat(echoes(), personalPoints()),
	},
	{
		id: "F168", what: "modes under umask 000, files that others may read, and bombs",
		points: slices.Concat(modePoints(), bombs()),
	},
}

func quoteJSON(text string) string {
	quoted, _ := json.Marshal(text) // a string cannot fail
	return string(quoted)
}
