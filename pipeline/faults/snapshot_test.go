package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Section E: the ERP's file. What its text may be is here, its Parquet in parquet_test.go, its cuts in cut_test.go.
var snapshotFaults = []fault{
	{id: "F087", what: "missing, a directory, a FIFO, a device, no permission, a dangling link", points: noFile()},
	{id: "F088", what: "an empty file, a header alone", points: []point{
		{name: "empty", want: refused(exitInput, "empty"), before: snapshotIs("")},
		{name: "header alone", want: refused(exitInput, "no rows"), before: headerAlone},
		{name: "header alone, which is allowed", env: allowEmpty, want: differs(), before: headerAlone},
		{name: "empty, which is allowed", env: allowEmpty, want: refused(exitInput), config: replaced("settle: 0", "settle: 0\n  attributes: {phone: phone}"), before: snapshotIs("\n\n")},
	}},
	{id: "F089", what: "the file is still being written", points: writtenPoints()},
	{id: "F090", what: "the file is cut, at every byte", points: cutFiles()},
	{id: "F092", what: "yesterday's file: by its time, by its name", points: stalePoints()},
	{id: "F093", what: "the file of the last run once more", points: []point{
		{name: "told", want: recovered(), after: says("that of an earlier date")},
		{name: "refused", config: guards("unchanged_snapshot: refuse"), want: refused(exitGuard, "unchanged_snapshot", goodDate)},
		{name: "refused, and forced", config: guards("unchanged_snapshot: refuse"), args: []string{"run", "--run-date", faultDate, "--force"}, want: same(), after: sameRows},
		{name: "accepted", config: guards("unchanged_snapshot: accept"), want: same(), after: silent("that of an earlier date")},
		{name: "refused, copied under another name", config: guards("unchanged_snapshot: refuse"), want: refused(exitGuard, "unchanged_snapshot", goodDate), before: copiedAs("customers_new.csv")},
		{name: "told, copied under another name", want: same(), before: copiedAs("customers_new.csv"), after: says("that of an earlier date")},
		{name: "another file", config: guards("unchanged_snapshot: refuse"), before: func(w *world) { w.swap(canaryStreet, canaryStreet+" B") }, want: differs()},
	}},
	{id: "F094", what: "a byte order mark of UTF-8", points: []point{
		rewrittenFile("before the header", "", func(text string) string { return "\ufeff" + text }),
		rewrittenFile("before a quoted header", "", func(text string) string { return "\ufeff" + quotedHeader(text) }),
	}},
	{id: "F095", what: "UTF-16 of both kinds, with and without a byte order mark", points: wideText()},
	{id: "F096", what: "Latin-1 and windows-1252", points: westernText()},
	{id: "F097", what: "other delimiters, a sep= line, decimal commas", points: delimiterPoints()},
	{id: "F098", what: "lines that end with CRLF, CR, or both kinds", points: []point{
		rewrittenFile("CRLF", "", lineEnds("\r\n", "\r\n")), rewrittenFile("CR", "", lineEnds("\r", "\r")), rewrittenFile("CRLF and LF", "", lineEnds("\r\n", "\n")),
		{name: "CR among LF", want: refused(exitInput, "line"), before: changedFile(lineEnds("\n", "\r"))},
	}},
	{id: "F099", what: "headers quoted, with spaces, in another case, swapped, twice, missing, extra", points: headerPoints()},
	{id: "F106", what: "a total row, blank lines, comments", points: otherLines()},
	{id: "F107", what: "a field of 100 MB, 10,000 columns, a line of 1 GB", points: hugePoints()},
}

var allowEmpty = append([]string{"CROSSWALK_GUARDS_ALLOW_EMPTY=true"}, unlimited...)

func guards(text string) func(string) string {
	return replaced("limits:", "guards: {"+text+"}\nlimits:")
}

