package pipeline

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"crosswalk/transform"
)

// Bounds that no sensible configuration passes.
const (
	leastMemory      = 128 << 20 // bytes; a third less and DuckDB cannot link some dozen customers
	mostThreads      = 1024
	mostStages       = 10_000
	mostChildLevels  = 100
	longestColumn    = 255 // characters
	decimalPrecision = 38  // digits of a 128-bit decimal
)

// stateFolders are those that the state has below it.
var stateFolders = []string{"stages", "runs", "work", "tokens"}

var (
	fieldPath   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*){0,5}$`) // SOQL goes up five parents
	fieldName   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	address     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+://`)
	decimalType = regexp.MustCompile(`^decimal\(([0-9]{1,2}), ?([0-9]{1,2})\)$`)
)

// validate holds the values against each other and against what the stages take, and fills in what a rule leaves out.
func (r *configReader) validate(config *Config) {
	r.checkSalesforce(&config.Salesforce)
	r.checkObjects(config.Salesforce.Objects)
	r.checkERP(config)
	r.checkRules(config.Link)
	r.checkContacts(config.Contacts)
	r.checkRest(config)
}

func (r *configReader) checkObjects(objects map[string]ObjectConfig) {
	for _, object := range slices.Sorted(maps.Keys(objects)) {
		key := "salesforce.objects." + object + ".fields"
		fields := objects[object].Fields
		for i, field := range fields {
			r.unless(fieldPath.MatchString(field), indexed(key, i), "the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name")
			r.unless(!transform.IsTaken(object, field), indexed(key, i), "another field: a column of that name is there already")
		}
		r.checkRepeats(key, fields, strings.ToLower) // Salesforce's names are not case-sensitive
	}
}

// erpAttributes are the facts of a customer that the ERP may name a column for; its name is erp.customer_name.
var erpAttributes = []string{"phone", "website", "street", "city", "country"}

func (r *configReader) checkERP(config *Config) {
	if config.ERP.Source.Delimiter == "\t" || config.ERP.Source.Delimiter == `\t` {
		config.ERP.Source.Delimiter = "tab"
	}
	erp := config.ERP
	r.required("erp.source.path", erp.Source.Path, "the ERP's customer file")
	r.checkWord("erp.source.format", erp.Source.Format, "auto", "csv", "tsv", "parquet")
	r.checkWord("erp.source.delimiter", erp.Source.Delimiter, "auto", ",", ";", "|", "tab")
	r.checkWord("erp.source.encoding", erp.Source.Encoding, "auto", "utf-8", "utf-16", "utf-16le", "utf-16be", "latin-1", "windows-1252")
	r.checkWord("erp.source.final_newline", erp.Source.FinalNewline, "required", "optional")
	if r.required("erp.customer_id", erp.CustomerID, "the column that identifies a customer") {
		r.checkColumn("erp.customer_id", erp.CustomerID, r.shown("erp.customer_id"))
	}
	if erp.CustomerName != "" {
		r.checkColumn("erp.customer_name", erp.CustomerName, r.shown("erp.customer_name"))
	}
	for _, name := range slices.Sorted(maps.Keys(erp.Attributes)) {
		key := join("erp.attributes", name)
		if !slices.Contains(erpAttributes, name) {
			r.tell(key, "unknown key; want %s", oneOf(erpAttributes))
			continue
		}
		r.checkColumn(key, erp.Attributes[name], r.shown(key))
	}
	identifiers := map[string]string{erp.CustomerID: "erp.customer_id"}
	for i, rule := range config.Link {
		identifiers[rule.ERP] = indexed("link", i) + ".erp"
	}
	for _, column := range slices.Sorted(maps.Keys(erp.Types)) {
		key := join("erp.types", column)
		r.checkColumn(key, column, quote(column))
		r.checkType(key, erp.Types[column])
		if use := identifiers[column]; use != "" && erp.Types[column] != "text" {
			r.tell(key, "an identifier (%s) is text, whatever it looks like; leave it out here", use)
		}
	}
}

