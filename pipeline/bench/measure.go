package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench runs crosswalk and the floor in turn, each as a process of its own against a server of its own.
type bench struct {
	self, binary, dir string
	rounds            int
}

// usage is what one process took.
type usage struct {
	wall time.Duration
	peak int64 // bytes of resident memory
	cpu  time.Duration
}

// result is one workload measured.
type result struct {
	workload
	crosswalk, floor []usage // one a round, in turn
	drain            usage   // the server alone
	extract          float64 // seconds of crosswalk's extract stage, last round
	near             nearCost
}

func (b bench) measure(ctx context.Context, load workload) (found result, err error) {
	found.workload = load
	dir := filepath.Join(b.dir, load.name)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return found, err
	}
	url, stop, err := b.serve(ctx, dir, load)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, stop(), os.RemoveAll(dir)) }()
	if err := writeConfig(dir, url); err != nil {
		return found, err
	}
	rounds := b.rounds
	if load.accounts >= 1_000_000 {
		rounds = 1
	}
	floor := []string{b.self, "-floor", url, "-dir", filepath.Join(dir, "floor"), "-erp", filepath.Join(dir, "customers.csv")}
	for range rounds {
		took, err := timed(ctx, filepath.Join(dir, "floor.log"), floor...)
		if err != nil {
			return found, err
		}
		found.floor = append(found.floor, took)
		if err := os.RemoveAll(filepath.Join(dir, "floor")); err != nil {
			return found, err
		}
		took, err = timed(ctx, filepath.Join(dir, "crosswalk.log"), b.binary, "run", "--config", filepath.Join(dir, "config.yaml"), "--log-format", "text")
		if err != nil {
			return found, err
		}
		found.crosswalk = append(found.crosswalk, took)
		fmt.Fprintf(os.Stderr, "%s: floor %.1fs %s, crosswalk %.1fs %s\n", load.name,
			found.floor[len(found.floor)-1].wall.Seconds(), mebibytes(found.floor[len(found.floor)-1].peak), took.wall.Seconds(), mebibytes(took.peak))
	}
	if found.extract, err = stageSeconds(filepath.Join(dir, "crosswalk.log"), "extract"); err != nil {
		return found, err
	}
	if found.drain, err = timed(ctx, filepath.Join(dir, "drain.log"), append(floor, "-drain")...); err != nil {
		return found, err
	}
	found.near, err = b.near(ctx, dir)
	return found, err
}

// serve starts the org in a process of its own and waits until it answers.
func (b bench) serve(ctx context.Context, dir string, load workload) (string, func() error, error) {
	command := exec.CommandContext(ctx, b.binary, "simulate", "--no-gzip", "--seed", "7",
		"--accounts", fmt.Sprint(load.accounts), "--contacts", fmt.Sprint(load.contacts), "--customers", fmt.Sprint(load.customers),
		"--erp-file", filepath.Join(dir, "customers.csv"))
	output, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop := func() error {
		if err := command.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return command.Wait()
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "instance_url: "); ok {
			return url, stop, nil
		}
	}
	return "", nil, errors.Join(errors.New("the simulator said no instance_url"), lines.Err(), stop())
}

func writeConfig(dir, url string) error {
	text := `salesforce:
  source: org
  instance_url: ` + url + `
  login: client_credentials
  client_id: 3MVG9simulator.crosswalk.fixtures
  client_secret: simulator-secret-not-a-real-one
  api: bulk
erp:
  source: {path: customers.csv}
  customer_id: customer_id
  customer_name: customer_name
link:
  - salesforce: Account.ERP_Customer_ID__c
    erp: customer_id
limits: {memory: 512MiB}
`
	return os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(text), 0o600)
}