// says holds that a line on standard error has the words, silent that none has.
func says(words string) func(*world, outcome) {
	return func(w *world, o outcome) {
		if !strings.Contains(o.stderr, words) {
			w.v.errorf("nothing says %q", words)
		}
	}
}

func silent(words string) func(*world, outcome) {
	return func(w *world, o outcome) {
		if strings.Contains(o.stderr, words) {
			w.v.errorf("something says %q", words)
		}
	}
}

// replaceFile puts what make makes in the place of the snapshot until the point is over.
func (w *world) replaceFile(make func(path string) error) {
	w.v.t.Helper()
	path, aside := filepath.Join(w.dir, "customers.csv"), filepath.Join(w.dir, "aside.csv")
	if err := os.Rename(path, aside); err != nil {
		w.v.fatalf("%v", err)
	}
	w.later(func() {
		if err := os.RemoveAll(path); err != nil {
			w.v.fatalf("%v", err)
		}
		if err := os.Rename(aside, path); err != nil {
			w.v.fatalf("%v", err)
		}
	})
	if err := make(path); err != nil {
		w.v.fatalf("%v", err)
	}
}

func snapshotIs(text string) func(*world) {
	return func(w *world) { w.replaceText("customers.csv", text) }
}

func changedFile(change func(string) string) func(*world) {
	return func(w *world) { w.replaceText("customers.csv", change(string(w.read("customers.csv")))) }
}

func headerAlone(w *world) {
	header, _, _ := strings.Cut(string(w.read("customers.csv")), "\n")
	w.replaceText("customers.csv", header+"\n")
}

// rewrittenFile is the snapshot in another form, which must give the same rows. dialect stands in erp.source.
func rewrittenFile(name, dialect string, change func(string) string) point {
	p := point{name: name, want: same(), after: sameRows, before: func(w *world) {
		w.knowsRows(w.rows("customers.csv"))
		changedFile(change)(w)
	}}
	if dialect != "" {
		p.config = replaced("path: customers.csv", "path: customers.csv, "+dialect)
	}
	return p
}

// knowsRows tells how many rows a snapshot has that is no plain CSV.
func (w *world) knowsRows(rows int64) {
	w.knownRows = &rows
	w.later(func() { w.knownRows = nil })
}

// rawRecords splits a CSV into its cells as they are written, quotes and all: nothing and "" are not the same.
func rawRecords(text string) [][]string {
	var records [][]string
	var record []string
	inside, begun := false, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"':
			inside = !inside
		case !inside && (c == ',' || c == '\n'):
			record = append(record, text[begun:i])
			begun = i + 1
			if c == '\n' {
				records, record = append(records, record), nil
			}
		}
	}
	return records
}

// joined writes raw cells with another delimiter and line ends, which change from line to line.
func joined(records [][]string, delimiter string, ends ...string) string {
	var text strings.Builder
	for i, record := range records {
		for j, cell := range record {
			if j > 0 {
				text.WriteString(delimiter)
			}
			if !strings.HasPrefix(cell, `"`) && strings.Contains(cell, delimiter) {
				cell = `"` + cell + `"`
			}
			text.WriteString(cell)
		}
		text.WriteString(ends[i%len(ends)])
	}
	return text.String()
}

func lineEnds(ends ...string) func(string) string {
	return func(text string) string { return joined(rawRecords(text), ",", ends...) }
}

func quotedHeader(text string) string {
	header, rest, _ := strings.Cut(text, "\n")
	return `"` + strings.ReplaceAll(header, ",", `","`) + `"` + "\n" + rest
}

