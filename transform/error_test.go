package transform

import (
	"errors"
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// TestDeviceErrors: a device that fails is storage and is named, whatever class DuckDB puts it in; records never are.
func TestDeviceErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		why  string
		err  error
		code int
		says string
	}{
		{"a write to the database's own log", &duckdb.Error{Type: duckdb.ErrorTypeFatal, Msg: `FATAL Error: Failed to write "Piicanary": Input/output error`}, 8, "input/output error"},
		{"what follows it", &duckdb.Error{Type: duckdb.ErrorTypeFatal, Msg: "FATAL Error: Failed: database has been invalidated because of a previous fatal error. Original error: \"fsync failed!\""}, 8, "fsync failed"},
		{"an internal error of the same cause", &duckdb.Error{Type: duckdb.ErrorTypeInternal, Msg: "INTERNAL Error: Disk quota exceeded"}, 8, "disk quota exceeded"},
		{"a bug", &duckdb.Error{Type: duckdb.ErrorTypeInternal, Msg: "INTERNAL Error: Piicanary out of range"}, 1, "internal error"},
		{"a value", &duckdb.Error{Type: duckdb.ErrorTypeConversion, Msg: "Conversion Error: Could not convert Piicanary"}, 1, "conversion error"},
		{"the file system", &duckdb.Error{Type: duckdb.ErrorTypeIO, Msg: "IO Error: Could not read from file: Input/output error"}, 8, "Input/output error"},
		{"no error of DuckDB's", errors.New("no such thing"), 1, "no such thing"},
	} {
		err := &Error{Statement: "30_link.sql", Err: test.err}
		if err.ExitCode() != test.code || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "Piicanary") {
			t.Errorf("%s: %d %q, want %d and %q", test.why, err.ExitCode(), err.Error(), test.code, test.says)
		}
	}
}
