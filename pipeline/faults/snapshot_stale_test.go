package faults

import (
	"os"
	"path/filepath"
	"time"
)

// F092, F093: a snapshot that is not tonight's. What counts is its age when it is read, by its time and by the day in its
// name; a date that is run later reads the snapshot of the day on which it runs.

func stalePoints() []point {
	any := []string{"CROSSWALK_ERP_MAX_AGE=0"}
	ofHours := func(limit string) []string { return []string{"CROSSWALK_ERP_MAX_AGE=" + limit} }
	return []point{
		{name: "modified two days ago", before: aged(48 * time.Hour), want: refused(exitInput, "max_age", "48h0m ago", "36h")},
		{name: "modified yesterday, of which a day is allowed", before: aged(25 * time.Hour), env: ofHours("24h"), want: refused(exitInput, "max_age", "25h0m ago")},
		{name: "modified yesterday, of which a little more is allowed", before: aged(25 * time.Hour), env: ofHours("26h"), want: recovered()},
		{name: "modified yesterday", before: aged(25 * time.Hour), want: recovered()},
		{name: "modified in two days", before: aged(-48 * time.Hour), want: refused(exitInput, "clock")},
		{name: "modified two days ago, which may be", before: aged(48 * time.Hour), env: any, want: recovered()},
		{name: "copied now, named for last week", before: namedFor(-7, false), want: refused(exitInput, "max_age", "its name says")},
		{name: "a link to last week's", before: namedFor(-7, true), want: refused(exitInput, "max_age", "its name says")},
		{name: "named for last week, which may be", before: namedFor(-7, false), env: any, want: same(), after: sameRows},
		{name: "named for three days ago", before: namedFor(-3, false), want: refused(exitInput, "max_age", "its name says "+dayAt(-3))},
		{name: "named for two days ago, a day that ended 36 hours ago at most", before: namedFor(-2, false), want: same(), after: sameRows},
		{name: "named for today", before: namedFor(0, false), want: same(), after: sameRows},
		{name: "named for yesterday", before: namedFor(-1, true), want: same(), after: sameRows},
	}
}

// aged gives the snapshot another time until the point is over.
func aged(age time.Duration) func(*world) {
	return func(w *world) {
		path, then := filepath.Join(w.dir, "customers.csv"), time.Now().Add(-age)
		if err := os.Chtimes(path, then, then); err != nil {
			w.v.fatalf("%v", err)
		}
		w.later(func() { _ = os.Chtimes(path, time.Now(), time.Now()) })
	}
}

func dayAt(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }

// namedFor has the snapshot under a name with a day in it, so many days from today, or behind a link to that.
func namedFor(days int, link bool) func(*world) {
	return func(w *world) {
		name := "customers_" + time.Now().UTC().AddDate(0, 0, days).Format("20060102") + ".csv"
		if !link {
			copiedAs(name)(w)
			return
		}
		text := string(w.read("customers.csv"))
		w.replaceFile(func(path string) error {
			target := w.write(name, text, 0o600)
			w.later(func() { w.remove(target) })
			return os.Symlink(target, path)
		})
	}
}

// copiedAs has the run read a copy of the snapshot, made now.
func copiedAs(name string) func(*world) {
	return func(w *world) {
		path := w.write(name, string(w.read("customers.csv")), 0o600)
		w.later(func() { w.remove(path) })
		w.extra = append(w.extra, "CROSSWALK_ERP_SOURCE_PATH="+name)
	}
}
