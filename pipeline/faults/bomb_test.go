package faults

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// F168: what others may read, and what grows without bounds.

// The bounds of a run that meets a bomb: limits.memory and what a process needs besides, and the time of a refusal.
const (
	bombMemory = 900 << 20 // bytes
	bombTime   = 45 * time.Second
)

func modePoints() []point {
	points := []point{{
		name: "umask 000",
		play: func(w *world) outcome {
			return w.startCommand([]string{"CROSSWALK_OUTPUT_DIRECTORY=open/out", "CROSSWALK_STATE_DIRECTORY=open/state"},
				"sh", "-c", `umask 000; exec "$0" "$@"`, program, "--config", w.config, "run", "--run-date", faultDate).wait()
		},
		want: expectation{codes: []int{0}, silent: true},
		after: func(w *world, _ outcome) {
			if found := w.open("open"); found < 20 {
				w.v.errorf("only %d files were looked at", found)
			}
		},
	}}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o644, 0o660, 0o602} {
		points = append(points, point{
			name: fmt.Sprintf("secret file of mode %#o", mode), want: refused(exitUsage, "chmod 600"),
			config: replaced("client_secret: ${CANARY_SECRET}", "client_secret_file: secret.txt"),
			before: func(w *world) { w.write("secret.txt", canarySecret+"\n", mode) },
		})
	}
	return append(points, point{
		name: "secret file of mode 0600", want: recovered(),
		config: replaced("client_secret: ${CANARY_SECRET}", "client_secret_file: secret.txt"),
		before: func(w *world) { w.write("secret.txt", canarySecret+"\n", 0o600) },
	}, point{
		name: "secret file that is a FIFO", want: refused(exitUsage, "regular"),
		config: replaced("client_secret: ${CANARY_SECRET}", "client_secret_file: pipe"),
		before: func(w *world) { w.fifo("pipe") },
	}, point{
		name: "cells that a spreadsheet would compute stay what they are", want: expectation{codes: []int{0}, silent: true},
		args: []string{"run", "--run-date", faultDate}, env: []string{"CROSSWALK_OUTPUT_DIRECTORY=cells/out", "CROSSWALK_STATE_DIRECTORY=cells/state"},
		before: func(w *world) {
			whole := string(w.read("customers.csv"))
			w.write("customers.csv", strings.Replace(whole, "PIICANARYTAX", "=1+2", 1), 0o600)
			w.later(func() { w.write("customers.csv", whole, 0o600) })
		},
		after: func(w *world, _ outcome) {
			text := string(w.read("cells/out/run_date="+faultDate, "customers.csv"))
			if !strings.Contains(text, ",=1+2,") || !strings.Contains(text, ","+canaryPhone+",") {
				w.v.errorf("customers.csv, a file for loading, changed a value that begins with = or +")
			}
		},
	})
}

// open holds that nobody but owner and group may read below a folder, and only the owner write. It counts the files.
func (w *world) open(folder string) int {
	w.v.t.Helper()
	files := 0
	err := filepath.WalkDir(filepath.Join(w.dir, folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return err
		}
		files++
		refused := fs.FileMode(0o137) // of a file: 0640 at most
		if entry.IsDir() {
			refused = 0o027
		}
		if info.Mode().Perm()&refused != 0 && path != filepath.Join(w.dir, folder) {
			w.v.errorf("%s has mode %s", strings.TrimPrefix(path, w.dir+"/"), info.Mode())
		}
		return nil
	})
	if err != nil {
		w.v.errorf("modes: %v", err)
	}
	return files
}

// zeros is a gzip member of 64 MiB of zeros, about 64 kB.
var zeros = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	block := make([]byte, 1<<20)
	for range 64 {
		_, _ = w.Write(block)
	}
	_ = w.Close()
	return out.Bytes()
})

