package faults

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crosswalk/extract"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/zeebo/xxh3"
)

// Losses on disk: in the parts of the stage, and in the published files.

func (w *world) stage() string { return filepath.Join(w.state(), "stages", "run_date="+faultDate) }

// stageLosses change the recorded stage and replay it, and a part between its proof and the link.
func stageLosses(w *world, api string) []loss {
	paths, err := filepath.Glob(filepath.Join(w.stage(), "*", "*", "*.parquet"))
	w.v.must(err)
	if len(paths) < 3 {
		w.v.fatalf("%d parts", len(paths))
	}
	replayed := func(what string, damage func(w *world), by ...string) loss {
		return loss{where: "stage", what: what, damage: damage, args: []string{"run", "--run-date", faultDate, "--replay"}, codes: []int{exitInput, exitUnavailable}, by: by}
	}
	if api != "bulk" { // parts are parts, whatever came into them
		return nil
	}
	var losses []loss
	for _, path := range paths {
		name := strings.TrimPrefix(path, w.stage()+"/")
		for _, row := range wholeOr(w.partRows(path)) {
			for _, how := range []string{"dropped", "repeated", "altered"} {
				for _, adapted := range []bool{false, true} {
					if *whole && adapted != (row%2 == 0) {
						continue
					}
					what := fmt.Sprintf("%s: row %d is %s, sizes and rows in stage.json adapted: %v", name, row, how, adapted)
					losses = append(losses, replayed(what, func(w *world) { w.changePart(path, name, how, row, adapted) }, "bytes, ", "checksum differs"))
				}
			}
		}
		for _, share := range wholeOr(16) {
			losses = append(losses, replayed(fmt.Sprintf("%s: a bit at %d/16", name, share-1), func(w *world) {
				w.changeFile(path, func(text []byte) []byte { text[len(text)*(share-1)/16] ^= 4; return text })
			}, "checksum differs"))
		}
		losses = append(losses, replayed(name+": not listed", func(w *world) {
			w.changeIndex(func(table map[string]any, parts []any) []any {
				return slices.DeleteFunc(parts, func(part any) bool { return part.(map[string]any)["file"] == name })
			})
		}, "rows of the parts"))
	}
	for _, share := range wholeOr(15) {
		losses = append(losses, replayed(fmt.Sprintf("stage.json: a bit at %d/16", share), func(w *world) {
			w.changeFile(filepath.Join(w.stage(), "stage.json"), func(text []byte) []byte { text[len(text)*share/16] ^= 4; return text })
		}, "stage: open"))
	}
	part := `^state/stages/run_date=` + faultDate + `/salesforce/Contact/part-000000\.parquet$`
	for _, at := range []int{1, 2, 3} {
		losses = append(losses, loss{
			where: "stage", what: fmt.Sprintf("a part is altered before it is opened for the %d. time", at), codes: []int{exitInput}, by: []string{"checksum differs"},
			strike: &strike{Do: alter, Reads: true, Calls: "^open$", Path: part, At: at}, args: []string{"run", "--run-date", faultDate, "--replay"},
			damage: func(w *world) { w.keepStage() },
		})
	}
	return losses
}

// fileLosses change what DuckDB wrote before it is read back, and what is published.
func fileLosses(w *world, api string) []loss {
	if api != "bulk" { // the files are made the same way from any stage
		return nil
	}
	var losses []loss
	for _, name := range slices.Sorted(maps.Keys(w.reference.files)) {
		if strings.HasSuffix(name, ".csv") || strings.HasSuffix(name, ".parquet") {
			if *whole || strings.HasPrefix(name, "contacts") {
				losses = append(losses, loss{
					where: "written", what: name + " is altered before it is read back", codes: []int{exitGuard}, by: []string{"verify: "},
					strike: &strike{Do: alter, Calls: "^fsync$", Path: strings.ReplaceAll(name, ".", `\.`) + "$", At: 1},
				})
			}
		}
		text := w.read("out", "run_date="+faultDate, name)
		losses = append(losses, publishedLosses(name, text)...)
	}
	return losses
}