func noFile() []point {
	points := []point{{name: "no permission", want: refused(exitInput, "permission"), before: func(w *world) {
		w.replaceFile(func(path string) error { return os.WriteFile(path, []byte("customer_id\n"), 0) })
	}, play: func(w *world) outcome {
		if os.Geteuid() != 0 {
			return w.run()
		}
		// The superuser reads everything, unless that capability is taken from him.
		return w.startCommand(nil, "setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search",
			program, "--config", w.config, "run", "--run-date", faultDate).wait()
	}}}
	for _, c := range []struct {
		name, says string
		make       func(path string) error
	}{
		{"missing", "no such file", func(string) error { return nil }},
		{"a directory", "directory", func(path string) error { return os.Mkdir(path, 0o700) }},
		{"a FIFO", "regular", mkfifo}, {"a device", "regular", func(path string) error { return os.Symlink(os.DevNull, path) }},
		{"a dangling link", "leads nowhere", func(path string) error { return os.Symlink("nowhere.csv", path) }},
		{"a link to itself", "symbolic links", func(path string) error { return os.Symlink("customers.csv", path) }},
	} {
		points = append(points, point{name: c.name, want: refused(exitInput, c.says), before: func(w *world) { w.replaceFile(c.make) }, after: noCalls})
	}
	return points
}

// noCalls holds that a snapshot which cannot be read costs no call to Salesforce.
func noCalls(w *world, o outcome) {
	if o.took > 15*time.Second {
		w.v.errorf("took %s", o.took)
	}
}

// writtenPoints have a writer beside the run, which appends half a row every few milliseconds.
func writtenPoints() []point {
	atRest := replaced("settle: 0", "settle: 300ms")
	var points []point
	for _, c := range []struct {
		name string
		half int // half rows that are still to come
		want expectation
	}{{"it ends soon", 60, differs()}, {"it never ends", 1 << 20, refused(exitInput, "still being written")}} {
		points = append(points, point{name: c.name, want: c.want, config: atRest, before: func(w *world) { w.writeOn(c.half) }, after: func(w *world, o outcome) {
			if o.code == 0 && w.told().Inputs.ERP.Rows != w.rows("customers.csv") {
				w.v.errorf("%d rows were read, the file has %d", w.told().Inputs.ERP.Rows, w.rows("customers.csv"))
			}
		}})
	}
	return append(points, point{
		name: "rows come after it was looked at, and without a wait", want: refused(exitInput, "changed while it was read"),
		before: func(w *world) {
			// Far more rows than the reader takes at once, so that it is still reading when more come.
			w.replaceText("customers.csv", string(w.read("customers.csv"))+strings.Repeat(strings.Repeat("7,", 12)+"7\n", 1_500_000))
			w.writeOn(1 << 20)
		},
	}, point{
		name: "the time of a file server that is ahead", config: atRest, want: recovered(), before: func(w *world) {
			ahead := time.Now().Add(time.Hour)
			if err := os.Chtimes(filepath.Join(w.dir, "customers.csv"), ahead, ahead); err != nil {
				w.v.fatalf("%v", err)
			}
			w.later(func() { _ = os.Chtimes(filepath.Join(w.dir, "customers.csv"), time.Now(), time.Now()) })
		},
	})
}

// writeOn appends to the snapshot from now on.
func (w *world) writeOn(half int) {
	w.v.t.Helper()
	whole := string(w.read("customers.csv"))
	path := filepath.Join(w.dir, "customers.csv")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		w.v.fatalf("%v", err)
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = file.Close() }()
		for i := range half {
			text := fmt.Sprintf("PLANTED-%d,Planted,", i)
			if i%2 == 1 {
				text = strings.Repeat(",", 10) + "\n"
			}
			if _, err := file.WriteString(text); err != nil {
				return
			}
			select {
			case <-quit:
				return
			case <-time.After(15 * time.Millisecond):
			}
		}
	}()
	w.later(func() {
		close(quit)
		<-done
		if i := strings.Index(whole, "\n7,7,"); i > 0 {
			whole = whole[:i+1]
		}
		w.write("customers.csv", whole, 0o600)
	})
}