// bombs are answers and files that are small on the wire and huge in memory.
func bombs() []point {
	var points []point
	for _, call := range []struct{ name, path, api, kind string }{
		{"token", "/oauth2/token", "rest", "application/json"}, {"versions", "/services/data", "rest", "application/json"},
		{"describe", "/describe", "rest", "application/json"}, {"query", "/query", "rest", "application/json"},
		{"job state", "/jobs/query/", "bulk", "application/json"}, {"results", "/results", "bulk", "text/csv"},
	} {
		points = append(points, point{
			name: "gzip bomb in " + call.name, env: []string{"CROSSWALK_SALESFORCE_API=" + call.api, "CROSSWALK_LIMITS_DEADLINE=30s"},
			before: func(w *world) { w.org.intercept(bomb(call.path, call.kind)) },
			want:   expectation{codes: []int{exitRefused, exitUnavailable, exitInput}}, after: bounded,
		})
	}
	return append(points,
		snapshotPoint("gzip bomb in the snapshot", "bomb.csv.gz", func(path string) error {
			header := "customer_id,customer_name,credit_limit,since\n"
			return writeBomb(path, header)
		}),
		snapshotPoint("one value of 128 MiB in a Parquet snapshot", "bomb.parquet", func(path string) error { return parquetBomb(path, 1, 128<<20) }),
		snapshotPoint("100 GiB of names in a Parquet snapshot of few kB", "bomb.parquet", func(path string) error { return parquetBomb(path, 100<<10, 1<<20) }),
	)
}

// bomb answers with 16 GiB of zeros in 16 MB.
func bomb(path, kind string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !isCall(r.URL.Path, path) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Sforce-NumberOfRecords", "47")
		w.Header().Set("Sforce-Locator", "null")
		for range 256 {
			if _, err := w.Write(zeros()); err != nil {
				return
			}
		}
	}
}

func writeBomb(path, header string) error {
	var head bytes.Buffer
	w := gzip.NewWriter(&head)
	_, _ = io.WriteString(w, header)
	_ = w.Close()
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = file.Write(head.Bytes())
	for range 256 {
		if err == nil {
			_, err = file.Write(zeros())
		}
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// parquetBomb writes rows that all have the same name of so many bytes, which stands in the file once.
func parquetBomb(path string, rows, bytes int) error {
	names := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "customer_id", Type: arrow.BinaryTypes.String}, {Name: "customer_name", Type: names}}, nil)
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	properties := parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd), parquet.WithStats(false), parquet.WithDictionaryPageSizeLimit(int64(2*bytes)))
	writer, err := pqarrow.NewFileWriter(schema, file, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	ids, name := array.NewStringBuilder(memory.DefaultAllocator), array.NewStringBuilder(memory.DefaultAllocator)
	name.Append(strings.Repeat("x", bytes))
	places := array.NewInt32Builder(memory.DefaultAllocator)
	for row := range rows {
		ids.Append(strconv.Itoa(1000 + row))
		places.Append(0)
	}
	record := array.NewRecordBatch(schema, []arrow.Array{ids.NewArray(), array.NewDictionaryArray(names, places.NewArray(), name.NewArray())}, int64(rows))
	defer record.Release()
	if err := writer.WriteBuffered(record); err != nil {
		return err
	}
	return writer.Close()
}

// snapshotPoint puts another file in place of the snapshot.
func snapshotPoint(name, file string, make func(path string) error) point {
	return point{
		name: name, want: refused(exitInput), after: bounded,
		config: func(text string) string {
			text = strings.Replace(text, "path: customers.csv", "path: "+file, 1)
			return strings.Replace(text, `  types: {credit_limit: "decimal(18,2)", since: date}`, "  types: {}", 1)
		},
		before: func(w *world) {
			path := filepath.Join(w.dir, file)
			if err := make(path); err != nil {
				w.v.fatalf("%s: %v", file, err)
			}
			w.later(func() { _ = os.Remove(path) })
		},
	}
}

// bounded holds a run to its memory and its time.
func bounded(w *world, o outcome) {
	if o.memory > bombMemory || o.took > bombTime {
		w.v.errorf("took %d MB and %s, the bounds are %d MB and %s", o.memory>>20, o.took.Round(time.Second), bombMemory>>20, bombTime)
	}
}
