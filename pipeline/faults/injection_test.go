package faults

import (
	"path/filepath"
	"slices"
	"strings"
)

// F165, F166: what the configuration and the command line say is a name and nothing else.

var hostileFields = []string{
	"Name FROM Account WHERE Id != null OR Name", "Id,(SELECT Id FROM Contacts)", "Name; DELETE", "Name'--", "Name%00", "COUNT()", "FIELDS(ALL)",
	"toLabel(Industry)", "Name\nFROM User", "Owner..Name", ".Name", "Owner.", "Náme", "Name, Phone", "1Name", "Name\u0000", "Name/*", `Name"`, "Name LIMIT 1",
}

func injectionPoints() []point {
	var points []point
	for _, field := range hostileFields {
		points = append(points,
			named("field "+field, replaced("erp:\n", "  objects: {Account: {fields: [Name, "+quoteYAML(field)+"]}}\nerp:\n")),
			named("link to "+field, replaced("Account.ERP_Customer_ID__c", quoteYAML("Account."+field))))
	}
	long := named("field of 4 kB", replaced("erp:\n", "  objects: {Account: {fields: [Name, "+strings.Repeat("N", 4096)+"]}}\nerp:\n"))
	long.after = nil // it has the form of a name: the describe tells that there is none such
	points = append(points, long)
	for _, object := range []string{"User", "Account WHERE Id != null", "Account'", "Contact/../Account"} {
		points = append(points, named("object "+object, replaced("erp:\n", "  objects: {"+quoteYAML(object)+": {fields: [Name]}}\nerp:\n")),
			named("link of object "+object, replaced("Account.ERP_Customer_ID__c", quoteYAML(object+".Name"))))
	}
	for _, column := range []string{`x"; DROP TABLE customers; --`, `x' OR '1'='1`, `customer_id" AS x, (SELECT 1) AS "y`, "x\u0000", "x;ATTACH 'y'"} {
		gone := named("customer_id "+column, replaced("  customer_id: customer_id", "  customer_id: "+quoteYAML(column)))
		gone.want.codes = []int{exitUsage, exitInput} // a file may have such a column; this one has not
		other := named("rule on column "+column, replaced("    erp: customer_id", "    erp: "+quoteYAML(column)))
		other.want.codes = gone.want.codes
		points = append(points, gone, other)
	}
	return append(points, literalPoints()...)
}

// named is a configuration that is refused before anybody is called.
func named(name string, config func(string) string) point {
	var calls int64
	return point{
		name: oneLine(name)[:min(60, len(oneLine(name)))], config: config, want: refused(exitUsage),
		before: func(w *world) { calls = w.org.requests.Load() },
		after: func(w *world, _ outcome) {
			if now := w.org.requests.Load(); now != calls {
				w.v.errorf("%d calls to Salesforce before it was refused", now-calls)
			}
		},
	}
}

// literalPoints are texts that may hold anything, and that must stay texts: the counts of a dry run are those of one
// without them.
func literalPoints() []point {
	const hostile = `x'); DROP TABLE customers; --"; SELECT '`
	var counts string
	dry := []string{"run", "--dry-run", "--run-date", faultDate}
	same := func(w *world, o outcome) {
		if got := countsTold(o.stdout); got != counts || counts == "" {
			w.v.errorf("a text changed the result: %s; without it: %s", got, counts)
		}
	}
	silent := expectation{codes: []int{0}, silent: true}
	return []point{
		{name: "no text", args: dry, want: silent, after: func(_ *world, o outcome) { counts = countsTold(o.stdout) }},
		{name: "a prefix to strip", args: dry, want: silent, after: same,
			config: replaced("    erp: customer_id\n", "    erp: customer_id\n    key: [nfkc, strip_invisible, trim, collapse_space, casefold, "+quoteYAML("strip_prefix:"+hostile)+"]\n")},
		{name: "a blank identifier", args: dry, want: silent, after: same,
			config: replaced("limits:", `blank_identifiers: ["", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd", `+quoteYAML(hostile)+"]\nlimits:")},
		{name: "a column of the snapshot", args: dry, want: silent, after: same, before: func(w *world) {
			text := string(w.read("customers.csv"))
			w.write("customers.csv", strings.Replace(text, "payment_terms", `"x""); DROP TABLE customers; --"`, 1), 0o600)
			w.later(func() { w.write("customers.csv", text, 0o600) })
		}},
		{name: "the name of the snapshot", args: dry, want: silent, after: same,
			config: replaced("path: customers.csv", "path: "+quoteYAML(`cust'); DROP TABLE x; --.csv`)), before: func(w *world) {
				w.write(`cust'); DROP TABLE x; --.csv`, string(w.read("customers.csv")), 0o600)
			}},
		{name: "the folders", args: dry, want: silent, after: same,
			env: []string{`CROSSWALK_STATE_DIRECTORY=state'; DROP "x`, `CROSSWALK_OUTPUT_DIRECTORY=out'; DROP "x`}},
	}
}

