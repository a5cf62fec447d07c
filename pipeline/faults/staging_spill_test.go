package faults

import (
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// F127: the link has more rows than memory. What it spills is seen in the folder that it spills to, while it runs.

// memoryPoints are played in this order, so that the large ones are for -whole alone.
func memoryPoints() []point {
	limited := func(size string) func(string) string { return replaced("memory: 512MiB", "memory: "+size) }
	return []point{
		{name: "128MiB", config: limited("128MiB"), want: recovered()},
		{name: "200,000 contacts, which spill", config: limited(tightMemory), want: differs(), before: (*world).crowd, env: unlimited, play: (*world).spilling},
		{name: "200,000 contacts, and 16 MiB to spill to", config: func(text string) string {
			return replaced("limits: {", "limits: {temp_directory: spill, ")(limited(tightMemory)(text))
		}, want: refused(exitStorage, "error: sql ", "limits.temp_directory"), before: func(w *world) {
			w.crowd()
			w.mount(filepath.Join(w.dir, "spill"), "size=16m")
		}, play: func(w *world) outcome { return w.run(crowded...) }},
		{name: "96MiB", config: limited("96MiB"), want: refused(exitUsage, "limits.memory", "at least 128MiB")},
	}
}

// tightMemory links 200,000 contacts only with the help of the disk.
const tightMemory = "192MiB"

// crowded is the environment of a run with so many rows: by Bulk, and with the time that they take on a busy machine.
var crowded = append([]string{"CROSSWALK_SALESFORCE_API=bulk", "CROSSWALK_LIMITS_DEADLINE=140s"}, unlimited...)

// crowd plants 40,000 accounts, 200,000 contacts and 33,000 customers, most of which link. Some identifiers are shared,
// misspelt or unknown, so that every statement has rows.
func (w *world) crowd() {
	w.v.t.Helper()
	var accounts, contacts, customers strings.Builder
	for i := range 40_000 {
		account := recordID(fmt.Sprintf("001000C%08d", i))
		identifier := fmt.Sprintf("CR-%06d", i-i%97/96)
		if i%11 == 10 {
			identifier = fmt.Sprintf("CR%06d0", i)
		}
		fmt.Fprintf(&accounts, "%s,false,,Crowd %d Trading Company,,,0055g00000FcxIxAAJ,,,,%d High Street,Town %d,AB%d 1CD,GB,%s,,,,,true,,%[7]s,%[7]s,%[7]s\n", account, i, i%300, i%700, i%90, identifier, moment)
		for j := range 5 {
			contact := recordID(fmt.Sprintf("003000C%08d", 5*i+j))
			fmt.Fprintf(&contacts, "%s,false,%s,First %d,Last %d,First %[3]d Last %[4]d,person.%[3]d.%[4]d@crowd.example,,,Officer for matters of the kind %[5]d,,0055g00000FcxIxAAJ,,,,,,%[6]s,%[6]s,%[6]s\n", contact, account, 5*i+j, i, j, moment)
		}
		if i%6 != 5 {
			fmt.Fprintf(&customers, "CR-%06d,Crowd %d Trading Co,%d High Street,AB%d 1CD,Town %d,GB,,,,%d.50,30 days net,2020-02-02,\n", i, i, i%300, i%90, i%700, i)
		}
	}
	for file, text := range map[string]string{"org/Account.csv": accounts.String(), "org/Contact.csv": contacts.String(), "customers.csv": customers.String()} {
		w.replaceText(file, string(w.read(file))+text)
	}
	w.org.arm(nil)
}

// spilling links the crowd with memory enough, then with too little, and sees what the second spills on the way to the
// same files.
func (w *world) spilling() outcome {
	w.v.t.Helper()
	tight := w.config
	w.config = w.write("ample.yaml", strings.Replace(string(w.read("point.yaml")), "memory: "+tightMemory, "memory: 1GiB", 1), 0o600)
	ample, none := w.seenSpilling()
	w.config = tight
	want := w.files(faultDate)
	o, spilled := w.seenSpilling()
	if ample.code != 0 || none > 0 || spilled < 1<<20 {
		w.v.errorf("with memory enough it ended with %d and spilled %d bytes, with little it spilled %d bytes; want 0, 0 and a MiB at least", ample.code, none, spilled)
	}
	if now := w.files(faultDate); o.code == 0 && !maps.Equal(now, want) {
		w.v.errorf("%v differ from what a run with memory enough publishes", changed(want, now))
	}
	w.v.note = fmt.Sprintf("%d MB spilled, at most %d MB in memory, %d MB without the bound", spilled>>20, o.memory>>20, ample.memory>>20)
	return o
}

// seenSpilling runs, and tells the most bytes that there were in the folder to spill to.
func (w *world) seenSpilling() (outcome, int64) {
	w.v.t.Helper()
	var most atomic.Int64
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			case <-time.After(5 * time.Millisecond):
				most.Store(max(most.Load(), bytesBelow(filepath.Join(w.state(), "work", "*", "spill"))))
			}
		}
	}()
	o := w.run(crowded...)
	close(quit)
	<-done
	return o, most.Load()
}

// bytesBelow adds up the files of the folders that a pattern matches.
func bytesBelow(pattern string) int64 {
	folders, _ := filepath.Glob(pattern)
	var size int64
	for _, folder := range folders {
		_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return nil // it comes and goes while this looks
			}
			if info, err := entry.Info(); err == nil {
				size += info.Size()
			}
			return nil
		})
	}
	return size
}
