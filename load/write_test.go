package load

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pearls has one row for each thing that a CSV file or a type tends to lose.
const pearls = `CREATE TABLE pearls AS SELECT * REPLACE (ratio::DECIMAL(2, 2) AS ratio) FROM (VALUES
 ('01', NULL::VARCHAR, NULL::BOOLEAN, NULL::INTEGER, NULL::BIGINT, NULL::DECIMAL(18, 2), NULL::DECIMAL(2, 2), NULL::DECIMAL(38, 10), NULL::DATE, NULL::TIME, NULL::TIMESTAMPTZ, NULL::VARCHAR[]),
 ('02', '', true, 0, 0, 0, 0, 0, DATE '1970-01-01', TIME '00:00:00', TIMESTAMPTZ '1970-01-01 00:00:00+00', []),
 ('03', 'NULL', false, -1, -1, -0.05, -0.05, -0.0000000005, DATE '0099-12-31', TIME '23:59:59.5', TIMESTAMPTZ '1969-12-31 23:59:59.500000+00', ['a']),
 ('04', E'cr\r\nlf', true, 2147483647, 9223372036854775807, 9999999999999999.99, 0.99, 1234567890123456789012345678.0123456789, DATE '9999-12-31', TIME '12:00:00.000001', TIMESTAMPTZ '2024-01-01 10:00:00.123000+00', ['a', 'b', 'c']),
 ('05', E'lone\rcr', true, -2147483648, -9223372036854775808, 1.5, 0.5, -1, DATE '1969-12-31', TIME '01:02:03.4', TIMESTAMPTZ '2024-01-01 10:00:00.123456+00', ['a', NULL, 'b']),
 ('06', 'say "hi"', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000001+00', [NULL]),
 ('07', 'a,b;c', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['x;y', 'say "hi"']),
 ('08', chr(0) || 'nul' || chr(0), true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['']),
 ('09', '👩‍👩‍👧 ÅÅ', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a']),
 ('10', '  spaces  ', true, 7, 7, 7, 0.07, 7, DATE '0044-03-15 (BC)', TIME '01:02:03', TIMESTAMPTZ '0005-04-19 09:46:40.000000+00', ['a']),
 ('11', '00123', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a']),
 ('12', '=1+1', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a']),
 ('13', chr(65279) || 'bom', true, 7, 7, 7, 0.07, 7, DATE '12024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a']),
 ('14', '"', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a']),
 ('15', '\', true, 7, 7, 7, 0.07, 7, DATE '2024-02-29', TIME '01:02:03', TIMESTAMPTZ '2024-01-01 10:00:00.000000+00', ['a'])
) v(id, "Text, ""quoted""", flag, small, big, money, ratio, wide, day, clock, moment, list)`

var pearlsTable = Table{Name: "pearls", OrderBy: []string{"id"}}

const wantPearls = `id,"Text, ""quoted""",flag,small,big,money,ratio,wide,day,clock,moment,list
01,,,,,,,,,,,
02,"",true,0,0,0.00,0.00,0.0000000000,1970-01-01,00:00:00,1970-01-01T00:00:00Z,""
03,NULL,false,-1,-1,-0.05,-0.05,-0.0000000005,0099-12-31,23:59:59.500,1969-12-31T23:59:59.500Z,a
04,"cr` + "\r" + `
lf",true,2147483647,9223372036854775807,9999999999999999.99,0.99,1234567890123456789012345678.0123456789,9999-12-31,12:00:00.000001,2024-01-01T10:00:00.123Z,a;b;c
05,"lone` + "\r" + `cr",true,-2147483648,-9223372036854775808,1.50,0.50,-1.0000000000,1969-12-31,01:02:03.400,2024-01-01T10:00:00.123456Z,a;b
06,"say ""hi""",true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00.000001Z,""
07,"a,b;c",true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,"x;y;say ""hi"""
08,` + "\x00nul\x00" + `,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,""
09,👩‍👩‍👧 ÅÅ,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a
10,  spaces  ,true,7,7,7.00,0.07,7.0000000000,0044-03-15 (BC),01:02:03,0005-04-19T09:46:40Z,a
11,00123,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a
12,=1+1,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a
13,` + "\ufeff" + `bom,true,7,7,7.00,0.07,7.0000000000,12024-02-29,01:02:03,2024-01-01T10:00:00Z,a
14,"""",true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a
15,\,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a
`

func TestWriteLosesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, pearls)
	outputs := mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet, CSV}}, pearlsTable)
	if diff := cmp.Diff(wantPearls, readText(t, dir, "pearls.csv")); diff != "" {
		t.Errorf("pearls.csv (-want +got):\n%s", diff)
	}
	columns := []Column{
		{"id", "text"}, {`Text, "quoted"`, "text"}, {"flag", "boolean"}, {"small", "integer"}, {"big", "bigint"},
		{"money", "decimal(18,2)"}, {"ratio", "decimal(2,2)"}, {"wide", "decimal(38,10)"}, {"day", "date"},
		{"clock", "time"}, {"moment", "timestamp"}, {"list", "list<text>"},
	}
	for i, name := range []string{"pearls.parquet", "pearls.csv"} {
		content := readText(t, dir, name)
		sum := sha256.Sum256([]byte(content))
		want := Output{Name: name, Rows: 15, Bytes: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Columns: columns}
		if diff := cmp.Diff(want, outputs[i]); diff != "" {
			t.Errorf("output %d (-want +got):\n%s", i, diff)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, error %v, want 0600", name, info.Mode(), err)
		}
	}
	if err := Verify(t.Context(), dir, outputs); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

// The engine reads its own Parquet back to the very table it was written from, bytes of identifiers included.
func TestParquetHoldsTheTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, pearls)
	mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet}}, pearlsTable)
	path := literal(filepath.Join(dir, "pearls.parquet"))
	for _, query := range []string{
		"SELECT count(*) FROM (SELECT * FROM pearls EXCEPT ALL SELECT * FROM read_parquet(" + path + "))",
		"SELECT count(*) FROM (SELECT * FROM read_parquet(" + path + ") EXCEPT ALL SELECT * FROM pearls)",
	} {
		var differing int
		if err := db.QueryRowContext(t.Context(), query).Scan(&differing); err != nil || differing != 0 {
			t.Errorf("%s: %d rows, error %v; want none", query, differing, err)
		}
	}
}

func TestWriteFormats(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why     string
		formats []string
		want    []string
	}{
		{"parquet alone", []string{Parquet}, []string{"pearls.parquet"}},
		{"csv alone leaves no temporary file", []string{CSV}, []string{"pearls.csv"}},
		{"the order asked for does not matter", []string{CSV, Parquet}, []string{"pearls.csv", "pearls.parquet"}},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var reported []string
			opts := Options{Directory: dir, Formats: c.formats, Progress: func(o Output) { reported = append(reported, o.Name) }}
			mustWrite(t, openDatabase(t, dir, 1, pearls), opts, pearlsTable)
			slices.Sort(reported)
			if got := listNames(t, dir); !slices.Equal(got, c.want) || !slices.Equal(reported, c.want) {
				t.Errorf("files %v, reported %v, want %v", got, reported, c.want)
			}
		})
	}
}

func listNames(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestWriteOrdersByBytesNullLast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, `CREATE TABLE words AS SELECT * FROM (VALUES (NULL, '1'), ('b', NULL), ('B', '2'), ('ä', '3'), ('', '4'), ('b', '5'), ('a', '6'), ('a', '10')) v(word, tie)`)
	mustWrite(t, db, Options{Directory: dir, Formats: []string{CSV}}, Table{Name: "words", OrderBy: []string{"word", "tie"}})
	want := "word,tie\n\"\",4\nB,2\na,10\na,6\nb,5\nb,\nä,3\n,1\n"
	if got := readText(t, dir, "words.csv"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWriteEmptyTable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, "CREATE TABLE empty (id VARCHAR, list VARCHAR[], moment TIMESTAMPTZ)")
	outputs := mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet, CSV}}, Table{Name: "empty", OrderBy: []string{"id"}})
	if got := readText(t, dir, "empty.csv"); got != "id,list,moment\n" || outputs[0].Rows != 0 || outputs[1].Rows != 0 {
		t.Errorf("csv %q, outputs %+v; want a header and no rows", got, outputs)
	}
	if err := Verify(t.Context(), dir, outputs); err != nil {
		t.Errorf("Verify: %v", err)
	}
}