func delimiterPoints() []point {
	with := func(delimiter string) func(string) string {
		return func(text string) string { return joined(rawRecords(text), delimiter, "\n") }
	}
	commas := func(text string) string {
		records := rawRecords(text)
		at := slices.Index(records[0], "credit_limit")
		for _, record := range records[1:] {
			record[at] = strings.Replace(record[at], ".", ",", 1)
		}
		return joined(records, ";", "\n")
	}
	return []point{
		rewrittenFile("semicolons, found", "", with(";")), rewrittenFile("semicolons, configured", `delimiter: ";"`, with(";")),
		rewrittenFile("tabs", "", with("\t")), rewrittenFile("bars", "", with("|")),
		rewrittenFile("a sep= line", "", func(text string) string { return "sep=;\r\n" + with(";")(text) }),
		rewrittenFile("decimal commas", "decimal_comma: true", commas),
		{name: "decimal commas, not configured", want: refused(exitInput, "credit_limit", "line"), before: changedFile(commas)},
		{name: "another delimiter than configured", want: refused(exitInput), config: replaced("path: customers.csv", `path: customers.csv, delimiter: ";"`)},
	}
}

func headerPoints() []point {
	header := func(old, replacement string) func(string) string {
		return func(text string) string {
			first, rest, _ := strings.Cut(text, "\n")
			return strings.Replace(first, old, replacement, 1) + "\n" + rest
		}
	}
	swapped := func(text string) string {
		records := rawRecords(text)
		for _, record := range records {
			record[0], record[1] = record[1], record[0]
			slices.Reverse(record[3:])
		}
		return joined(records, ",", "\n")
	}
	bad := func(name, old, replacement string, says ...string) point {
		return point{name: name, want: refused(exitInput, says...), before: changedFile(header(old, replacement))}
	}
	points := []point{
		rewrittenFile("quoted", "", quotedHeader), rewrittenFile("swapped columns", "", swapped),
		bad("in another case", "customer_id", "CUSTOMER_ID", `"CUSTOMER_ID" is near`), bad("a space around it", "customer_id", " customer_id", "spaces around it"),
		bad("twice", "country", "customer_id", "twice"), bad("missing", "customer_id", "kunnr", `"customer_id" missing`), bad("empty", "country", "", "no name"),
		bad("differing in case alone", "country", "City", "case"), {name: "extra", want: differs(), before: changedFile(func(text string) string { return withColumn(text, "extra", "x") })},
	}
	points[1].after = func(w *world, o outcome) { w.sameTables(o, "customers") } // whose last columns are those of the file, in its order
	return append(points, point{name: "no header", want: refused(exitInput, "first line"), before: changedFile(func(text string) string {
		lines := strings.Split(text, "\n")
		return lines[len(lines)-2] + "\n"
	})})
}

// otherLines are lines that are no customers. A total row of as many fields as the header has cannot be told from a
// customer: it comes out as one that was not found.
func otherLines() []point {
	added := func(line string) func(string) string { return func(text string) string { return text + line + "\n" } }
	inside := func(line string) func(string) string {
		return func(text string) string { return strings.Replace(text, "\n99213206", "\n"+line+"\n99213206", 1) }
	}
	return []point{
		{name: "a total row", want: refused(exitInput, "line", "fields"), before: changedFile(added("TOTAL,93")), after: placed("TOTAL,93")},
		{name: "a line of dashes", want: refused(exitInput, "line"), before: changedFile(added("-----")), after: placed("-----")},
		{name: "a comment", want: refused(exitInput, "line"), before: changedFile(inside("# exported by hand")), after: placed("# exported by hand")},
		{name: "a comment before the header", want: refused(exitInput, "line"), before: changedFile(func(text string) string { return "# exported\n" + text })},
		{name: "a blank line between", want: refused(exitInput, "blank line"), before: changedFile(inside(""))},
		rewrittenFile("blank lines at the end", "", added("\n\n")),
		{name: "a total row as wide as the header", want: differs(), before: func(w *world) { w.grow("customers.csv", plantedCustomer("Total", "TOTAL")) }, after: func(w *world, _ outcome) {
			w.keeps(w.only(w.table("exceptions"), "identifier", "TOTAL"), "status", "not_found")
		}},
	}
}

