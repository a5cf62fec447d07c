# make demo and make test are all that a fresh Linux machine with Go and gcc needs.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GITLEAKS := github.com/zricethezav/gitleaks/v8@v8.30.1
FUZZ_SECONDS ?= 10
SCHEDULES ?= 10000
SHARE ?= 1/1

.PHONY: help build demo test check format format-check vet lint secrets vulnerabilities sbom race fast-faults fuzz corpus mutation properties faults faults-long crash-points resume bench test-clients test-browser pictures golden clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

build: ## bin/crosswalk
	@mkdir -p bin
	go build -trimpath -o bin/crosswalk .

demo: build ## run the main job on the fixtures and show what it published
	@./bin/crosswalk run
	@./bin/crosswalk verify

test: ## every test
	go test -timeout 60m ./...

# In the order of the alphabet turned round the long ones begin, and the short ones fill the time beside them.
race: ## the tests under the race detector; those that only repeat more of the same are shortened
	go test -race -short -timeout 30m $$(go list ./... | grep -v /pipeline/faults$$ | sort -r)

fast-faults: ## a few points of every fault; they play the program as a process, which has no race detector in it
	go test -timeout 60m -parallel 3 ./pipeline/faults

check: format-check vet lint secrets vulnerabilities race fast-faults ## what CI asks of a change

format: ## rewrite the Go files as gofmt has them
	gofmt -w $$(git ls-files '*.go')

format-check:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not gofmt'd: $$unformatted"; exit 1; }

vet:
	go vet ./...

lint: ## golangci-lint with .golangci.yml, at one version for everybody
	go run $(GOLANGCI) run ./...

secrets: ## gitleaks over the whole history; .gitleaks.toml says what only looks like a secret
	@go run $(GITLEAKS) git --no-banner --redact --verbose --log-level warn . && echo "gitleaks: no secret in $$(git rev-list --count HEAD) commits"

vulnerabilities: ## govulncheck over the code and its dependencies
	@.ci/vulnerabilities

sbom: ## bin/sbom.cdx.json and the hashes of DuckDB's prebuilt libraries
	@.ci/sbom

fuzz: ## every fuzz target for FUZZ_SECONDS each
	@.ci/fuzz $(FUZZ_SECONDS)

corpus: ## keep a choice of what fuzzing found as seeds of every test run
	@.ci/corpus

# What a run of the fault tests says: the packages that were built, a line a case, what failed, the counts.
FAULT_LINES := '1,/^=== RUN/{/^=== RUN/!p}; /^(F[0-9]{3} |canaries:|torn reads|crash points|faults survived|schedule|silent|panic:)|^ +[a-z_]+_test\.go:[0-9]+:/p'

faults: ## every fault of the catalogue against the program itself, one line each; 200 schedules; every loss on the way
	@result=0; for tests in Fault 'Schedules|SilentLosses'; do \
		go test ./pipeline/faults -run "^Test($$tests)$$" -count=1 -timeout 60m -parallel 3 -v -whole 2>&1 | sed -unE $(FAULT_LINES) || result=1; \
	done; exit $$result

faults-long: ## 10,000 random mixes of one to four faults, seeds 1 to SCHEDULES; hours
	@go test ./pipeline/faults -run '^TestSchedules$$' -schedules $(SCHEDULES) -count=1 -timeout 24h -parallel 3 -v 2>&1 | \
		grep -E '^schedule|^panic:|^ +[a-z_]+_test\.go:[0-9]+:'

mutation: ## change the statements and the code one place at a time: do the tests notice? (an hour)
	@.ci/mutation

properties: ## 100,000 random sets of records: do the statements and plain Go find the same near misses? (an hour)
	@go test ./transform -run '^TestNearMissReference$$' -near-sets=200 -rapid.checks=500 -near-batches=500 -count=1 -timeout 6h -v 2>&1 | \
		grep -vE '^ *(=== (RUN|PAUSE|CONT|NAME)|--- PASS: TestNearMissReference/)'

resume: ## kill a run of 500,000 contacts at 60% and show what the next one asks for
	@.ci/resume $(CONTACTS)

crash-points: ## SIGKILL, I/O errors and no space at every file operation of a run, not at a sample; hours, or SHARE=1/4 of them
	@go test ./pipeline/faults -run '^TestFault$$/^F1(39|40|41|42|43)$$' -count=1 -timeout 12h -v -whole -every -share $(SHARE) 2>&1 | \
		grep -E '^(F[0-9]{3} |crash points|faults survived|panic:)|^ +[a-z_]+_test\.go:[0-9]+:'

bench: build ## wall time and memory against the floor, as ratios
	@go run ./pipeline/bench $(BENCH)

test-clients: build ## read the simulator with Salesforce clients made by others
	@fixtures/clients/run

test-browser: build ## sign in to the simulator with a real Chromium, which is installed where there is none
	docs/pictures/install-browser
	cd docs/pictures && go vet . && go test -count=1 -timeout 15m .

pictures: build ## take the pictures of the documentation again
	cd docs/pictures && go test -count=1 -timeout 15m -run '^(TestConnect|TestReportPictures)$$' -pictures .

golden: ## rewrite the golden files
	go test . ./pipeline ./transform -run '^Test(Scripts|Link|GeneratedMacros|Discover.*|Check.*|ReportGolden)$$' -count=1 -update

clean: ## remove what the build and the demo made
	rm -rf bin out state .bench