// countsTold are the lines of a summary that count records.
func countsTold(stdout string) string {
	var lines []string
	for line := range strings.Lines(stdout) {
		if strings.HasPrefix(line, "customers") || strings.HasPrefix(line, "accounts") || strings.HasPrefix(line, "contacts") {
			lines = append(lines, oneLine(line))
		}
	}
	return strings.Join(lines, "; ")
}

func replaced(old, replacement string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, replacement, 1) }
}

// quoteYAML is a double-quoted scalar, which has the escapes of JSON.
func quoteYAML(text string) string { return quoteJSON(text) }

// hostileDates are no dates, whoever says them.
var hostileDates = []string{
	"../../etc", "2026-11-23/../../x", "..", "/etc/passwd", "2026-11-23\n", "\n2026-11-23", "2026-11-23 ", "2026-02-30", "2026-1-2", "20261123",
	"99999-01-01", "0000-00-00", "run_date=2026-11-23", "-1", "２０２６-11-23", "2026-11-23\x1b[2J", "$(id)", "2026-11-23;id", strings.Repeat("9", 4096),
}

func namePoints() []point {
	var points []point
	for _, date := range hostileDates {
		points = append(points,
			strangePath("--run-date "+date, []string{"run", "--run-date=" + date}, nil),
			strangePath("CROSSWALK_RUN_DATE "+date, []string{"run"}, []string{"CROSSWALK_RUN_DATE=" + date}),
			strangePath("backfill --from "+date, []string{"backfill", "--from=" + date, "--to=2026-11-23"}, nil))
		if !slices.Contains([]string{"2026-11-23\n", "\n2026-11-23", "2026-11-23 "}, date) {
			points = append(points, strangePath("AIRFLOW_CTX_LOGICAL_DATE "+date, []string{"run"}, []string{"AIRFLOW_CTX_LOGICAL_DATE=" + date}))
		}
	}
	for _, key := range []string{"output", "state"} {
		for _, folder := range []string{"a\u0000b", strings.Repeat("d", 4096), strings.Repeat("d/", 4096), "a\nb\u0000"} {
			p := strangePath(key+".directory "+oneLine(folder), nil, nil)
			p.config = replaced("limits:", key+": {directory: "+quoteYAML(folder)+"}\nlimits:")
			points = append(points, p)
		}
	}
	snapshot := strangePath("erp.source.path with NUL", nil, nil)
	snapshot.config = replaced("path: customers.csv", `path: "customers.csv\u0000.gz"`)
	return append(points, snapshot)
}

// strangePath is a name that is refused, and leaves nothing anywhere.
func strangePath(name string, args, env []string) point {
	var before []string
	return point{
		name: oneLine(name)[:min(60, len(oneLine(name)))], args: args, env: env, want: refused(exitUsage),
		before: func(w *world) { before = w.around() },
		after: func(w *world, _ outcome) {
			for _, path := range w.around() {
				if !slices.Contains(before, path) && path != "point.yaml" {
					w.v.errorf("%q appeared", path)
				}
			}
		},
	}
}

// around lists what stands in the world's folder, beside it, and in the stages.
func (w *world) around() []string {
	var names []string
	for _, pattern := range []string{"*", "../*", "out/*", "state/stages/*"} {
		found, err := filepath.Glob(filepath.Join(w.dir, pattern))
		if err != nil {
			w.v.errorf("%s: %v", pattern, err)
		}
		for _, path := range found {
			if name, err := filepath.Rel(w.dir, path); err == nil {
				names = append(names, name)
			}
		}
	}
	return names
}