// publishedLosses change each line of a published CSV, or bits of another file; crosswalk verify must name it. Where the manifest
// is changed with it, as nobody but an adversary does, the rows are counted all the same.
func publishedLosses(name string, text []byte) []loss {
	verified := func(what string, change func([]byte) []byte, by ...string) loss {
		return loss{where: "published", what: name + ": " + what, damage: inPublication(name, change), args: []string{"verify"}, codes: []int{exitGuard}, by: by}
	}
	var losses []loss
	if !strings.HasSuffix(name, ".csv") {
		for _, share := range wholeOr(16) {
			losses = append(losses, verified(fmt.Sprintf("a bit at %d/16", share-1), func(text []byte) []byte { text[len(text)*(share-1)/16] ^= 4; return text }, "SHA-256"))
		}
		return losses
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for _, n := range wholeOr(len(lines) - 1) {
		if n == 0 {
			continue
		}
		line := lines[n]
		at := bytes.Index(text, line)
		losses = append(losses,
			verified(fmt.Sprintf("line %d is dropped", n), func(text []byte) []byte { return slices.Delete(text, at, at+len(line)) }, "bytes, the manifest"),
			verified(fmt.Sprintf("line %d is repeated", n), func(text []byte) []byte { return slices.Insert(text, at, line...) }, "bytes, the manifest"),
			verified(fmt.Sprintf("line %d is altered", n), func(text []byte) []byte { text[at] ^= 1; return text }, "SHA-256"))
		if !eighth(n) {
			continue
		}
		dropped := verified(fmt.Sprintf("line %d is dropped, and size and hash in the manifest with it", n), func(text []byte) []byte { return slices.Delete(text, at, at+len(line)) }, "rows", "cannot be read", "record")
		damage := dropped.damage
		dropped.damage = func(w *world) { damage(w); w.signManifest(name) }
		losses = append(losses, dropped)
	}
	return losses
}

// signManifest puts size and hash of a file into the manifest.
func (w *world) signManifest(name string) {
	w.v.t.Helper()
	dir := filepath.Join(w.output(), "run_date="+faultDate)
	text, err := os.ReadFile(filepath.Join(dir, name))
	w.v.must(err)
	w.changeFile(filepath.Join(dir, "manifest.json"), func(manifest []byte) []byte {
		return w.changeJSON(manifest, func(all map[string]any) {
			for _, output := range all["outputs"].([]any) {
				if o := output.(map[string]any); o["name"] == name {
					o["bytes"], o["sha256"] = len(text), fmt.Sprintf("%x", sha256.Sum256(text))
				}
			}
		})
	})
}

func (w *world) changeJSON(text []byte, change func(map[string]any)) []byte {
	w.v.t.Helper()
	var all map[string]any
	w.v.must(json.Unmarshal(text, &all))
	change(all)
	text, err := json.Marshal(all)
	w.v.must(err)
	return text
}

// changeFile changes a file until the loss is over.
func (w *world) changeFile(path string, change func([]byte) []byte) {
	w.v.t.Helper()
	text, err := os.ReadFile(path)
	w.v.must(err)
	w.v.must(os.WriteFile(path, change(slices.Clone(text)), 0o600))
	w.later(func() { w.v.must(os.WriteFile(path, text, 0o600)) })
}

// keepStage puts every part back when the loss is over.
func (w *world) keepStage() {
	paths, err := filepath.Glob(filepath.Join(w.stage(), "*", "*", "*.parquet"))
	w.v.must(err)
	for _, path := range paths {
		w.changeFile(path, func(text []byte) []byte { return text })
	}
}

// changeIndex changes the lists of parts in stage.json, and its checksum with them: what is left are the counts.
func (w *world) changeIndex(change func(table map[string]any, parts []any) []any) {
	w.changeFile(filepath.Join(w.stage(), "stage.json"), func(text []byte) []byte {
		changed := w.changeJSON(text, func(all map[string]any) {
			for _, table := range all["tables"].([]any) {
				t := table.(map[string]any)
				t["parts"] = change(t, t["parts"].([]any))
			}
		})
		var index struct {
			Tables []extract.Table
			Org    extract.Org
		}
		w.v.must(json.Unmarshal(changed, &index))
		tables, err := json.Marshal(index.Tables)
		w.v.must(err)
		org, err := json.Marshal(index.Org)
		w.v.must(err)
		return w.changeJSON(changed, func(all map[string]any) { all["checksum"] = fmt.Sprintf("%016x", xxh3.Hash(append(tables, org...))) })
	})
}

func (w *world) partRows(path string) int {
	w.v.t.Helper()
	reader, err := file.OpenParquetFile(path, false)
	w.v.must(err)
	defer func() { _ = reader.Close() }()
	return int(reader.NumRows())
}

// changePart writes a part anew with one row dropped, repeated or altered, and where that is asked for with its new size,
// and the new numbers of rows, in stage.json. The checksum is that of the bytes that were recorded.
func (w *world) changePart(path, name, how string, row int, adapted bool) {
	w.v.t.Helper()
	batch := w.readPart(path)
	defer batch.Release()
	rows := batch.NumRows()
	pieces := []arrow.RecordBatch{batch.NewSlice(0, int64(row)-1), batch.NewSlice(int64(row)-1, int64(row)), batch.NewSlice(int64(row), rows)}
	difference := int64(0)
	switch how {
	case "dropped":
		pieces, difference = []arrow.RecordBatch{pieces[0], pieces[2]}, -1
	case "repeated":
		pieces, difference = slices.Insert(pieces, 1, pieces[1]), 1
	case "altered":
		pieces[1] = altered(pieces[1])
	}
	var text bytes.Buffer
	writer, err := pqarrow.NewFileWriter(batch.Schema(), &text, nil, pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	w.v.must(err)
	for _, piece := range pieces {
		w.v.must(writer.WriteBuffered(piece))
	}
	w.v.must(writer.Close())
	w.changeFile(path, func([]byte) []byte { return text.Bytes() })
	if !adapted {
		return
	}
	w.changeIndex(func(table map[string]any, parts []any) []any {
		for _, part := range parts {
			if p := part.(map[string]any); p["file"] == name {
				p["bytes"], p["rows"] = text.Len(), rows+difference
				table["rows"] = int64(table["rows"].(float64)) + difference
			}
		}
		return parts
	})
}

func (w *world) readPart(path string) arrow.RecordBatch {
	w.v.t.Helper()
	reader, err := file.OpenParquetFile(path, false)
	w.v.must(err)
	defer func() { _ = reader.Close() }()
	rows, err := pqarrow.NewFileReader(reader, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	w.v.must(err)
	table, err := rows.ReadTable(w.v.t.Context())
	w.v.must(err)
	defer table.Release()
	all := array.NewTableReader(table, table.NumRows())
	defer all.Release()
	if !all.Next() {
		w.v.fatalf("%s has no rows", path)
	}
	batch := all.RecordBatch()
	batch.Retain()
	return batch
}

// altered changes the first text of a row.
func altered(row arrow.RecordBatch) arrow.RecordBatch {
	columns := slices.Clone(row.Columns())
	for i, column := range columns {
		text, ok := column.(*array.String)
		if !ok || text.IsNull(0) || text.Value(0) == "" {
			continue
		}
		builder := array.NewStringBuilder(memory.DefaultAllocator)
		value := []byte(text.Value(0))
		value[len(value)-1] ^= 1
		builder.Append(string(value))
		columns[i] = builder.NewArray()
		break
	}
	return array.NewRecordBatch(row.Schema(), columns, row.NumRows())
}