// checkColumn takes any header that is plausible as one: they hold spaces, umlauts and dots. What could end a quoted
// name or open a comment in SQL is refused, although names are quoted wherever they are used. A message has it as shown.
func (r *configReader) checkColumn(key, name, shown string) {
	dangerous := strings.ContainsAny(name, "\"'`;\\") || strings.Contains(name, "--") || strings.Contains(name, "/*") ||
		strings.ContainsFunc(name, unicode.IsControl)
	switch {
	case name == "" || strings.TrimSpace(name) != name || len(name) > longestColumn:
		r.tell(key, "got %s; want the name of a column, without spaces around it", shown)
	case dangerous:
		r.tell(key, "got %s; want the name of a column, without quotes, semicolons, backslashes, control characters, -- and /*", shown)
	}
}

func (r *configReader) checkType(key, name string) {
	if slices.Contains([]string{"integer", "date", "timestamp", "boolean", "text"}, name) {
		return
	}
	parts := decimalType.FindStringSubmatch(name)
	if parts == nil {
		r.wrongValue(key, "decimal(18,2), integer, date, timestamp, boolean or text")
		return
	}
	precision, _ := strconv.Atoi(parts[1])
	scale, _ := strconv.Atoi(parts[2])
	r.unless(precision >= 1 && precision <= decimalPrecision && scale <= precision, key,
		fmt.Sprintf("decimal(p,s) with p from 1 to %d and s from 0 to p", decimalPrecision))
}

func (r *configReader) checkContacts(contacts ContactsConfig) {
	for i, field := range contacts.Lookups {
		r.unless(fieldName.MatchString(field), indexed("contacts.lookups", i), "the API name of an Account field, such as Billing_Contact__c")
		r.unless(!transform.IsTaken("Account", field), indexed("contacts.lookups", i), "another field: a column of that name is there already")
	}
	r.checkRepeats("contacts.lookups", contacts.Lookups, strings.ToLower)
	r.checkRange("contacts.child_accounts", float64(contacts.ChildAccounts), 0, mostChildLevels)
	r.checkWords("contacts.primary", contacts.Primary, "lookup", "billing_title", "has_email", "oldest")
}

func (r *configReader) checkRest(config *Config) {
	r.checkRange("guards.min_link_rate", config.Guards.MinLinkRate, 0, 1)
	r.checkRange("guards.max_drop", config.Guards.MaxDrop, 0, 1)
	r.checkRange("guards.max_moved", config.Guards.MaxMoved, 0, 1)
	r.checkWord("guards.unchanged_snapshot", config.Guards.UnchangedSnapshot, "accept", "warn", "refuse")
	outputs := r.required("output.directory", config.Output.Directory, "the folder that is published to")
	r.checkWords("output.formats", config.Output.Formats, "parquet", "csv")
	states := r.required("state.directory", config.State.Directory, "the folder for recorded runs, tokens and locks")
	if outputs && states {
		r.checkFolders(config)
	}
	r.checkRange("state.keep_stages", float64(config.State.KeepStages), 0, mostStages)
	r.unless(config.Limits.Memory >= leastMemory, "limits.memory", "at least "+Size(leastMemory).String())
	r.checkRange("limits.threads", float64(config.Limits.Threads), 0, mostThreads)
	r.unless(config.Limits.Deadline > 0, "limits.deadline", "more than 0, such as 2h")
	r.checkRange("limits.api_quota", config.Limits.APIQuota, 0, 1)
}

// checkFolders keeps what is published, what is swept and what is secret apart: each run takes whatever it does not know
// in its own folders for what a dead one left.
func (r *configReader) checkFolders(config *Config) {
	r.checkFolder("output.directory", config.Output.Directory)
	r.checkFolder("state.directory", config.State.Directory)
	r.checkFolder("limits.temp_directory", config.Limits.TempDirectory)
	output, state, temporary := withoutLinks(config.Output.Directory), withoutLinks(config.State.Directory), config.Limits.TempDirectory
	switch {
	case state == output:
		r.tell("state.directory", "the same folder as output.directory; want another one")
	case isBelow(state, output):
		r.tell("state.directory", "lies in output.directory, which others read; want a folder beside it")
	case slices.ContainsFunc(stateFolders, func(own string) bool { return isBelow(output, filepath.Join(state, own)) }):
		r.tell("output.directory", "lies in a folder of the state, which is swept; want one outside state.directory")
	}
	if temporary != "" && isBelow(withoutLinks(temporary), output) {
		r.tell("limits.temp_directory", "lies in output.directory, which others read; want a folder elsewhere")
	}
}

