package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"crosswalk/extract"
	"crosswalk/sql"
	"crosswalk/transform"
)

// nearOptions are what the bench tells itself to time the link alone, over the stage that crosswalk recorded.
type nearOptions struct {
	stage, dir string
	without    bool // without looking for near misses
}

// nearCost is the time of the link with near misses and without, and how many customers are not linked.
type nearCost struct {
	with, without float64 // seconds
	unlinked      float64 // share of the customers
	misses        int64   // customers that are a near miss
}

// nearMemory is what DuckDB has of the 512 MiB that crosswalk is given in this bench.
const nearMemory = 384 << 20

// run links the stage and prints one line that nearOf reads back.
func (o nearOptions) run(ctx context.Context) error {
	stage, err := extract.OpenStage(o.stage)
	if err != nil {
		return err
	}
	plan := linkedBy()
	for _, want := range []struct {
		source, name string
		relation     *transform.Relation
	}{{"salesforce", "Account", &plan.Accounts}, {"salesforce", "Contact", &plan.Contacts}, {"erp", "customers", &plan.Customers}} {
		table, err := stage.Table(want.source, want.name)
		if err != nil {
			return err
		}
		want.relation.Files = stage.Files(table)
		for _, column := range table.Columns {
			want.relation.Columns = append(want.relation.Columns, transform.Column{Name: column.Name, Type: column.Type})
		}
	}
	var statements fs.FS = sql.Files
	if o.without {
		statements = withoutNearMisses{sql.Files}
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	database, err := transform.Open(ctx, transform.Options{
		Database: filepath.Join(o.dir, "near.duckdb"), MemoryBytes: nearMemory, Directories: []string{o.dir, o.stage}, SQL: statements,
	})
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	if plan.Customers.Files, err = o.misspell(ctx, database, plan.Customers.Files); err != nil {
		return err
	}
	started := time.Now()
	sums, err := database.Link(ctx, plan, nil)
	if err != nil {
		return err
	}
	var customers int64
	for _, count := range sums.Customers {
		customers += count
	}
	linked := sums.Customers["linked"] + sums.Customers["linked_many"]
	_, err = fmt.Printf(nearLine, time.Since(started).Seconds(), float64(customers-linked)/max(1, float64(customers)), sums.Customers["near_miss"])
	return err
}

// misspell writes the customers anew so that one in ten is not linked: the generated ERP knows nearly everybody. Of 100
// identifiers that are not shared, six are damaged in a way of people: a hyphen, leading zeros, letters before, a digit.
func (o nearOptions) misspell(ctx context.Context, database *transform.DB, files []string) ([]string, error) {
	path := filepath.Join(o.dir, "customers.parquet")
	_, err := database.ExecContext(ctx, fmt.Sprintf(`COPY (
		SELECT * REPLACE (CASE hash(customer_id) %% 100
			WHEN 0 THEN '00' || customer_id
			WHEN 1 THEN customer_id[:3] || '-' || customer_id[4:]
			WHEN 2 THEN 'KD' || customer_id
			WHEN 3 THEN customer_id[:-2] || '7'
			WHEN 4 THEN customer_id || '.0'
			WHEN 5 THEN replace(customer_id, '1', 'l')
			ELSE customer_id END AS customer_id)
		FROM read_parquet(['%s'])) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 65536)`, strings.Join(files, "', '"), path))
	return []string{path}, err
}

const nearLine = "link %f unlinked %f near_misses %d\n"

// linkedBy is the plan of the bench's configuration, without the tables.
func linkedBy() transform.Plan {
	return transform.Plan{
		CustomerID: "customer_id", CustomerName: "customer_name",
		Rules: []transform.Rule{{
			Name: "Account.ERP_Customer_ID__c=customer_id", AccountField: "ERP_Customer_ID__c", CustomerColumn: "customer_id",
			Steps: []string{"standard"}, Many: "accounts",
		}},
		Blanks:  []string{"", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd"},
		Primary: []string{"lookup", "billing_title", "has_email", "oldest"},
	}
}

// near times the link over the stage that crosswalk has just recorded, without near misses and with them, each as a
// process of its own.
func (b bench) near(ctx context.Context, dir string) (cost nearCost, err error) {
	stages, err := filepath.Glob(filepath.Join(dir, "state", "stages", "run_date=*"))
	if err != nil || len(stages) != 1 {
		return cost, errors.Join(fmt.Errorf("%d recorded stages below %s, want one", len(stages), dir), err)
	}
	work, log := filepath.Join(dir, "near"), filepath.Join(dir, "near.log")
	for _, without := range []bool{true, false} {
		args := []string{b.self, "-near", stages[0], "-dir", work}
		seconds := &cost.with
		if without {
			args, seconds = append(args, "-without"), &cost.without
		}
		if _, err := timed(ctx, log, args...); err != nil {
			return cost, err
		}
		text, err := os.ReadFile(log)
		if err != nil {
			return cost, err
		}
		if _, err := fmt.Sscanf(string(text), nearLine, seconds, &cost.unlinked, &cost.misses); err != nil {
			return cost, fmt.Errorf("%s: %w", log, err)
		}
		if err := os.RemoveAll(work); err != nil {
			return cost, err
		}
	}
	return cost, nil
}

// withoutNearMisses are the statements of the link with those emptied that look for near misses: their tables are made
// and have no rows, nothing is added to them, and everything behind them runs and finds none.
type withoutNearMisses struct{ fs.FS }

var writesTable = regexp.MustCompile(`(?m)^(CREATE TABLE [a-z_]+ AS|INSERT INTO [a-z_]+)$`)

// ReadFile is for fs.ReadFile.
func (w withoutNearMisses) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(w.FS, name)
	base := filepath.Base(name)
	place := writesTable.FindIndex(text)
	if err != nil || base < firstNear || base >= behindNear || place == nil {
		return text, err
	}
	body := strings.TrimSpace(string(text[place[1]:]))
	return []byte(string(text[:place[1]]) + "\nSELECT * FROM (\n" + body + "\n) LIMIT 0\n"), nil
}

// The statements that look for near misses are numbered so.
const firstNear, behindNear = "46_", "60_"
