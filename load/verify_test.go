package load

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func verifyProblem(t testing.TB, err error) *VerifyError {
	t.Helper()
	var problem *VerifyError
	if !errors.As(err, &problem) {
		t.Fatalf("got %v, want a *VerifyError", err)
	}
	if problem.ExitCode() != 6 || problem.Hint() == "" {
		t.Errorf("exit code %d, hint %q", problem.ExitCode(), problem.Hint())
	}
	return problem
}

func replaceIn(old, new string) func(string) error {
	return func(path string) error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Contains(content, []byte(old)) {
			return errors.New("nothing to replace")
		}
		return os.WriteFile(path, bytes.Replace(content, []byte(old), []byte(new), 1), 0o600)
	}
}

// F154: Write refuses a CSV file that does not say what the Parquet file says.
func TestF154FormatsThatDisagree(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why    string
		tamper func(string) error
		want   string
	}{
		{"one digit of an identifier", replaceIn("\n11,00123", "\n11,00124"), `column "Text, \"quoted\"" does not hold`},
		{"a leading zero gone", replaceIn("\n11,00123", "\n11,123"), `column "Text, \"quoted\"" does not hold`},
		{"NULL became empty", replaceIn("\n01,,", "\n01,\"\","), `does not hold`},
		{"empty became NULL", replaceIn("\n02,\"\",", "\n02,,"), `does not hold`},
		{"a cent", replaceIn(",-0.05,", ",-0.06,"), `column "money" does not hold`},
		{"a microsecond", replaceIn(".123456Z", ".123457Z"), `column "moment" does not hold`},
		{"a flag", replaceIn("03,NULL,false", "03,NULL,true"), `column "flag" does not hold`},
		{"the order of a list", replaceIn("a;b;c", "a;c;b"), `column "list" does not hold`},
		{"two rows swapped", replaceIn("14,\"\"\"\",true", "15,\\,true"), `does not hold`},
		{"a row lost", replaceIn("11,00123,true,7,7,7.00,0.07,7.0000000000,2024-02-29,01:02:03,2024-01-01T10:00:00Z,a\n", ""), `does not hold`},
		{"another header", replaceIn("id,", "ID,"), `header: column 1 is not "id"`},
		{"a byte order mark", replaceIn("id,", "\ufeffid,"), `header: column 1 is not "id"`},
		{"CRLF", replaceIn("list\n", "list\r\n"), "carriage return"},
		{"cut short", func(path string) error { return os.Truncate(path, 900) }, "the file ends inside it"},
		{"cut to nothing", func(path string) error { return os.Truncate(path, 0) }, "the file is empty"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			db := tampering{openDatabase(t, dir, 1, pearls), "pearls.csv", c.tamper}
			_, err := Write(t.Context(), db, []Table{pearlsTable}, Options{Directory: dir, Formats: []string{Parquet, CSV}})
			if problem := verifyProblem(t, err); problem.File != "pearls.csv" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Another file in the place of the one that was written is noticed, although it is a good Parquet file.
func TestWriteNoticesAnotherParquetFile(t *testing.T) {
	t.Parallel()
	cases := []struct{ why, statement, want string }{
		{"a row lost", "SELECT * FROM pearls WHERE id <> '07' ORDER BY id", "has 14 rows, the table has 15"},
		{"a column renamed", "SELECT id AS other, * EXCLUDE (id) FROM pearls ORDER BY id", `column 1 is "other"`},
		{"a type changed", "SELECT * REPLACE (small::BIGINT AS small) FROM pearls ORDER BY id", `column 4 is "small" (bigint), want "small" (integer)`},
		{"a value lost", "SELECT * REPLACE (CASE WHEN id <> '09' THEN big END AS big) FROM pearls ORDER BY id", `column "big" has 13 values, the table has 14`},
		{"not in order", "SELECT * FROM pearls ORDER BY id DESC", "row group 0 is not in order"},
		{"metadata lost", "SELECT * FROM pearls ORDER BY id", "metadata key k is missing"},
	}
	for i, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			db := openDatabase(t, dir, 1, pearls)
			metadata := ", KV_METADATA {k: 'v'}"
			if i == len(cases)-1 {
				metadata = ""
			}
			replace := func(path string) error {
				_, err := db.ExecContext(t.Context(), "COPY ("+c.statement+") TO "+literal(path)+" (FORMAT parquet"+metadata+")")
				return err
			}
			_, err := Write(t.Context(), tampering{db, ".parquet", replace}, []Table{pearlsTable},
				Options{Directory: dir, Formats: []string{Parquet}, Metadata: map[string]string{"k": "v"}})
			if problem := verifyProblem(t, err); problem.File != "pearls.parquet" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A byte of a Parquet file flipped right after writing is noticed, or the values are those of the CSV file all the same:
// it stood in statistics or in the names of encodings. No damage stops the process.
func TestWriteNoticesDamagedParquet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 1, pearls)
	opts := Options{Directory: dir, Formats: []string{Parquet, CSV}}
	files, err := copyTable(t.Context(), db, pearlsTable, opts)
	if err != nil {
		t.Fatal(err)
	}
	whole, noticed, tried := []byte(readText(t, files.parquet)), 0, 0
	for i := 0; i < len(whole); i += 3 {
		damaged := bytes.Clone(whole)
		damaged[i] ^= 0x10
		if err := os.WriteFile(files.parquet, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := (&check{files: files}).run(t.Context()); err != nil {
			verifyProblem(t, err)
			noticed++
		}
		tried++
	}
	t.Logf("noticed %d of %d flipped bytes", noticed, tried)
	if noticed < tried/2 {
		t.Errorf("noticed only %d of %d flipped bytes", noticed, tried)
	}
	for cut := 0; cut < len(whole); cut += 20 {
		if err := os.WriteFile(files.parquet, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := (&check{files: files}).run(t.Context()); err == nil {
			t.Fatalf("cut to %d of %d bytes: not noticed", cut, len(whole))
		}
	}
}

// F151: a file that was changed by hand after publication is named.
func TestF151Verify(t *testing.T) {
	t.Parallel()
	flip := func(path string) error {
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		content[len(content)/2] ^= 1
		return os.WriteFile(path, content, 0o600)
	}
	cases := []struct {
		why    string
		damage func(dir string, outputs []Output) error
		file   string
		want   string
	}{
		{"a byte of the Parquet file", func(dir string, _ []Output) error { return flip(filepath.Join(dir, "pearls.parquet")) }, "pearls.parquet", "has SHA-256"},
		{"a byte of the CSV file", func(dir string, _ []Output) error { return flip(filepath.Join(dir, "pearls.csv")) }, "pearls.csv", "has SHA-256"},
		{"a file cut short", func(dir string, _ []Output) error { return os.Truncate(filepath.Join(dir, "pearls.csv"), 10) }, "pearls.csv", "has 10 bytes"},
		{"a file removed", func(dir string, _ []Output) error { return os.Remove(filepath.Join(dir, "pearls.csv")) }, "pearls.csv", "is missing"},
		{"a link in its place", func(dir string, _ []Output) error {
			path := filepath.Join(dir, "pearls.csv")
			return errors.Join(os.Rename(path, filepath.Join(dir, "elsewhere")), os.Symlink("elsewhere", path))
		}, "pearls.csv", "is not a regular file"},
		{"a file more", func(dir string, _ []Output) error {
			return os.WriteFile(filepath.Join(dir, "more.csv"), nil, 0o600)
		}, "more.csv", "is not in the manifest"},
		{"a manifest with other rows, Parquet", func(_ string, outputs []Output) error { outputs[0].Rows++; return nil }, "pearls.parquet", "has 15 rows, the manifest says 16"},
		{"a manifest with other rows, CSV", func(_ string, outputs []Output) error { outputs[1].Rows--; return nil }, "pearls.csv", "has 15 rows, the manifest says 14"},
		{"a manifest with another type", func(_ string, outputs []Output) error {
			outputs[0].Columns = append([]Column{{"id", "bigint"}}, outputs[0].Columns[1:]...)
			return nil
		}, "pearls.parquet", `column 1 is "id" (text), want "id" (bigint)`},
		{"a manifest with another header", func(_ string, outputs []Output) error {
			outputs[1].Columns = append([]Column{{"key", "text"}}, outputs[1].Columns[1:]...)
			return nil
		}, "pearls.csv", `header: column 1 is not "key"`},
		{"a manifest that points elsewhere", func(_ string, outputs []Output) error { outputs[0].Name = "../pearls.parquet"; return nil }, "../pearls.parquet", "is not the name of a data file"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			outputs := mustWrite(t, openDatabase(t, dir, 1, pearls), Options{Directory: dir, Formats: []string{Parquet, CSV}}, pearlsTable)
			if err := Verify(t.Context(), dir, outputs); err != nil {
				t.Fatalf("before: %v", err)
			}
			if err := c.damage(dir, outputs); err != nil {
				t.Fatal(err)
			}
			err := Verify(t.Context(), dir, outputs)
			if problem := verifyProblem(t, err); problem.File != c.file || !strings.Contains(problem.Problem+err.Error(), c.want) {
				t.Errorf("got %v, want %s: %s", err, c.file, c.want)
			}
		})
	}
}

// A page for people is held by its size and its hash: it has neither rows nor columns.
func TestVerifyPage(t *testing.T) {
	t.Parallel()
	const text = "<!doctype html><title>report</title>"
	sum := sha256.Sum256([]byte(text))
	listed := Output{Name: "report.html", Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Columns: []Column{}}
	for _, c := range []struct {
		why, text, want string
		list            func(*Output)
	}{
		{"as listed", text, "", func(*Output) {}},
		{"longer", text + "!", "has 37 bytes, the manifest says 36", func(*Output) {}},
		{"another letter", strings.Replace(text, "report", "Report", 1), "has SHA-256", func(*Output) {}},
		{"listed with rows", text, "has 0 rows, the manifest says 1", func(o *Output) { o.Rows = 1 }},
		{"listed with a column", text, "has 0 columns, want 1", func(o *Output) { o.Columns = []Column{{"id", "text"}} }},
		{"not listed", text, "is not in the manifest", func(o *Output) { o.Name = "" }},
		{"listed by a path", text, "is not the name of a data file", func(o *Output) { o.Name = "../report.html" }},
	} {
		dir, output := t.TempDir(), listed
		c.list(&output)
		outputs := []Output{output}
		if output.Name == "" {
			outputs = nil
		}
		if err := os.WriteFile(filepath.Join(dir, "report.html"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		switch err := Verify(t.Context(), dir, outputs); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.why, err)
		case c.want != "" && !strings.Contains(verifyProblem(t, err).Problem, c.want):
			t.Errorf("%s: got %v, want %q", c.why, err, c.want)
		}
	}
}

func TestCancelledIsItsCause(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 2, pearls)
	outputs := mustWrite(t, db, Options{Directory: dir, Formats: []string{Parquet}}, pearlsTable)
	cause := errors.New("deadline of the run")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := Verify(ctx, dir, outputs); !errors.Is(err, cause) {
		t.Errorf("Verify: got %v, want the cause", err)
	}
	if _, err := Write(ctx, db, []Table{pearlsTable}, Options{Directory: t.TempDir(), Formats: []string{Parquet}}); !errors.Is(err, cause) {
		t.Errorf("Write: got %v, want the cause", err)
	}
}
