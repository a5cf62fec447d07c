package extract_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"pgregory.net/rapid"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "Id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "Amount", Type: &arrow.Decimal128Type{Precision: 18, Scale: 2}, Nullable: true},
	{Name: "IsDeleted", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
}, nil)

type row struct {
	id      string
	null    bool
	cents   int64
	deleted bool
}

func batchOf(t testing.TB, rows []row) arrow.RecordBatch {
	t.Helper()
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for _, r := range rows {
		if r.null {
			builder.Field(0).AppendNull()
		} else {
			builder.Field(0).(*array.StringBuilder).Append(r.id)
		}
		builder.Field(1).(*array.Decimal128Builder).Append(decimal128.FromI64(r.cents))
		builder.Field(2).(*array.BooleanBuilder).Append(r.deleted)
	}
	return builder.NewRecordBatch()
}

// stageOf writes the parts and commits them as one table.
func stageOf(t testing.TB, dir string, parts ...[]row) *extract.Stage {
	t.Helper()
	stage, err := extract.CreateStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("salesforce", "Account", schema)
	if err != nil {
		t.Fatal(err)
	}
	for i, rows := range parts {
		part, err := table.NewPart(i)
		if err != nil {
			t.Fatal(err)
		}
		batch := batchOf(t, rows)
		if err := part.Write(batch); err != nil {
			t.Fatal(err)
		}
		batch.Release()
		if _, err := part.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := table.CommitQuery(extract.Query{Object: "Account", Staged: table.Rows()}); err != nil {
		t.Fatal(err)
	}
	return stage
}

func TestStageRoundTrip(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	stage := stageOf(t, dir, []row{{id: "a", cents: 1}, {null: true}}, nil, []row{{id: "b\r\n\"", cents: -5, deleted: true}})
	if err := stage.Commit(); err != nil {
		t.Fatal(err)
	}
	opened, err := extract.OpenStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	table, err := opened.Table("salesforce", "Account")
	if err != nil {
		t.Fatal(err)
	}
	if table.Rows != 3 || len(table.Parts) != 2 || table.Query.Staged != 3 {
		t.Errorf("table has %d rows in %d parts, staged %d; want 3 in 2, since a part of no rows leaves no file, staged 3", table.Rows, len(table.Parts), table.Query.Staged)
	}
	var ids []string
	for _, path := range opened.Files(table) {
		ids = append(ids, readIDs(t, path)...)
	}
	if want := []string{"a", "(null)", "b\r\n\""}; len(ids) != 3 || ids[0] != want[0] || ids[1] != want[1] || ids[2] != want[2] {
		t.Errorf("ids read back are %q, want %q", ids, want)
	}
	info, err := os.Stat(opened.Files(table)[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("part has mode %v (%v), want 0600: it holds personal data", info.Mode(), err)
	}
}

func readIDs(t *testing.T, path string) []string {
	t.Helper()
	reader, err := file.OpenParquetFile(path, false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	arrowReader, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := arrowReader.ReadTable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	var ids []string
	for _, chunk := range table.Column(0).Data().Chunks() {
		for i := range chunk.Len() {
			ids = append(ids, chunk.ValueStr(i))
		}
	}
	return ids
}

// TestStageOrg records whose rows a stage holds, under the checksum of the rest. A stage of an older version has neither.
func TestStageOrg(t *testing.T) {
	t.Parallel()
	want := extract.Org{Source: "org", Host: "acme.my.salesforce.com", OrganizationID: "00DFx0000000001MAA"}
	checksum := regexp.MustCompile(`(?m)^  "checksum": "[0-9a-f]{16}",\n`)
	for _, c := range []struct {
		why     string
		change  func(text string) string
		older   bool // committed without an org
		refused bool
	}{
		{why: "as it was recorded", change: func(text string) string { return text }},
		{why: "of an older version", older: true, change: func(text string) string { return text }},
		{why: "of one before that", older: true, change: func(text string) string { return checksum.ReplaceAllString(text, "") }},
		{why: "another org", refused: true, change: func(text string) string { return strings.Replace(text, "00DFx", "00DFy", 1) }},
		{why: "no org any more", refused: true, change: func(text string) string { return strings.Replace(text, `"org": {`, `"or": {`, 1) }},
		{why: "no checksum any more", refused: true, change: func(text string) string { return checksum.ReplaceAllString(text, "") }},
	} {
		dir := filepath.Join(t.TempDir(), "stage")
		stage := stageOf(t, dir, []row{{id: "a"}})
		if !c.older {
			stage.SetOrg(want)
		}
		must(t, stage.Commit())
		path := filepath.Join(dir, "stage.json")
		text, err := os.ReadFile(path)
		must(t, err)
		must(t, os.WriteFile(path, []byte(c.change(string(text))), 0o600))
		opened, err := extract.OpenStage(dir)
		if (err != nil) != c.refused {
			t.Errorf("%s: OpenStage gave %v, want it refused: %v", c.why, err, c.refused)
		}
		if err != nil {
			continue
		}
		if org, known := opened.Org(); known == c.older || known && org != want {
			t.Errorf("%s: the stage is of %+v, %v; want %+v, %v", c.why, org, known, want, !c.older)
		}
	}
}

func TestStageRefused(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		why  string
		harm func(t *testing.T, dir string)
	}{
		"never committed": {"without stage.json a folder is not a stage", func(t *testing.T, dir string) { remove(t, filepath.Join(dir, "stage.json")) }},
		"part missing": {"a lost part is lost rows", func(t *testing.T, dir string) {
			remove(t, filepath.Join(dir, "salesforce/Account/part-000000.parquet"))
		}},
		"part cut": {"a power cut can take the end of a part", func(t *testing.T, dir string) {
			truncate(t, filepath.Join(dir, "salesforce/Account/part-000000.parquet"))
		}},
		"index cut": {"half an index names half the parts", func(t *testing.T, dir string) { truncate(t, filepath.Join(dir, "stage.json")) }},
		"a letter of the index": {"a flag that is no flag any more would publish what is private", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "stage.json")
			text, err := os.ReadFile(path)
			must(t, err)
			changed := strings.Replace(string(text), `"utf8"`, `"utf9"`, 1)
			if changed == string(text) {
				t.Fatalf("no text in %s", text)
			}
			must(t, os.WriteFile(path, []byte(changed), 0o600))
		}},
		"index is a pipe": {"nobody may ever write to it", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "stage.json")
			remove(t, path)
			if err := syscall.Mkfifo(path, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"index without end": {"a device is read for ever", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "stage.json")
			remove(t, path)
			if err := os.Symlink("/dev/zero", path); err != nil {
				t.Fatal(err)
			}
		}},
		"part elsewhere": {"a recorded stage must not make us read other files", func(t *testing.T, dir string) {
			path := filepath.Join(dir, "salesforce/Account/part-000000.parquet")
			remove(t, path)
			if err := os.Symlink("/etc/hostname", path); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "stage")
			if err := stageOf(t, dir, []row{{id: "a"}}).Commit(); err != nil {
				t.Fatal(err)
			}
			c.harm(t, dir)
			_, err := extract.OpenStage(dir)
			var refused *extract.StageError
			if !errors.As(err, &refused) || refused.ExitCode() != 5 || refused.Hint() == "" {
				t.Errorf("OpenStage gave %v, want a *StageError of exit code 5 with a hint: %s", err, c.why)
			}
		})
	}
}