// checkFolder refuses a path that DuckDB would not take for what it is.
func (r *configReader) checkFolder(key, folder string) {
	if strings.ContainsAny(folder, "*?[") || !utf8.ValidString(folder) {
		r.wrongValue(key, "a path that is UTF-8 from the root on, without *, ? and [, which DuckDB takes for a pattern")
	}
}

// isBelow tells whether a path is a folder or lies in it.
func isBelow(path, folder string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && relative != ".." && !strings.HasPrefix(relative, "../")
}

// withoutLinks is the place that a path leads to; what is not there yet is taken as it is written.
func withoutLinks(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(withoutLinks(parent), filepath.Base(path))
}

// resolvePaths makes every path absolute: relative ones start where the file stands, wherever the command was started.
func (r *configReader) resolvePaths(config *Config) {
	r.resolveBelow("", reflect.ValueOf(config).Elem(), config.Directory)
}

// The longest path and the longest name in it, in bytes: what Linux takes, less the room for what we put below it.
const (
	longestPath = 3 << 10
	longestName = 255
)

func (r *configReader) resolveBelow(key string, section reflect.Value, directory string) {
	for i := range section.NumField() {
		field, tag := section.Field(i), section.Type().Field(i).Tag
		path := join(key, tag.Get("yaml"))
		if field.Kind() == reflect.Struct {
			r.resolveBelow(path, field, directory)
		}
		name := field.String()
		if tag.Get("as") != "path" || name == "" {
			continue
		}
		switch {
		case len(name) > longestPath || slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool { return len(part) > longestName }):
			r.tell(path, "longer than a path can be; want at most %d bytes, %d between two slashes", longestPath, longestName)
		case strings.ContainsFunc(name, unicode.IsControl):
			r.wrongValue(path, "a path without control characters")
		case address.MatchString(name): // not quoted: a database's holds its password
			r.tell(path, "an address; want a path on this machine")
		case name == "~" || strings.HasPrefix(name, "~/"):
			r.wrongValue(path, "a path; ~ is not expanded, write ${HOME}")
		case !filepath.IsAbs(name):
			field.SetString(filepath.Join(directory, name))
		default:
			field.SetString(filepath.Clean(name))
		}
	}
}

func (r *configReader) required(key, value, what string) bool {
	if value == "" {
		r.tell(key, "required: %s", what)
	}
	return value != ""
}

// unless tells that the value of a key is not what is wanted.
func (r *configReader) unless(good bool, key, want string) {
	if !good {
		r.tell(key, "got %s; want %s", r.shown(key), want)
	}
}

func (r *configReader) checkRange(key string, value, least, most float64) {
	r.unless(value >= least && value <= most, key, fmt.Sprintf("a number from %v to %v", least, most))
}

func (r *configReader) checkWord(key, value string, words ...string) {
	r.unless(slices.Contains(words, value), key, oneOf(words))
}

// checkWords wants at least one of words, each at most once.
func (r *configReader) checkWords(key string, values []string, words ...string) {
	if len(values) == 0 {
		r.tell(key, "got an empty list; want at least one of %s", oneOf(words))
	}
	for i, value := range values {
		r.checkWord(indexed(key, i), value, words...)
	}
	r.checkRepeats(key, values, strings.ToLower)
}

// checkRepeats refuses a value that stands in a list already.
func (r *configReader) checkRepeats(key string, values []string, fold func(string) string) {
	seen := map[string]bool{}
	for i, value := range values {
		if folded := fold(value); seen[folded] {
			r.tell(indexed(key, i), "got %s; it is in the list already", r.shown(indexed(key, i)))
		} else {
			seen[folded] = true
		}
	}
}