// timed runs a command to its end and says what it took by the kernel's own account.
func timed(ctx context.Context, log string, args ...string) (took usage, err error) {
	file, err := os.Create(log)
	if err != nil {
		return took, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Stdout, command.Stderr = file, file
	started := time.Now()
	if err := command.Run(); err != nil {
		text, _ := os.ReadFile(log)
		return took, fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, text)
	}
	took.wall = time.Since(started)
	took.cpu = command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	if kernel, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		took.peak = kernel.Maxrss * 1024
	}
	return took, nil
}

// stageSeconds reads a stage's duration from the log of a run.
func stageSeconds(log, stage string) (float64, error) {
	text, err := os.ReadFile(log)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if _, rest, ok := strings.Cut(line, "duration_seconds="); ok && strings.Contains(line, "stage="+stage+" ") {
			var seconds float64
			_, err := fmt.Sscan(rest, &seconds)
			return seconds, err
		}
	}
	return 0, errors.New("no stage " + stage + " in " + log)
}

// median of one figure over the rounds.
func median[T int64 | time.Duration](rounds []usage, figure func(usage) T) T {
	var all []T
	for _, round := range rounds {
		all = append(all, figure(round))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func wall(u usage) time.Duration { return u.wall }
func peak(u usage) int64         { return u.peak }

func mebibytes(bytes int64) string { return fmt.Sprintf("%d MiB", bytes>>20) }

// printTable prints the ratios; absolute figures are only there to judge the noise.
func printTable(w io.Writer, results []result) {
	fmt.Fprintf(w, "\n%-4s %-34s %10s %10s %8s\n", "", "figure", "crosswalk", "floor", "ratio")
	defer printNear(w, results)
	for _, r := range results {
		ours, floors := median(r.crosswalk, wall), median(r.floor, wall)
		fmt.Fprintf(w, "%-4s %-34s %9.1fs %9.1fs %8.2f   at most 1.5\n", r.name, "wall / floor", ours.Seconds(), floors.Seconds(), ours.Seconds()/floors.Seconds())
		fmt.Fprintf(w, "%-4s %-34s %10s %10s\n", r.name, "peak memory, limits.memory 512MiB", mebibytes(median(r.crosswalk, peak)), mebibytes(median(r.floor, peak)))
		fmt.Fprintf(w, "%-4s %-34s %9.1fs %9.1fs %8.2f   the server's share of the extract\n", r.name, "extract / server alone", r.extract, r.drain.wall.Seconds(), r.drain.wall.Seconds()/max(r.extract, 0.001))
	}
	if len(results) < 2 {
		return
	}
	first, last := results[0], results[len(results)-1]
	fmt.Fprintf(w, "%-4s %-34s %9.1fs %9.1fs %8.2f   at most 11\n", "", "wall "+last.name+" / "+first.name,
		median(last.crosswalk, wall).Seconds(), median(first.crosswalk, wall).Seconds(), median(last.crosswalk, wall).Seconds()/median(first.crosswalk, wall).Seconds())
	fmt.Fprintf(w, "%-4s %-34s %10s %10s %8.2f   at most 1.3\n", "", "peak memory "+last.name+" / "+first.name,
		mebibytes(median(last.crosswalk, peak)), mebibytes(median(first.crosswalk, peak)), float64(median(last.crosswalk, peak))/float64(median(first.crosswalk, peak)))
}

// printNear prints what looking for near misses adds to the link. Of W1's about half is planning, which does not grow with
// the rows.
func printNear(w io.Writer, results []result) {
	fmt.Fprintf(w, "\n%-4s %-34s %10s %10s %8s\n", "", "near misses", "with", "without", "ratio")
	for _, r := range results {
		fmt.Fprintf(w, "%-4s %-34s %9.1fs %9.1fs %8.2f   at most 1.5 for 1 M accounts (W2); %.0f%% of the customers not linked, %d near misses\n", r.name, "link, same stage",
			r.near.with, r.near.without, r.near.with/max(r.near.without, 0.001), 100*r.near.unlinked, r.near.misses)
	}
}
