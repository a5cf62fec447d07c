package faults

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// F086: the fuzz targets of every parser, each on its seeds and its kept corpus. `make fuzz` lets them search for more,
// for which each is built anew with instruments in it; that takes minutes.

// parsers are the fuzz targets that there must be, by package. The first ones are played in short runs too.
var parsers = []struct {
	name    string
	targets []string
}{
	{"extract/salesforce", []string{"FuzzDecodeCSV", "FuzzDecodeJSON", "FuzzComplaint", "FuzzRetryAfter", "FuzzDescribe", "FuzzLimitInfo", "FuzzTimestamp", "FuzzDecimal"}},
	{"extract/erp", []string{"FuzzCSV", "FuzzHeader", "FuzzParquet", "FuzzFooterWalk", "FuzzValues"}},
	{"extract", []string{"FuzzOpenStage"}},
	{"extract/salesforce/tokenstore", []string{"FuzzDecode"}},
	{"pipeline", []string{"FuzzManifest", "FuzzReadConfig", "FuzzExpand", "FuzzAirflowConnection"}},
	{"transform", []string{"FuzzKeySteps"}},
	{"load", []string{"FuzzScanner"}},
	{"fixtures", []string{"FuzzFaults", "FuzzSOQL"}},
}

var (
	fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz[A-Za-z0-9_]*)\(`)
	fuzzInput  = regexp.MustCompile(`--- PASS: (Fuzz[A-Za-z0-9_]*)/`)
)

func fuzzPoints() []point {
	var points []point
	for _, parser := range parsers {
		points = append(points, point{name: parser.name, want: expectation{codes: []int{0}, silent: true}, play: func(w *world) outcome {
			w.targetsAre(parser.name, parser.targets)
			command := exec.CommandContext(w.v.t.Context(), "go", "test", "crosswalk/"+parser.name, "-run", "^Fuzz", "-count=1", "-v")
			text, err := command.CombinedOutput()
			if err != nil {
				w.v.errorf("%v: %s", err, oneLine(string(text)))
			}
			inputs := map[string]int{}
			for _, found := range fuzzInput.FindAllStringSubmatch(string(text), -1) {
				inputs[found[1]]++
				w.v.plays++
			}
			if ran := slices.Sorted(maps.Keys(inputs)); !slices.Equal(ran, slices.Sorted(slices.Values(parser.targets))) {
				w.v.errorf("%v have inputs that passed, want %v", ran, parser.targets)
			}
			w.v.note = "a play is an input: seeds and corpus; make fuzz searches on"
			return outcome{code: command.ProcessState.ExitCode(), stdout: fmt.Sprintln(len(parser.targets), "targets")}
		}})
	}
	return points
}

// targetsAre holds that a package has the fuzz targets of the list, and no other.
func (w *world) targetsAre(folder string, want []string) {
	w.v.t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*_test.go"))
	if err != nil || len(files) == 0 {
		w.v.errorf("%s has no tests: %v", folder, err)
	}
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			w.v.errorf("%v", err)
		}
		for _, target := range fuzzTarget.FindAllStringSubmatch(string(text), -1) {
			found = append(found, target[1])
		}
	}
	if slices.Sort(found); !slices.Equal(found, slices.Sorted(slices.Values(want))) {
		w.v.errorf("%s has the targets %s, the case has %s", folder, strings.Join(found, " "), strings.Join(want, " "))
	}
}
