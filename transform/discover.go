package transform

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// DiscoverColumn is a column that may hold the identifier: a field of the accounts or a column of the customers.
// HoldsRecordIDs says that its values are ids of Salesforce records.
type DiscoverColumn struct {
	Name           string
	HoldsRecordIDs bool
}

// DiscoverPlan is where to look for the identifier that both sides carry.
type DiscoverPlan struct {
	Accounts  Relation
	Customers Relation
	// CustomerID is a column of Customers: rows that share it and are equal in every column are one customer.
	CustomerID string
	// AccountFields and CustomerColumns are what is compared, every one with every one; columns of the relations.
	AccountFields   []DiscoverColumn
	CustomerColumns []DiscoverColumn
	// Asked are pairs, account field and customer column, that are measured however little they have in common.
	Asked [][2]string
	// Blanks are the spellings of "no identifier".
	Blanks []string
	// SampledKeys is about how many keys of a column the first look takes, 0 for 20,000; smaller columns are taken whole.
	SampledKeys int64
	// Pairs is how many of the promising pairs are measured, 0 for 60.
	Pairs int64
}

const (
	defaultSampledKeys = 20_000
	defaultPairs       = 60
)

// Discovery is a search under way: what the first look found, and the tables to measure more closely. It belongs to one
// goroutine, and ends with its database.
type Discovery struct {
	// Accounts and Customers count the records: accounts that are not deleted, ERP rows of which equal ones are one.
	Accounts  int64
	Customers int64
	// Modulus is 1 where every key was looked at, n where one of n was: then counts of Pairs are n times what was seen.
	Modulus int64
	Columns []ColumnFacts
	Pairs   []PairFacts

	db    *DB
	plan  DiscoverPlan
	looks []statement // run once for each look
}

// Trial is a pair under one key.
type Trial struct {
	AccountField   string
	CustomerColumn string
	Key            string
}

// Discover looks for the identifier in the stage that the plan names: each field of the accounts with each column of the
// customers, under each key that is tried. Columns are compared by their distinct keys, of large ones a sample, and only
// pairs that have keys in common are measured. files are the statements, sql.Discovery. It runs once in a database, in
// which Link did not run. Errors are *PlanError, *Error, and the cause of a cancelled context.
func (d *DB) Discover(ctx context.Context, files fs.FS, plan DiscoverPlan) (*Discovery, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	found, err := readFolder(files, "discover")
	if err != nil {
		return nil, &Error{Statement: "files", Err: err}
	}
	search := &Discovery{db: d, plan: plan}
	search.looks = slices.DeleteFunc(slices.Clone(found), statement.isPreparation)
	if err := search.bind(ctx, slices.DeleteFunc(found, func(s statement) bool { return !s.isPreparation() })); err != nil {
		return nil, err
	}
	return search, search.look(ctx)
}

// isPreparation tells a statement of discover that runs once from one that runs anew for each look.
func (s statement) isPreparation() bool { return s.name < "discover/2" }

func columnNames(columns []DiscoverColumn) []string {
	names := make([]string, 0, len(columns))
	for _, column := range columns {
		names = append(names, column.Name)
	}
	return names
}

func (p DiscoverPlan) check() error {
	for _, column := range append([]string{"Id"}, columnNames(p.AccountFields)...) {
		if _, found := p.Accounts.column(column); !found {
			return missing("accounts", column)
		}
	}
	for _, column := range append([]string{p.CustomerID}, columnNames(p.CustomerColumns)...) {
		if _, found := p.Customers.column(column); !found {
			return missing("customers", column)
		}
	}
	if err := checkNames("accounts", p.Accounts.Columns, nil); err != nil {
		return err
	}
	return checkNames("customers", p.Customers.Columns, rowColumns)
}

// bind lays the views over the stage and runs what runs once.
func (s *Discovery) bind(ctx context.Context, preparations []statement) error {
	link := Plan{Accounts: s.plan.Accounts, Customers: s.plan.Customers, CustomerID: s.plan.CustomerID}
	for _, view := range []view{
		{"staged_account_fields", link.Accounts.scan()},
		{"salesforce_account", "SELECT * FROM staged_account_fields WHERE NOT " + link.Accounts.deleted()},
		{"erp_record", link.Customers.scan(link.Customers.rowNumber())},
		{"erp_customer", link.customerQuery()},
	} {
		if err := s.exec(ctx, "view "+view.name, fmt.Sprintf("CREATE VIEW %s AS %s", view.name, view.query)); err != nil {
			return err
		}
	}
	for _, blank := range s.plan.Blanks {
		if err := s.exec(ctx, "parameters of blank_identifier", "INSERT INTO blank_identifier VALUES (?)", blank); err != nil {
			return err
		}
	}
	for _, name := range []string{"11_customer.sql", "12_blank.sql"} { // customers and blanks are those of the link
		i := slices.IndexFunc(s.db.statements.link, func(s statement) bool { return s.name == name })
		if i < 0 {
			return &Error{Statement: name, Err: fs.ErrNotExist}
		}
		if err := s.db.execute(ctx, s.db.statements.link[i]); err != nil {
			return err
		}
	}
	for _, statement := range preparations {
		if err := s.db.execute(ctx, statement); err != nil {
			return err
		}
	}
	return s.fillColumns(ctx)
}

// fillColumns tells the statements which columns hold ids of records.
func (s *Discovery) fillColumns(ctx context.Context) error {
	for side, columns := range map[string][]DiscoverColumn{sideAccounts: s.plan.AccountFields, sideCustomers: s.plan.CustomerColumns} {
		for i, column := range columns {
			if err := s.exec(ctx, "parameters of discovered_column", "INSERT INTO discovered_column VALUES (?, ?, ?)", side, i+1, column.HoldsRecordIDs); err != nil {
				return err
			}
		}
	}
	return nil
}

// bindValues lays the view column_value over the columns that isWanted names: one row for each value that is there. A
// column's number is its place in the plan, from 1.
func (s *Discovery) bindValues(ctx context.Context, isWanted func(side, column string) bool) error {
	queries := []string{"SELECT '' AS side, 0 AS field, '' AS value WHERE false"}
	for i, column := range s.plan.AccountFields {
		if isWanted(sideAccounts, column.Name) {
			queries = append(queries, fmt.Sprintf("SELECT 'accounts' AS side, %d AS field, CAST(%s AS VARCHAR) AS value FROM salesforce_account WHERE %[2]s IS NOT NULL", i+1, quoteName(column.Name)))
		}
	}
	for i, column := range s.plan.CustomerColumns {
		if isWanted(sideCustomers, column.Name) {
			queries = append(queries, fmt.Sprintf("SELECT 'customers' AS side, %d AS field, CAST(%s AS VARCHAR) AS value FROM erp_record WHERE %[2]s IS NOT NULL AND customer_row NOT IN (SELECT customer_row FROM repeated_row)", i+1, quoteName(column.Name)))
		}
	}
	return s.exec(ctx, "view column_value", "CREATE OR REPLACE VIEW column_value AS "+strings.Join(queries, " UNION ALL "))
}

func (s *Discovery) exec(ctx context.Context, what, text string, args ...any) error {
	_, err := s.db.pool.ExecContext(ctx, text, args...)
	return statementError(ctx, what, err)
}