// placed holds that an error tells the line and the byte at which a text stands in the snapshot.
func placed(text string) func(*world, outcome) {
	return func(w *world, o outcome) {
		before, _, found := strings.Cut(string(w.read("customers.csv")), text)
		want := fmt.Sprintf("line %s (byte %s)", grouped(1+strings.Count(before, "\n")), grouped(len(before)))
		if !found || !strings.Contains(o.stderr, want) {
			w.v.errorf("the error does not name %s, where %q stands: %s", want, text, oneLine(o.stderr))
		}
	}
}

// grouped writes a number with a comma before each three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// hugePoints are files that a reader must not take whole.
func hugePoints() []point {
	huge := func(name, says string, make func(w *csvFile)) point {
		return point{name: name, want: refused(exitInput, says), before: func(w *world) {
			w.replaceFile(func(path string) error { return writeHuge(path, make) })
		}, after: func(w *world, o outcome) {
			bounded(w, o)
			w.v.note = fmt.Sprintf("at most %d MB", max(o.memory>>20, w.most))
			w.most = max(o.memory>>20, w.most)
		}}
	}
	return []point{
		huge("a field of 100 MB", "end of the record", func(f *csvFile) { f.header(); f.text(`1,"`); f.fill("x", 100<<20); f.text("\"\n") }),
		huge("10,000 columns", "columns", func(f *csvFile) { f.header(); f.fill("a,", 20_000); f.text("a\n") }),
		huge("a field of 2 MB", "larger than", func(f *csvFile) { f.header(); f.text("1,"); f.fill("x", 2<<20); f.text(",,\n") }),
		huge("10,000 columns in the header", "columns", func(f *csvFile) {
			f.text("customer_id,customer_name")
			for i := range 10_000 {
				f.text(fmt.Sprintf(",column_%d", i))
			}
			f.text("\n1,a\n")
		}),
		huge("a line of 1 GB in the header", "", func(f *csvFile) { f.fill("x", 1<<30) }),
		huge("a line of 1 GB after the header", "end of the record", func(f *csvFile) { f.header(); f.text("1,"); f.fill("x", 1<<30) }),
		huge("a quote that is never closed", "end of the record", func(f *csvFile) { f.header(); f.text("1,\""); f.fill("x,1\n", 1<<30) }),
		huge("1 GB of delimiters", "end of the record", func(f *csvFile) { f.header(); f.fill(",", 1<<30) }),
		huge("1 GB of quotes", "", func(f *csvFile) { f.header(); f.fill("\"", 1<<30) }),
		huge("1 GB of line ends", "blank line", func(f *csvFile) { f.header(); f.text("1,a,,\n"); f.fill("\n", 1<<30); f.text("2,b,,\n") }),
		huge("64 MB of NUL", "NUL", func(f *csvFile) { f.header(); f.fill("\x00", 64<<20) }),
	}
}

// csvFile writes what is larger than memory ought to be.
type csvFile struct {
	file *os.File
	err  error
}

func (f *csvFile) header() { f.text("customer_id,customer_name,credit_limit,since\n") }

func (f *csvFile) text(text string) {
	if f.err == nil {
		_, f.err = f.file.WriteString(text)
	}
}

// fill writes size bytes of a pattern.
func (f *csvFile) fill(pattern string, size int) {
	block := strings.Repeat(pattern, 1<<20/len(pattern))
	for ; size > 0; size -= len(block) {
		f.text(block[:min(size, len(block))])
	}
}

func writeHuge(path string, make func(*csvFile)) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	huge := &csvFile{file: file}
	make(huge)
	if err := file.Close(); err != nil {
		return err
	}
	return huge.err
}
