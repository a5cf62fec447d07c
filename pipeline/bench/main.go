// Command bench measures crosswalk against its floor, on this machine, in one run: the floor downloads the same Bulk
// pages in parallel to raw CSV files, lets DuckDB read them untyped, runs the same SQL and copies the result out, with
// no types, no stage, no checks and no proof. Only ratios mean anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

// workload is an org and its ERP, by rows.
type workload struct {
	name                          string
	accounts, contacts, customers int64
}

var workloads = map[string]workload{
	"W0": {"W0", 5_000, 25_000, 4_000}, // to try the bench itself
	"W1": {"W1", 100_000, 500_000, 80_000},
	"W2": {"W2", 1_000_000, 5_000_000, 800_000},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	var floor floorOptions
	flag.StringVar(&floor.url, "floor", "", "run the floor against the org at this URL (the bench calls itself so)")
	flag.StringVar(&floor.dir, "dir", "", "folder the floor or the link works in")
	flag.StringVar(&floor.erp, "erp", "", "ERP snapshot the floor reads")
	flag.BoolVar(&floor.drain, "drain", false, "only download, and throw it away: how fast the server is")
	var near nearOptions
	flag.StringVar(&near.stage, "near", "", "time the link alone over this recorded stage (the bench calls itself so)")
	flag.BoolVar(&near.without, "without", false, "without looking for near misses")
	names := flag.String("workloads", "W1,W2", "workloads to measure, by name")
	rounds := flag.Int("rounds", 3, "rounds of W1; W2 takes one round")
	binary := flag.String("binary", "bin/crosswalk", "the crosswalk to measure")
	dir := flag.String("work", ".bench", "folder to work in")
	flag.Parse()
	switch {
	case floor.url != "":
		return floor.run(ctx)
	case near.stage != "":
		near.dir = floor.dir
		return near.run(ctx)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	work, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	program, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	b := bench{self: self, binary: program, dir: work, rounds: *rounds}
	var results []result
	for name := range strings.SplitSeq(*names, ",") {
		load, ok := workloads[name]
		if !ok {
			return errors.New("unknown workload " + name)
		}
		measured, err := b.measure(ctx, load)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		results = append(results, measured)
	}
	printTable(os.Stdout, results)
	return nil
}