func TestMetadataIsWrittenSorted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	metadata := map[string]string{"crosswalk.run_date": "2026-11-23", "crosswalk.it's": `"quo'ted", {x: 1}`, "crosswalk.config_sha256": "ff"}
	mustWrite(t, openDatabase(t, dir, 1, pearls), Options{Directory: dir, Formats: []string{Parquet}, Metadata: metadata}, pearlsTable)
	reader, err := openParquet(filepath.Join(dir, "pearls.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	got := reader.MetaData().KeyValueMetadata()
	if !slices.IsSorted(got.Keys()) || len(got.Keys()) != len(metadata) {
		t.Errorf("keys %v, want the %d given, sorted", got.Keys(), len(metadata))
	}
	for key, want := range metadata {
		if value := got.FindValue(key); value == nil || *value != want {
			t.Errorf("%s = %v, want %q", key, value, want)
		}
	}
}

// F138: the bytes do not depend on the thread count, nor on whether the sort spilled.
func TestF138EqualBytesWhateverTheThreads(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("writes 600,000 rows four times")
	}
	var want []Output
	for _, c := range []struct {
		threads int
		memory  string
	}{{1, "2GiB"}, {2, "2GiB"}, {8, "2GiB"}, {4, "300MiB"}} {
		dir := t.TempDir()
		db, err := sql.Open("duckdb", fmt.Sprintf("?threads=%d&memory_limit=%s&temp_directory=%s", c.threads, c.memory, t.TempDir()))
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if _, err := db.ExecContext(t.Context(), contactsTable(600_000)); err != nil {
			t.Fatal(err)
		}
		got := mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet, CSV}}, contacts)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d threads, %s (-want +got):\n%s", c.threads, c.memory, diff)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why, statement string
		table          Table
		formats        []string
		want           string
	}{
		{"a double has no one text", "CREATE TABLE t AS SELECT 1.5::DOUBLE AS d", Table{"t", []string{"d"}}, []string{CSV}, `column "d": type DOUBLE cannot be published exactly`},
		{"a HUGEINT becomes a double in Parquet", "CREATE TABLE t AS SELECT 1::HUGEINT AS h", Table{"t", []string{"h"}}, []string{CSV}, `column "h": type HUGEINT`},
		{"no order gives no equal bytes", "CREATE TABLE t AS SELECT 1 AS i", Table{"t", nil}, []string{CSV}, "no order given"},
		{"an order by a position or an expression", "CREATE TABLE t AS SELECT 1 AS i", Table{"t", []string{"1"}}, []string{CSV}, `ordered by "1", which is not a column`},
		{"a name that is a path", "CREATE TABLE t AS SELECT 1 AS i", Table{"../t", []string{"i"}}, []string{CSV}, "the name must be"},
		{"an unknown format", "CREATE TABLE t AS SELECT 1 AS i", Table{"t", []string{"i"}}, []string{"xlsx"}, `"xlsx" is neither`},
		{"no format", "CREATE TABLE t AS SELECT 1 AS i", Table{"t", []string{"i"}}, nil, "none given"},
		{"a table that is not there", "SELECT 1", Table{"t", []string{"i"}}, []string{CSV}, "describe t"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, err := Write(t.Context(), openDatabase(t, dir, 1, c.statement), []Table{c.table}, Options{Directory: dir, Formats: c.formats})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if names := listNames(t, dir); len(names) != 0 {
				t.Errorf("left %v", names)
			}
		})
	}
}

// F129: a statement that fails while COPY runs is an error without the value that it failed on.
func TestF129StatementFailsInsideCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, `CREATE VIEW bad AS SELECT i, CASE WHEN i = 150000 THEN CAST('canary' || i AS INTEGER) END AS n FROM range(200000) r(i)`)
	_, err := Write(t.Context(), db, []Table{{"bad", []string{"i"}}}, Options{Directory: dir, Formats: []string{Parquet, CSV}})
	var storage *Error
	if err == nil || errors.As(err, &storage) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v; want an error that is not of storage and does not tell the value", err)
	}
}

func TestWriteOutsideOfWhatIsAllowed(t *testing.T) {
	t.Parallel()
	db := openDatabase(t, t.TempDir(), 1, pearls)
	elsewhere := t.TempDir()
	_, err := Write(t.Context(), db, []Table{pearlsTable}, Options{Directory: elsewhere, Formats: []string{Parquet}})
	if err == nil || len(listNames(t, elsewhere)) != 0 {
		t.Errorf("error %v, files %v; want DuckDB to refuse", err, listNames(t, elsewhere))
	}
}