// TestProve alters a recorded stage where neither its size nor the number of its rows tells.
func TestProve(t *testing.T) {
	t.Parallel()
	other := []row{{id: "axx", cents: 1}, {id: "ab", cents: 2}}
	for _, c := range []struct {
		why    string
		harm   func(t *testing.T, dir, part string)
		exit   int // 0: holds
		before bool
	}{
		{why: "whole"},
		{why: "one bit of a value", exit: 5, harm: func(t *testing.T, _, part string) { must(t, flip(part)) }},
		{why: "a row in place of another, and the size adapted", exit: 5, harm: func(t *testing.T, dir, part string) {
			replaceParts(t, dir, part, other)
		}},
		{why: "of an older version, which kept no checksum", exit: 5, before: true},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "stage")
			must(t, stageOf(t, dir, []row{{id: "aaa", cents: 1}, {id: "ab", cents: 2}}).Commit())
			index := filepath.Join(dir, "stage.json")
			if c.before {
				text, err := os.ReadFile(index)
				must(t, err)
				without := regexp.MustCompile(`,\s*"checksum": "[0-9a-f]{16}"`).ReplaceAll(text, nil)
				if len(without) == len(text) {
					t.Fatalf("no checksum in %s", text)
				}
				must(t, os.WriteFile(index, without, 0o600))
			}
			if c.harm != nil {
				c.harm(t, dir, filepath.Join(dir, "salesforce/Account/part-000000.parquet"))
			}
			stage, err := extract.OpenStage(dir)
			must(t, err)
			err = stage.Prove(t.Context())
			var refused *extract.StageError
			switch found := errors.As(err, &refused); {
			case c.exit == 0 && err != nil:
				t.Errorf("a whole stage does not hold: %v", err)
			case c.exit != 0 && (!found || refused.ExitCode() != c.exit || refused.Hint() == ""):
				t.Errorf("Prove gave %v, want a *StageError of exit code %d with a hint", err, c.exit)
			}
		})
	}
}

