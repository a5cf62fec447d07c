package erp

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"crosswalk/extract"

	"github.com/google/go-cmp/cmp"
)

const small = "id,name\n1,a\n2,b\n"

// F087: whatever the path is, the answer comes at once and says what it is.
func TestF087NotAFile(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		make func(path string) error
		word string
		is   error
	}{
		{"missing", func(string) error { return nil }, "no such file", fs.ErrNotExist},
		{"directory", func(path string) error { return os.Mkdir(path, 0o700) }, "a directory", nil},
		{"fifo", func(path string) error { return syscall.Mkfifo(path, 0o600) }, "not a regular file", nil},
		{"device", func(path string) error { return os.Symlink(os.DevNull, path) }, "not a regular file", nil},
		{"dangling link", func(path string) error { return os.Symlink("nowhere", path) }, "leads nowhere", fs.ErrNotExist},
		{"link loop", func(path string) error { return os.Symlink(filepath.Base(path), path) }, "symbolic links", syscall.ELOOP},
		{"socket", listen, "not a regular file", nil},
		{"no permission", func(path string) error { return os.WriteFile(path, []byte(small), 0) }, "no permission", fs.ErrPermission},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.name == "no permission" && os.Geteuid() == 0 {
				t.Skip("root reads everything")
			}
			path := filepath.Join(t.TempDir(), "customers.csv")
			if err := test.make(path); err != nil {
				t.Fatal(err)
			}
			_, err := readSnapshot(t, t.Context(), Options{Path: path})
			refusal := requireRefusal(t, err, exitInput, test.word)
			if test.is != nil && !errors.Is(refusal, test.is) {
				t.Errorf("%v is not %v", err, test.is)
			}
		})
	}
}

func listen(path string) error {
	socket, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	socket.(*net.UnixListener).SetUnlinkOnClose(false)
	return socket.Close()
}

// The words for a refused permission do not depend on who runs the tests.
func TestF087PermissionWords(t *testing.T) {
	t.Parallel()
	plan, err := newPlan(Options{Path: "customers.csv"})
	if err != nil {
		t.Fatal(err)
	}
	refusal := refusedOpen(plan, &fs.PathError{Op: "open", Path: "customers.csv", Err: syscall.EACCES})
	requireRefusal(t, refusal, exitInput, "no permission")
}

// growing is a file that is written to after its header was read.
func TestF089Growing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, content, added string }{
		{"whole records", small, "3,c\n"},
		{"ends in a half record", "id,name\n1,a\n2", ",b\n"},
		{"rewritten in place", small, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, "customers.csv", []byte(test.content))
			plan, err := newPlan(Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			file, err := openSnapshot(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			defer file.close()
			if _, err := file.text.Peek(1); err != nil { // the text is in memory now
				t.Fatal(err)
			}
			writer, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := writer.WriteString(test.added); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(writer.Close(), os.Chtimes(path, time.Now(), time.Now().Add(time.Second))); err != nil {
				t.Fatal(err)
			}
			stage, err := extract.CreateStage(filepath.Join(t.TempDir(), "stage"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = read(t.Context(), plan, file, stage)
			requireRefusal(t, file.blame(err), exitInput, "still being written")
			requireNoParts(t, stage)
		})
	}
}

// F089: a file that was just written is waited for; one that never comes to rest is refused.
func TestF089Settle(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "customers.csv", []byte(small))
	began := time.Now()
	touch(t, path, began.Add(-5*time.Second))
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Settle: 5 * time.Second}); err != nil || time.Since(began) > 4*time.Second {
		t.Errorf("at rest long enough: %v after %s", err, time.Since(began))
	}
	touch(t, path, time.Now().Add(time.Hour)) // a file server whose clock is ahead
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Settle: 50 * time.Millisecond}); err != nil {
		t.Errorf("a clock that is ahead: %v", err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("enough"))
	defer cancel()
	if _, err := readSnapshot(t, ctx, Options{Path: path, Settle: time.Hour}); err == nil || err.Error() != "enough" {
		t.Errorf("a wait that is cut off gives %v", err)
	}
}

