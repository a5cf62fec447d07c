package faults

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

// F095, F096: snapshots that are not UTF-8.

func mkfifo(path string) error { return syscall.Mkfifo(path, 0o600) }

func wide(order binary.AppendByteOrder, mark bool) func(string) string {
	return func(text string) string {
		if mark {
			text = "\ufeff" + text
		}
		var out []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, unit)
		}
		return string(out)
	}
}

func wideText() []point {
	little, big := binary.LittleEndian, binary.BigEndian
	odd := func(text string) string { return wide(little, true)(text) + "x" }
	lone := func(text string) string { return wide(big, true)(text) + "\xd8\x00\x00\n" }
	return []point{
		rewrittenFile("little endian, marked", "", wide(little, true)), rewrittenFile("big endian, marked", "", wide(big, true)),
		rewrittenFile("marked, configured", "encoding: utf-16", wide(big, true)), rewrittenFile("little endian, configured", "encoding: utf-16le", wide(little, false)),
		rewrittenFile("big endian, configured", "encoding: utf-16be", wide(big, false)),
		{name: "little endian, not marked", want: refused(exitInput, "UTF-16"), before: changedFile(wide(little, false))},
		{name: "big endian, not marked", want: refused(exitInput, "UTF-16"), before: changedFile(wide(big, false))},
		{name: "half a unit at the end", want: refused(exitInput, "UTF-16"), before: changedFile(odd)},
		{name: "a lone surrogate", want: refused(exitInput, "surrogate"), before: changedFile(lone)},
		{name: "marked otherwise than configured", want: refused(exitInput, "byte order mark"), config: replaced("path: customers.csv", "path: customers.csv, encoding: utf-16le"), before: changedFile(wide(big, true))},
		{name: "UTF-32", want: refused(exitInput, "UTF-32"), before: changedFile(func(text string) string { return "\xff\xfe\x00\x00" + text })},
	}
}

// westernText writes the customers that an old encoding can write in it, and expects what they give in UTF-8.
func westernText() []point {
	encode := func(w *world, table *charmap.Charmap, planted string) (whole, western string) {
		kept := rawRecords(string(w.read("customers.csv")) + "PLANTED-1," + planted + ",,,,GB,,,,,,,\n")
		kept = slices.DeleteFunc(kept, func(record []string) bool {
			_, err := table.NewEncoder().String(strings.Join(record, ","))
			return err != nil
		})
		whole = joined(kept, ",", "\n")
		western, err := table.NewEncoder().String(whole)
		if err != nil || !strings.Contains(whole, planted) || len(kept) < 30 {
			w.v.fatalf("%d rows, %v", len(kept), err)
		}
		return whole, western
	}
	compared := func(encoding string, table *charmap.Charmap, planted string) point {
		return point{name: encoding + ", configured", want: differs(), play: func(w *world) outcome {
			whole, western := encode(w, table, planted)
			w.replaceText("customers.csv", whole)
			before := w.run(unlimited...)
			files := w.files(faultDate)
			w.write("customers.csv", western, 0o600)
			w.knowsRows(int64(len(rawRecords(whole)) - 1))
			after := w.run(append([]string{"CROSSWALK_ERP_SOURCE_ENCODING=" + encoding}, unlimited...)...)
			for name, hash := range w.files(faultDate) {
				if strings.HasSuffix(name, ".csv") && files[name] != hash {
					w.v.errorf("%s has other rows than from the same file in UTF-8 (exit codes %d, %d)", name, before.code, after.code)
				}
			}
			return after
		}}
	}
	refusedAt := func(name, encoding, says string) point {
		return point{name: name, want: refused(exitInput, says, "byte"), env: []string{"CROSSWALK_ERP_SOURCE_ENCODING=" + encoding}, before: func(w *world) {
			_, western := encode(w, charmap.Windows1252, "Žižka – €")
			w.replaceText("customers.csv", western)
		}}
	}
	return []point{
		refusedAt("not configured", "auto", "is not UTF-8"), refusedAt("as UTF-8", "utf-8", "is not UTF-8"), refusedAt("as Latin-1 with characters of windows-1252", "latin-1", "not in ISO 8859-1"),
		compared("windows-1252", charmap.Windows1252, "Žižka – €"), compared("latin-1", charmap.ISO8859_1, "Ångström"),
		{name: "one byte in a million", want: refused(exitInput, "line 1,000,0", "byte"), before: func(w *world) {
			text := string(w.read("customers.csv"))
			lines := strings.Count(text, "\n")
			w.replaceFile(func(path string) error {
				rest := strings.Repeat("1,a,,,,,,,,,,,\n", 1_000_000-lines)
				return os.WriteFile(path, []byte(text+rest+fmt.Sprintf("1,caf\xe9%s\n", strings.Repeat(",", 11))), 0o600)
			})
		}},
	}
}

func wide16(text string) string { return wide(binary.LittleEndian, true)(text) }

// narrow16 is the text of marked UTF-16, little endian.
func narrow16(text string) string {
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, binary.LittleEndian.Uint16([]byte(text[i:])))
	}
	return string(utf16.Decode(units))
}
