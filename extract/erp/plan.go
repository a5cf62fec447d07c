package erp

import (
	"cmp"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"syscall"
	"time"
)

// plan is Options after they were checked: every word is resolved and every default filled in.
type plan struct {
	Options
	delimiter byte // 0 is auto
	encoding  encoding
	types     map[string]columnType
	needed    []string // Identifiers, then Required, without repetition
	final     bool     // a newline is required at the end
}

// newPlan resolves the options. Errors are *Error with exit code 2.
func newPlan(options Options) (*plan, error) {
	plan := &plan{Options: options, types: map[string]columnType{}}
	plan.Limits = options.Limits.withDefaults()
	plan.Workers = cmp.Or(max(options.Workers, 0), 2)
	plan.Format = cmp.Or(options.Format, "auto")
	if plan.Now.IsZero() {
		plan.Now = time.Now()
	}
	for _, resolve := range []func() error{plan.resolveFormat, plan.resolveDelimiter, plan.resolveEncoding, plan.resolveFinal, plan.resolveTypes} {
		if err := resolve(); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Concat(options.Identifiers, options.Required) {
		if !slices.Contains(plan.needed, name) {
			plan.needed = append(plan.needed, name)
		}
	}
	return plan, nil
}

func (p *plan) resolveFormat() error {
	if p.Path == "" {
		return p.misconfigured("no path", "set erp.source.path")
	}
	if !slices.Contains([]string{"auto", "csv", "tsv", "parquet"}, p.Format) {
		return p.misconfigured("unknown format "+quoted(p.Format), "set erp.source.format to auto, csv, tsv or parquet")
	}
	return nil
}

func (p *plan) resolveDelimiter() error {
	delimiters := map[string]byte{"": 0, "auto": 0, ",": ',', ";": ';', "|": '|', "\t": '\t', `\t`: '\t', "tab": '\t', "comma": ',', "semicolon": ';', "pipe": '|'}
	delimiter, known := delimiters[p.Delimiter]
	if !known {
		return p.misconfigured("unknown delimiter "+quoted(p.Delimiter), `set erp.source.delimiter to auto, ",", ";", "|" or "tab"`)
	}
	p.delimiter = delimiter
	return nil
}

func (p *plan) resolveEncoding() error {
	known := false
	if p.encoding, known = parseEncoding(p.Encoding); !known {
		return p.misconfigured("unknown encoding "+quoted(p.Encoding),
			"set erp.source.encoding to auto, utf-8, utf-16, utf-16le, utf-16be, latin-1 or windows-1252")
	}
	return nil
}

func (p *plan) resolveFinal() error {
	switch p.FinalNewline {
	case "", "required":
		p.final = true
	case "optional":
	default:
		return p.misconfigured("unknown word "+quoted(p.FinalNewline)+" for the final newline", "set erp.source.final_newline to required or optional")
	}
	return nil
}

func (p *plan) resolveTypes() error {
	for _, name := range slices.Sorted(maps.Keys(p.Types)) {
		parsed, err := parseType(p.Types[name])
		if err != nil {
			return p.typeProblem(name, err.Error(), "types are decimal(p,s), integer, date, timestamp, boolean and text (erp.types)")
		}
		if parsed.kind != textKind && slices.Contains(p.Identifiers, name) {
			return p.typeProblem(name, "an identifier is text, erp.types says "+quoted(p.Types[name]), "remove the column from erp.types")
		}
		p.types[name] = parsed
	}
	return nil
}

func (p *plan) typeOf(name string) columnType { return p.types[name] }

func (p *plan) isIdentifier(name string) bool { return slices.Contains(p.Identifiers, name) }

// columnsAskedFor are the columns that the configuration names, in a fixed order.
func (p *plan) columnsAskedFor() []string {
	names := slices.Clone(p.needed)
	for _, name := range slices.Sorted(maps.Keys(p.types)) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (p *plan) logger() *slog.Logger {
	if p.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return p.Logger
}

// problem is a refusal of the file as a whole.
func (p *plan) problem(what, advice string) *Error {
	return &Error{Path: p.Path, Problem: what, Advice: advice, Code: exitInput}
}

// caused is a refusal with a cause. Where this process may open no more files the snapshot is not to blame.
func (p *plan) caused(what string, err error, advice string) *Error {
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		return &Error{Path: p.Path, Problem: what, Err: err, Advice: "raise the number of files that may be open, as with `ulimit -n 1024`, and run again", Code: exitMachine}
	}
	return &Error{Path: p.Path, Problem: what, Err: err, Advice: advice, Code: exitInput}
}

func (p *plan) misconfigured(what, advice string) *Error {
	return &Error{Path: p.Path, Problem: what, Advice: advice, Code: exitConfiguration}
}

func (p *plan) typeProblem(column, what, advice string) *Error {
	return &Error{Path: p.Path, Column: column, Problem: what, Advice: advice, Code: exitConfiguration}
}

// hasExtension looks below a compression's ending: customers.tsv.gz is .tsv.
func (p *plan) hasExtension(extension string) bool {
	name := strings.ToLower(p.Path)
	for _, compressed := range []string{".gz", ".gzip", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, compressed)
	}
	return strings.HasSuffix(name, extension)
}

func (p *plan) namedCompressed() bool {
	name := strings.ToLower(p.Path)
	return strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".gzip") || strings.HasSuffix(name, ".zst") || strings.HasSuffix(name, ".zstd")
}