func TestF089WrittenWhileWaiting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		times int // rows that are still to come, one every 20 ms
		words []string
	}{{"it ends", 20, nil}, {"it never ends", 1 << 20, []string{"still being written", "never at rest for 100ms within 1.5s"}}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, "customers.csv", []byte(small))
			done := make(chan struct{})
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for range test.times {
					select {
					case <-done:
						return
					case <-time.After(20 * time.Millisecond):
					}
					writer, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
					if err != nil {
						t.Error(err)
						return
					}
					_, err = writer.WriteString("3,c\n")
					if err := errors.Join(err, writer.Close()); err != nil {
						t.Error(err)
					}
				}
			}()
			read, err := readSnapshot(t, t.Context(), Options{Path: path, Settle: 100 * time.Millisecond})
			close(done)
			<-ended
			if len(test.words) > 0 {
				requireRefusal(t, err, exitInput, test.words...)
			} else if err != nil || len(read.rows) != 2+test.times {
				t.Errorf("%d rows, %v; want all %d", len(read.rows), err, 2+test.times)
			}
		})
	}
}

// F092: a copy has a new time and the old name.
func TestF092NamedLongAgo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		says string // "" where it is accepted
	}{
		{"customers_2026-11-20.csv", "its name says 2026-11-20, a day that ended more than 48h0m ago"},
		{"20261120.customers.csv", "2026-11-20"},
		{"customers-2026-11-22.csv", ""}, {"customers.csv", ""}, {"customers-120261120.csv", ""}, {"customers-2026-1120.csv", ""}, {"customers-2026-02-31.csv", ""},
	} {
		path := writeFile(t, test.name, []byte(small))
		link := filepath.Join(filepath.Dir(path), "current.csv")
		if err := os.Symlink(test.name, link); err != nil {
			t.Fatal(err)
		}
		for _, opened := range []string{path, link} {
			at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			touch(t, path, at)
			_, err := readSnapshot(t, t.Context(), Options{Path: opened, Now: at, MaxAge: 36 * time.Hour})
			if test.says != "" {
				requireRefusal(t, err, exitInput, test.says, "limit is 36h0m")
			} else if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if _, err := readSnapshot(t, t.Context(), Options{Path: opened, Now: at}); err != nil {
				t.Errorf("%s without a limit: %v", test.name, err)
			}
		}
	}
}

// F112: what stands in the first line of another file, or of one without a header, is not repeated.
func TestF112StrangeFirstLine(t *testing.T) {
	t.Parallel()
	const missing = `columns "customer_id", "customer_name" missing, and none of the `
	for _, test := range []struct{ name, content, says string }{
		{"another file", "root:x:0:0:secret:/root:/bin/bash\n", missing},
		{"a record", "Secret Holdings,+44 1632 960474\nA,B\n", missing},
		{"a word", "secret\n", missing},
		{"a value twice", "4711,Maria Secret,Maria Secret,Berlin\n", "columns 2 and 3 of the first line are the same"},
		{"a value in two cases", "4711,Maria Secret,Berlin,MARIA SECRET\n", "columns 2 and 4 of the first line differ only in case"},
		{"a control character", "4711,\"Maria\nSecret\",Berlin\n", "control characters in column 2 of the first line"},
		{"no value", "4711,Maria Secret,,Berlin\n", "column 3 of the header has no name"},
	} {
		path := writeFile(t, "customers.csv", []byte(test.content))
		_, err := readSnapshot(t, t.Context(), Options{Path: path, Identifiers: []string{"customer_id"}, Required: []string{"customer_name"}})
		refusal := requireRefusal(t, err, exitInput, "line 1", test.says)
		if text := strings.ToLower(refusal.Error() + refusal.Hint()); strings.Contains(text, "secret") || strings.Contains(text, "960474") {
			t.Errorf("%s: %q repeats what stands in the file", test.name, text)
		}
	}
	path := writeFile(t, "customers.csv", []byte("Customer ID,title\n1,a\n"))
	_, err := readSnapshot(t, t.Context(), Options{Path: path, Identifiers: []string{"customer_id"}})
	requireRefusal(t, err, exitInput, `"Customer ID" is near "customer_id"`, `"title"`)
}