// replaceParts puts the part of another stage in the place of one, and its size into stage.json.
func replaceParts(t *testing.T, dir, part string, rows []row) {
	t.Helper()
	elsewhere := filepath.Join(t.TempDir(), "stage")
	must(t, stageOf(t, elsewhere, rows).Commit())
	before, err := os.Stat(part)
	must(t, err)
	text, err := os.ReadFile(filepath.Join(elsewhere, "salesforce/Account/part-000000.parquet"))
	must(t, err)
	must(t, os.WriteFile(part, text, 0o600))
	index := filepath.Join(dir, "stage.json")
	listed, err := os.ReadFile(index)
	must(t, err)
	size := func(n int64) string { return fmt.Sprintf(`"bytes": %d`, n) }
	must(t, os.WriteFile(index, []byte(strings.Replace(string(listed), size(before.Size()), size(int64(len(text))), 1)), 0o600))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/2); err != nil {
		t.Fatal(err)
	}
}

func TestPartAbortLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	stage, err := extract.CreateStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("erp", "customers", schema)
	if err != nil {
		t.Fatal(err)
	}
	part, err := table.NewPart(0)
	if err != nil {
		t.Fatal(err)
	}
	batch := batchOf(t, []row{{id: "a"}})
	defer batch.Release()
	if err := part.Write(batch); err != nil {
		t.Fatal(err)
	}
	part.Abort()
	entries, err := os.ReadDir(filepath.Join(dir, "erp", "customers"))
	if err != nil || len(entries) != 0 || table.Rows() != 0 {
		t.Errorf("after Abort: %d files, %d rows (%v), want none", len(entries), table.Rows(), err)
	}
	if _, err := extract.CreateStage(dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("CreateStage on an existing folder gave %v, want fs.ErrExist", err)
	}
}

func rowsGenerator() *rapid.Generator[[]row] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) row {
		return row{id: rapid.StringN(0, 6, -1).Draw(t, "id"), null: rapid.Bool().Draw(t, "null"), cents: rapid.Int64Range(-3, 3).Draw(t, "cents"), deleted: rapid.Bool().Draw(t, "deleted")}
	}), 1, 12)
}

// fingerprint stages the parts and returns what stage.json says of them.
func fingerprint(t *testing.T, parts ...[]row) string {
	t.Helper()
	stage := stageOf(t, filepath.Join(t.TempDir(), "stage"), parts...)
	table, err := stage.Table("salesforce", "Account")
	if err != nil {
		t.Fatal(err)
	}
	return table.Fingerprint.String()
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		rows := rowsGenerator().Draw(rt, "rows")
		whole := fingerprint(t, rows)
		shuffled := rapid.Permutation(rows).Draw(rt, "shuffled")
		cut := rapid.IntRange(0, len(rows)).Draw(rt, "cut")
		if again := fingerprint(t, shuffled[:cut], shuffled[cut:]); again != whole {
			rt.Fatalf("order or parts changed the fingerprint: %s, %s", whole, again)
		}
		i := rapid.IntRange(0, len(rows)-1).Draw(rt, "i")
		if fingerprint(t, append(rows[:len(rows):len(rows)], rows[i])) == whole {
			rt.Fatal("a repeated row went unnoticed")
		}
		if len(rows) > 1 && fingerprint(t, append(rows[:i:i], rows[i+1:]...)) == whole {
			rt.Fatal("a lost row went unnoticed")
		}
		altered := append([]row(nil), rows...)
		altered[i].cents++
		if fingerprint(t, altered) == whole {
			rt.Fatal("an altered row went unnoticed")
		}
	})
}
