package faults

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// F090: a small snapshot is cut at every byte and read by crosswalk check, which reads it as a run does and needs no link.

const smallSnapshot = "customer_id,customer_name,credit_limit,since\n" +
	"001,\"A \"\"quoted\"\" one\",10.00,2020-01-01\n" +
	"002,\"two\nlines, and a comma\",,2021-02-03\n" +
	"003,Žižka,-0.50,\n" +
	"\"004\",\"\",99.99,2022-03-04\n" +
	"005,last,,\n"

var rowsTold = regexp.MustCompile(`: ([0-9,]+) rows? of `)

// sees is the rows that crosswalk check finds in the snapshot, -1 where it refuses it.
func (w *world) sees(env ...string) int {
	w.v.t.Helper()
	w.v.plays++
	o := w.start(env, "check", "--format", "json").wait()
	var list struct {
		Items []struct{ ID, Outcome, Detail string }
	}
	if err := json.Unmarshal([]byte(o.stdout), &list); err != nil || panicked(o.said()) {
		w.v.errorf("check: exit code %d, %v: %s", o.code, err, oneLine(o.stderr))
		return -1
	}
	for _, item := range list.Items {
		if item.ID != "erp_snapshot" {
			if item.Outcome == "fail" {
				w.v.errorf("%s failed: %s", item.ID, item.Detail)
			}
			continue
		}
		switch {
		case item.Outcome == "fail" && (o.code == exitInput || o.code == exitUsage): // a typed column that a cut header lacks is the configuration's
			return -1
		case item.Outcome == "pass" && o.code == 0:
			rows, err := strconv.Atoi(strings.ReplaceAll(rowsTold.FindStringSubmatch(item.Detail + ": -1 rows of ")[1], ",", ""))
			if err != nil {
				w.v.errorf("%q tells no rows", item.Detail)
			}
			return rows
		}
		w.v.errorf("exit code %d, %s: %s", o.code, item.Outcome, item.Detail)
	}
	return -1
}

// cutFiles cut the file in several forms. What passes must hold only whole records, and where a checksum stands beside the
// file, or a compression around it, all of them.
func cutFiles() []point {
	return []point{
		cutFile("as text", smallSnapshot, "", ""), cutFile("as text, with a checksum", smallSnapshot, "sum", ""), cutFile("as gzip", zipped(smallSnapshot), "whole", ""),
		cutFile("with CRLF", strings.ReplaceAll(smallSnapshot, "\n", "\r\n"), "", ""), cutFile("as UTF-16", wide16(smallSnapshot), "", ""),
		cutFile("no newline at the end, which is optional, with a checksum", strings.TrimSuffix(smallSnapshot, "\n"), "sum", "optional"),
		{name: "no newline at the end", want: refused(exitInput, "no line end"), before: changedFile(func(text string) string { return strings.TrimSuffix(text, "\n") })},
		rewrittenFile("no newline at the end, which is optional", "final_newline: optional", func(text string) string { return strings.TrimSuffix(text, "\n") }),
	}
}

func cutFile(name, content, proof, newline string) point {
	return point{name: name, want: expectation{codes: []int{0}, silent: true}, play: func(w *world) outcome {
		w.replaceText("customers.csv", content)
		sum := filepath.Join(w.dir, "customers.csv.sha256")
		if proof == "sum" {
			w.write("customers.csv.sha256", fmt.Sprintf("%x  customers.csv\n", sha256.Sum256([]byte(content))), 0o600)
			w.later(func() { w.remove(sum) })
		}
		var env []string
		if newline != "" {
			env = append(env, "CROSSWALK_ERP_SOURCE_FINAL_NEWLINE="+newline)
		}
		if rows := w.sees(env...); rows != 5 {
			w.v.errorf("whole: %d rows, want 5", rows)
		}
		step := many(len(content)/8, 1)
		passed := 0
		for cut := 0; cut < len(content); cut += step {
			w.write("customers.csv", content[:cut], 0o600)
			rows := w.sees(env...)
			if rows < 0 {
				continue
			}
			passed++
			if proof != "" {
				w.v.errorf("cut at byte %d: %d rows passed", cut, rows)
			} else if !endsRecord(content[:cut], rows) {
				w.v.errorf("cut at byte %d, inside a record: %d rows passed", cut, rows)
			}
		}
		if *whole && proof == "" && passed != 4 {
			w.v.errorf("%d cuts passed, want the 4 at the end of a record: nothing in the file tells those from a whole one", passed)
		}
		return outcome{}
	}}
}

// endsRecord tells whether a cut is behind a record of the small snapshot.
func endsRecord(text string, rows int) bool {
	if strings.HasPrefix(text, "\xff\xfe") {
		text = narrow16(text)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.HasSuffix(text, "\n") && strings.Count(text, `"`)%2 == 0 && len(rawRecords(text)) == rows+1
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text)) // to memory
	_ = w.Close()
	return out.String()
}