func TestF092Stale(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "customers.csv", []byte(small))
	touch(t, path, noon.Add(-49*time.Hour-12*time.Minute))
	_, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon, MaxAge: 36 * time.Hour})
	requireRefusal(t, err, exitInput, "last modified 49h12m ago", "2026-11-21T10:48:00Z", "limit is 36h0m")
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon, MaxAge: 50 * time.Hour}); err != nil {
		t.Error(err)
	}
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon}); err != nil {
		t.Error("without a limit any age is good:", err)
	}
}

// A snapshot of the future would never be too old. A clock or a time zone may be off by a day.
func TestFromTheFuture(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "customers.csv", []byte(small))
	touch(t, path, noon.Add(25*time.Hour))
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon, MaxAge: 36 * time.Hour}); err != nil {
		t.Error(err)
	}
	touch(t, path, noon.Add(27*time.Hour))
	_, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon, MaxAge: 36 * time.Hour})
	requireRefusal(t, err, exitInput, "in the future", "2026-11-24T15:00:00Z")
	if _, err := readSnapshot(t, t.Context(), Options{Path: path, Now: noon}); err != nil {
		t.Error("without a limit any age is good:", err)
	}
}

func touch(t *testing.T, path string, at time.Time) {
	t.Helper()
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotOfALink(t *testing.T) {
	t.Parallel()
	target := writeFile(t, "customers-2026-11-23.csv", []byte(small))
	touch(t, target, noon)
	link := filepath.Join(t.TempDir(), "current.csv")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	read, err := readSnapshot(t, t.Context(), Options{Path: link})
	if err != nil {
		t.Fatal(err)
	}
	want := extract.Snapshot{File: "current.csv", Bytes: int64(len(small)), SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(small))), ModifiedAt: noon, Rows: 2}
	if diff := cmp.Diff(want, read.snapshot); diff != "" {
		t.Error(diff)
	}
}

