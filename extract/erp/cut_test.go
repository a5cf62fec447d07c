package erp

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// F090: a file cut anywhere is refused, or it is the whole file's rows; never fewer. What a cut cannot show, a
// file cut behind a record, is the guards' and the checksum's business: its rows are then a prefix at a line end.
func TestF090CutAtEveryByte(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"lf":     "id,name,city\n1,a,b\n2,\"c \"\"x\"\"\nd\",e\n3,,\n4,\"\",ü🐙\n",
		"crlf":   "id,name,city\r\n1,a,b\r\n2,\"c\r\nd\",e\r\n3,,\r\n",
		"cr":     "id,name,city\r1,a,b\r2,\"c\r\nd\",e\r3,,\r",
		"quoted": "\"id\",\"name\"\n\"1\",\"a\"\n\"2\",\"b\"\n",
		"sep":    "sep=;\nid;name\n1;a\n",
		"bom":    "\ufeffid,name\n1,a\n2,b\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := mustRead(t, "customers.csv", []byte(content), Options{})
			lineEnd := byte('\n')
			if name == "cr" {
				lineEnd = '\r'
			}
			accepted := 0
			for cut := range len(content) {
				path := writeFile(t, "customers.csv", []byte(content[:cut]))
				read, err := readSnapshot(t, t.Context(), Options{Path: path})
				if err != nil {
					requireRefusal(t, err, exitInput)
					continue
				}
				accepted++
				if content[cut-1] != lineEnd {
					t.Errorf("cut at byte %d, inside a line: %d rows and no error", cut, len(read.rows))
				}
				if diff := cmp.Diff(whole.rows[:len(read.rows)], read.rows); diff != "" {
					t.Errorf("cut at byte %d changes rows: %s", cut, diff)
				}
			}
			if want := len(whole.rows) - 1; accepted != want {
				t.Errorf("%d cuts accepted, want the %d at the end of a row", accepted, want)
			}
		})
	}
}

// With a checksum, or inside a compressed stream, every cut shows.
func TestF090CutWithProof(t *testing.T) {
	t.Parallel()
	content := []byte("id,name\n1,a\n2,b\n3,c\n")
	for name, whole := range map[string][]byte{"customers.csv.gz": gzipBytes(t, content), "customers.csv.zst": zstdBytes(t, content)} {
		for cut := range len(whole) {
			mustRefuse(t, name, whole[:cut], Options{}, exitInput)
		}
	}
	for cut := range len(content) {
		path := writeFile(t, "customers.csv", content[:cut])
		writeChecksum(t, path, content)
		_, err := readSnapshot(t, t.Context(), Options{Path: path})
		requireRefusal(t, err, exitInput)
	}
}

// A flipped byte is refused, or it changes a value; the number of rows stays unless it touches a line end or a quote.
func TestFlippedBytesNeverPanic(t *testing.T) {
	t.Parallel()
	content := []byte("id,name,city\n1,a,b\n2,\"c \"\"x\"\"\nd\",e\n")
	for at := range content {
		for bit := range 8 {
			damaged := bytes.Clone(content)
			damaged[at] ^= 1 << bit
			path := writeFile(t, "customers.csv", damaged)
			if _, err := readSnapshot(t, t.Context(), Options{Path: path}); err != nil {
				requireRefusal(t, err, exitInput)
			}
		}
	}
}
