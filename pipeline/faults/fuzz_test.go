package faults

import (
	"fmt"
	"os/exec"
	"strings"
)

// F086: the fuzz targets of every parser, each on its seeds and its kept corpus. `make fuzz` lets them search for more.

// parsers are the fuzz targets that there must be, by package. The first ones are played in short runs too.
var parsers = []struct {
	name    string
	targets []string
}{
	{"crosswalk/extract/salesforce", []string{"FuzzDecodeCSV", "FuzzDecodeJSON", "FuzzComplaint", "FuzzRetryAfter", "FuzzDescribe", "FuzzLimitInfo", "FuzzTimestamp", "FuzzDecimal"}},
	{"crosswalk/extract/erp", []string{"FuzzCSV", "FuzzHeader", "FuzzParquet", "FuzzValues"}},
	{"crosswalk/extract", []string{"FuzzOpenStage"}},
	{"crosswalk/extract/salesforce/tokenstore", []string{"FuzzDecode"}},
	{"crosswalk/pipeline", []string{"FuzzManifest", "FuzzReadConfig", "FuzzExpand", "FuzzAirflowConnection"}},
	{"crosswalk/transform", []string{"FuzzKeySteps"}},
	{"crosswalk/load", []string{"FuzzScanner"}},
}

func fuzzPoints() []point {
	var points []point
	for _, parser := range parsers {
		points = append(points, point{name: parser.name, want: expectation{codes: []int{0}, silent: true}, play: func(w *world) outcome {
			command := exec.CommandContext(w.v.t.Context(), "go", "test", parser.name, "-run", "^Fuzz", "-count=1", "-v")
			text, err := command.CombinedOutput()
			if err != nil {
				w.v.errorf("%v: %s", err, oneLine(string(text)))
			}
			for _, target := range parser.targets {
				if !strings.Contains(string(text), "--- PASS: "+target+" ") {
					w.v.errorf("%s did not run", target)
				}
			}
			w.v.plays += strings.Count(string(text), "--- PASS: ")
			return outcome{code: command.ProcessState.ExitCode(), stdout: fmt.Sprintln(len(parser.targets), "targets")}
		}})
	}
	return points
}