// F112: the link leads elsewhere once the file is open. What was opened is read, and nothing else.
func TestF112LinkSwapped(t *testing.T) {
	t.Parallel()
	target := writeFile(t, "customers.csv", []byte(small))
	link := filepath.Join(t.TempDir(), "current.csv")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	plan, err := newPlan(Options{Path: link, Required: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	file, err := openSnapshot(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	defer file.close()
	if err := errors.Join(os.Remove(link), os.Symlink("/etc/passwd", link)); err != nil {
		t.Fatal(err)
	}
	stage, err := extract.CreateStage(filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := read(t.Context(), plan, file, stage)
	if err != nil || snapshot.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte(small))) {
		t.Errorf("read %v, %v", snapshot, err)
	}
	_, err = readSnapshot(t, t.Context(), Options{Path: link, Required: []string{"id"}})
	requireRefusal(t, err, exitInput, "missing")
}

func TestChecksumFile(t *testing.T) {
	t.Parallel()
	right := fmt.Sprintf("%x", sha256.Sum256([]byte(small)))
	wrong := strings.Repeat("0", 64)
	for _, test := range []struct {
		name, why, line, refusal string
	}{
		{"right", "the format of sha256sum", right + "  customers.csv\n", ""},
		{"binary mode", "sha256sum -b", right + " *customers.csv\n", ""},
		{"upper case", "PowerShell", strings.ToUpper(right) + "\r\n", ""},
		{"no name", "a bare sum", right, ""},
		{"another name", "renamed after the sum was taken", right + "  customers.csv.part\n", ""},
		{"several", "a list for a folder", wrong + "  orders.csv\n" + right + "  customers.csv\n", ""},
		{"twice", "the same sum for the same file", right + "  customers.csv\n" + right + "  ./customers.csv\n", ""},
		{"contradiction", "a sum that was appended to an old one", right + "  customers.csv\n" + wrong + "  customers.csv\n", "several sums for this file"},
		{"two folders", "of a list for more than one, none of them this file's", right + "  2026-11-22/customers.csv\n" + wrong + "  2026-11-23/customers.csv\n", "several sums for this file"},
		{"wrong", "another export, or a damaged copy", wrong + "  customers.csv\n", "the checksum file says " + wrong},
		{"not in the list", "a list for other files", wrong + "  a.csv\n" + wrong + "  b.csv\n", "no line for this file"},
		{"empty", "half-written", "", "no line for this file"},
		{"md5", "another sum", right[:32] + "  customers.csv\n", "not a line of sha256sum"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, "customers.csv", []byte(small))
			if err := os.WriteFile(path+".sha256", []byte(test.line), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := readSnapshot(t, t.Context(), Options{Path: path})
			if test.refusal != "" {
				requireRefusal(t, err, exitInput, test.refusal)
			} else if err != nil {
				t.Errorf("%s: %v", test.why, err)
			}
		})
	}
}

// Of a list for several folders the line with this one's counts.
func TestChecksumOfTheFolder(t *testing.T) {
	t.Parallel()
	path := writeFile(t, "customers.csv", []byte(small))
	folder := filepath.Base(filepath.Dir(path))
	list := fmt.Sprintf("%s  yesterday/customers.csv\n%x  %s/customers.csv\n", strings.Repeat("0", 64), sha256.Sum256([]byte(small)), folder)
	if err := os.WriteFile(path+".sha256", []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readSnapshot(t, t.Context(), Options{Path: path}); err != nil {
		t.Error(err)
	}
}

// A checksum proves a file whole whose last line has no end; a directory in its place proves nothing.
func TestChecksumProvesTheEnd(t *testing.T) {
	t.Parallel()
	content := []byte(strings.TrimSuffix(small, "\n"))
	path := writeFile(t, "customers.csv", content)
	if err := os.WriteFile(path+".sha256", fmt.Appendf(nil, "%x  customers.csv\n", sha256.Sum256(content)), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := readSnapshot(t, t.Context(), Options{Path: path})
	if err != nil || len(read.rows) != 2 {
		t.Errorf("%d rows, %v", len(read.rows), err)
	}
	if err := errors.Join(os.Remove(path+".sha256"), os.Mkdir(path+".sha256", 0o700)); err != nil {
		t.Fatal(err)
	}
	_, err = readSnapshot(t, t.Context(), Options{Path: path})
	requireRefusal(t, err, exitInput, "checksum file", "not a regular file")
	if err := errors.Join(os.Remove(path+".sha256"), os.Symlink("gone.sha256", path+".sha256")); err != nil {
		t.Fatal(err)
	}
	_, err = readSnapshot(t, t.Context(), Options{Path: path})
	requireRefusal(t, err, exitInput, "checksum file", "a link to nothing")
}

// Streams of several members are whole; trailing bytes, cuts and flipped bits are not.
func TestCompressed(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("1,a\n", 1000))
	for _, test := range []struct {
		name     string
		compress func(testing.TB, []byte) []byte
	}{{"customers.csv.gz", gzipBytes}, {"customers.csv.zst", zstdBytes}} {
		head, tail := test.compress(t, []byte("id,name\n")), test.compress(t, content)
		if read := mustRead(t, test.name, append(bytes.Clone(head), tail...), Options{}); len(read.rows) != 1000 {
			t.Errorf("%s: %d rows of two members", test.name, len(read.rows))
		}
		whole := test.compress(t, append([]byte("id,name\n"), content...))
		mustRefuse(t, test.name, append(bytes.Clone(whole), "garbage"...), Options{}, exitInput, "compressed stream")
		mustRefuse(t, test.name, append(bytes.Clone(whole), 0, 0, 0, 0, 0, 0, 0, 0), Options{}, exitInput, "compressed stream")
		for cut := 10; cut < len(whole); cut++ {
			mustRefuse(t, test.name, whole[:cut], Options{}, exitInput)
		}
		for at := range whole {
			damaged := bytes.Clone(whole)
			damaged[at] ^= 0x10
			path := writeFile(t, test.name, damaged)
			read, err := readSnapshot(t, t.Context(), Options{Path: path})
			if err == nil && len(read.rows) != 1000 {
				t.Errorf("%s: bit flipped in byte %d gives %d rows and no error", test.name, at, len(read.rows))
			}
		}
	}
}

func TestF107Bounds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 100<<10)
	for _, test := range []struct {
		name, why, content string
		limits             Limits
		word               string
	}{
		{"large field", "100 MB in one field", "id,name\n1," + long + "\n", Limits{Field: 64 << 10}, "field 2 is larger than 65,536 bytes"},
		{"large quoted field", "the same in quotes", "id,name\n1,\"" + long + "\"\n", Limits{Field: 64 << 10}, "field 2 is larger"},
		{"large record", "many large fields", "id,name\n1," + long + "\n", Limits{Record: 64 << 10}, "no end of the record within 65,536"},
		{"many columns", "10,000 columns", strings.Repeat("a,", 10_000) + "a\n", Limits{}, "more than 2,000 columns"},
		{"many fields", "in a row", "id,name\n" + strings.Repeat("a,", 10_000) + "a\n", Limits{}, "more than 2,000 columns"},
		{"many rows", "a bomb of short rows", "id\n" + strings.Repeat("a\n", 100), Limits{Rows: 99}, "more than 99 rows"},
		{"much content", "a whole disk", "id\n" + strings.Repeat("a\n", 100), Limits{Content: 200}, "more than 200 bytes of text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mustRefuse(t, "customers.csv", []byte(test.content), Options{Limits: test.limits}, exitInput, test.word)
		})
	}
	t.Run("line without end", func(t *testing.T) {
		t.Parallel()
		path := sparse(t, "customers.csv", "id,name\n", 40<<20, 'x')
		_, err := readSnapshot(t, t.Context(), Options{Path: path})
		requireRefusal(t, err, exitInput, "line 2", "no end of the record within 16,777,216 bytes")
	})
	t.Run("bomb", func(t *testing.T) {
		t.Parallel()
		bomb := gzipBytes(t, append([]byte("id\n"), bytes.Repeat([]byte("aaaaaaaaaaaaaaa\n"), 2<<20)...))
		mustRefuse(t, "customers.csv.gz", bomb, Options{}, exitInput, "more than 250 times its size")
	})
}

