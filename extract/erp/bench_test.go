package erp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosswalk/extract"
)

// customers is a snapshot as an ERP writes it: ten columns, 120 bytes a row.
func customers(rows int, quote string) []byte {
	var out bytes.Buffer
	out.WriteString("customer_id,customer_name,street,postcode,city,country,phone,vat_id,credit_limit,created\n")
	for i := range rows {
		fmt.Fprintf(&out, strings.ReplaceAll("Q%08dQ,QCustomer %d GmbHQ,QHauptstrasse %dQ,Q%05dQ,QBerlinQ,QDEQ,Q+49 30 %07dQ,QDE%09dQ,Q%d.00Q,Q2024-01-%02dQ\n", "Q", quote),
			i, i, i%200, i%99999, i%9999999, i, i%50000, i%28+1)
	}
	return out.Bytes()
}

// BenchmarkParse is the reader alone: from bytes in memory to fields.
func BenchmarkParse(b *testing.B) {
	for name, quote := range map[string]string{"plain": "", "quoted": `"`} {
		content := customers(200_000, quote)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				plan, err := newPlan(Options{Path: "customers.csv"})
				if err != nil {
					b.Fatal(err)
				}
				records := newRecordReader(plan, bytes.NewReader(content), 0)
				if _, err := records.readHeader(); err != nil {
					b.Fatal(err)
				}
				rows := 0
				for err = records.read(); err == nil; err = records.read() {
					rows++
				}
				if !errors.Is(err, io.EOF) || rows != 200_000 {
					b.Fatal(rows, err)
				}
			}
		})
	}
}

// BenchmarkDecode is one goroutine from the file to Arrow, hash included.
func BenchmarkDecode(b *testing.B) {
	content := customers(200_000, "")
	path := writeFile(b, "customers.csv", content)
	for name, types := range map[string]map[string]string{"text": nil, "typed": {"credit_limit": "decimal(18,2)", "created": "date"}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				decode(b, Options{Path: path, Types: types, Identifiers: []string{"customer_id"}}, 200_000)
			}
		})
	}
}

func decode(b *testing.B, options Options, want int64) {
	b.Helper()
	plan, err := newPlan(options)
	if err != nil {
		b.Fatal(err)
	}
	file, err := openSnapshot(b.Context(), plan)
	if err != nil {
		b.Fatal(err)
	}
	defer file.close()
	from, err := openSource(plan, file)
	if err != nil {
		b.Fatal(err)
	}
	defer from.close()
	var rows int64
	for {
		batch, err := from.next(b.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += batch.NumRows()
		batch.Release()
	}
	if rows != want {
		b.Fatal(rows)
	}
}

// BenchmarkRead is the whole way into the stage.
func BenchmarkRead(b *testing.B) {
	content := customers(1_000_000, "")
	for name, stored := range map[string][]byte{"customers.csv": content, "customers.csv.gz": gzipBytes(b, content), "customers.csv.zst": zstdBytes(b, content)} {
		path := writeFile(b, name, stored)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for i := 0; b.Loop(); i++ {
				dir := filepath.Join(b.TempDir(), fmt.Sprint("stage", i))
				stage, err := extract.CreateStage(dir)
				if err != nil {
					b.Fatal(err)
				}
				if snapshot, err := Read(b.Context(), Options{Path: path}, stage); err != nil || snapshot.Rows != 1_000_000 {
					b.Fatal(snapshot.Rows, err)
				}
				if err := os.RemoveAll(dir); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
