package load

import (
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecimalText(t *testing.T) {
	t.Parallel()
	cases := []struct {
		why      string
		unscaled int64
		scale    int
		want     string
	}{
		{"no scale, no point", 120, 0, "120"},
		{"zeros behind the point are kept", 100, 2, "1.00"},
		{"zeros before the digits", 5, 4, "0.0005"},
		{"as many digits as scale", 99, 2, "0.99"},
		{"minus before the zero", -5, 2, "-0.05"},
		{"the smallest integer has no positive twin", -9223372036854775808, 2, "-92233720368547758.08"},
		{"zero", 0, 2, "0.00"},
	}
	for _, c := range cases {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			if got := string(appendDecimal(nil, c.unscaled, c.scale)); got != c.want {
				t.Errorf("narrow: got %s, want %s", got, c.want)
			}
			var wide [16]byte
			value := big.NewInt(c.unscaled)
			if c.unscaled < 0 {
				value.Add(value, new(big.Int).Lsh(big.NewInt(1), 128))
			}
			if got := string(appendWideDecimal(nil, value.FillBytes(wide[:]), c.scale)); got != c.want {
				t.Errorf("wide: got %s, want %s", got, c.want)
			}
		})
	}
}

// The Go text of every type is the text of the SQL that writes the CSV file: Write compares the two for each value, so
// it is enough that it succeeds on values drawn over the whole range of each type.
func TestTextAgreesWithSQL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := openDatabase(t, dir, 1)
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		table := fmt.Sprintf("random_%d", round)
		var rows []string
		for i := range rapid.IntRange(1, 50).Draw(t, "rows") {
			rows = append(rows, fmt.Sprintf("('%03d', %d, %d, (%d)::DECIMAL(38, 0), %d, %d, %d)", i,
				rapid.Int32().Draw(t, "integer"), rapid.Int64().Draw(t, "bigint"), rapid.Int64().Draw(t, "wide"),
				rapid.Int32Range(-800_000, 3_000_000).Draw(t, "days"),
				rapid.Int64Range(-62_135_596_800_000_000, 253_402_300_799_999_999).Draw(t, "micros"),
				rapid.Int64Range(0, 86_399_999_999).Draw(t, "clock")))
		}
		statement := fmt.Sprintf(`CREATE TABLE %s AS SELECT id, i::INTEGER AS i, b::BIGINT AS b,
			w::DECIMAL(38, 5) AS wide, ((b %% 100)::DECIMAL(18, 2) / 100)::DECIMAL(2, 2) AS small, DATE '1970-01-01' + d::INTEGER AS day,
			make_timestamp(m::BIGINT) AS moment, make_timestamp(m::BIGINT // 1000 * 1000) AS millis,
			make_timestamp(m::BIGINT // 1000000 * 1000000) AS seconds, make_timestamp(c::BIGINT)::TIME AS clock
			FROM (VALUES %s) v(id, i, b, w, d, m, c)`, table, strings.Join(rows, ", "))
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
		outputs, err := Write(t.Context(), db, []Table{{table, []string{"id"}}}, Options{Directory: dir, Formats: []string{Parquet, CSV}})
		if err != nil {
			t.Fatal(err)
		}
		if int(outputs[1].Rows) != len(rows) {
			t.Fatalf("%d rows, want %d", outputs[1].Rows, len(rows))
		}
	})
	if matches, _ := filepath.Glob(filepath.Join(dir, "*.csv")); len(matches) != round {
		t.Errorf("%d files after %d rounds", len(matches), round)
	}
}