func sparse(t *testing.T, name, head string, size int, fill byte) string {
	t.Helper()
	content := make([]byte, 0, size)
	content = append(content, head...)
	return writeFile(t, name, append(content, bytes.Repeat([]byte{fill}, size-len(head))...))
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("the deadline of the run")
	ctx, cancel := context.WithCancelCause(t.Context())
	var content strings.Builder
	content.WriteString("id\n")
	for i := range 3 * batchRows {
		fmt.Fprintln(&content, i)
	}
	path := writeFile(t, "customers.csv", []byte(content.String()))
	_, err := readSnapshot(t, ctx, Options{Path: path, Progress: func(int64) { cancel(cause) }})
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
	cancel(cause)
	if _, err := readSnapshot(t, ctx, Options{Path: path}); !errors.Is(err, cause) {
		t.Errorf("got %v, want the cause", err)
	}
}

// Parts hold the rows of the file in order, whoever wrote them, and equal files give equal parts.
func TestPartsDoNotDependOnTiming(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	content.WriteString("id,name\n")
	const rows = 3*batchRows + 17
	for i := range rows {
		fmt.Fprintf(&content, "%07d,n%d\n", i, i%97)
	}
	path := writeFile(t, "customers.csv", []byte(content.String()))
	var first extract.Table
	for workers := 1; workers <= 4; workers++ {
		var told []int64
		read, err := readSnapshot(t, t.Context(), Options{Path: path, Workers: workers, Progress: func(n int64) { told = append(told, n) }})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{batchRows, 2 * batchRows, 3 * batchRows, rows}, told); diff != "" {
			t.Error("progress:", diff)
		}
		for i, row := range read.rows {
			if row[0] != fmt.Sprintf("%07d", i) {
				t.Fatalf("row %d is %s", i, row[0])
			}
		}
		if workers == 1 {
			first = read.table
			continue
		}
		if diff := cmp.Diff(first.Parts, read.table.Parts, cmp.Comparer(func(a, b extract.Fingerprint) bool { return a == b })); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
}

// A batch of long rows ends at its bytes, so that memory stays flat.
func TestBatchesEndAtTheirBytes(t *testing.T) {
	t.Parallel()
	row := "1," + strings.Repeat("x", 512<<10) + "\n"
	read := mustRead(t, "customers.csv", []byte("id,name\n"+strings.Repeat(row, 70)), Options{})
	if got := len(read.table.Parts); got != 3 {
		t.Errorf("%d parts for 35 MiB, want 3", got)
	}
}
