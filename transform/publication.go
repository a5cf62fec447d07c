package transform

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strings"
)

// PublicationPlan names the tables of a publication and, where it is kept, the stage that it was made from. A relation
// without files is empty.
type PublicationPlan struct {
	Links      Relation
	Customers  Relation
	Accounts   Relation
	Contacts   Relation
	Exceptions Relation

	KeptAccounts Relation
	KeptContacts Relation
}

// Publication answers questions about single records of a publication. It belongs to one goroutine.
type Publication struct {
	db         *DB
	statements map[string]string // by name, such as "customer"
}

// OpenPublication lays views over the tables of a publication. files are the statements, sql.Explanation. It runs once in
// a database. Errors are *Error and the cause of a cancelled context.
func (d *DB) OpenPublication(ctx context.Context, files fs.FS, plan PublicationPlan) (*Publication, error) {
	found, err := readFolder(files, "explain")
	if err != nil {
		return nil, &Error{Statement: "files", Err: err}
	}
	p := &Publication{db: d, statements: map[string]string{}}
	for _, statement := range found {
		p.statements[strings.TrimSuffix(strings.TrimPrefix(statement.name, "explain/"), ".sql")] = statement.text
	}
	record := expression{"file_row_number", "record", "BIGINT"}
	for _, view := range []view{
		{"published_links", plan.Links.scan()},
		{"published_customers", plan.Customers.scan(record)},
		{"published_accounts", plan.Accounts.scan(record)},
		{"published_contacts", "SELECT customer_id, account_id, contact_id, " + plan.Contacts.personName() + " AS contact_name, source, is_primary, primary_reason FROM (" + plan.Contacts.scan() + ") AS read"},
		{"published_exceptions", plan.Exceptions.scan()},
		{"kept_accounts", plan.KeptAccounts.kept(named{"account_id", `"Id"`}, named{"account_name", plan.KeptAccounts.text("Name")},
			named{"is_deleted", plan.KeptAccounts.deleted()}, named{"master_id", plan.KeptAccounts.text("MasterRecordId")})},
		{"kept_contacts", plan.KeptContacts.kept(named{"contact_id", `"Id"`}, named{"contact_name", plan.KeptContacts.personName()},
			named{"account_id", plan.KeptContacts.text("AccountId")}, named{"is_deleted", plan.KeptContacts.deleted()})},
	} {
		if _, err := d.pool.ExecContext(ctx, fmt.Sprintf("CREATE VIEW %s AS %s", view.name, view.query)); err != nil {
			return nil, statementError(ctx, "view "+view.name, err)
		}
	}
	return p, nil
}

// personName is the name of a contact as text, from the fields that are there.
func (r Relation) personName() string {
	if _, found := r.column("Name"); found {
		return r.text("Name")
	}
	return fmt.Sprintf("nullif(trim(concat_ws(' ', %s, %s)), '')", r.text("FirstName"), r.text("LastName"))
}

// named is a column that a view computes under a name.
type named struct{ name, text string }

// kept selects columns from a part of the stage. Without files there is no row.
func (r Relation) kept(columns ...named) string {
	selected := make([]string, 0, len(columns))
	for _, column := range columns {
		text := column.text
		switch {
		case len(r.Files) > 0:
		case column.name == "is_deleted":
			text = "false"
		default:
			text = "CAST(NULL AS VARCHAR)"
		}
		selected = append(selected, text+" AS "+column.name)
	}
	if len(r.Files) == 0 {
		return "SELECT " + strings.Join(selected, ", ") + " WHERE false"
	}
	return "SELECT " + strings.Join(selected, ", ") + " FROM (" + r.scan() + ") AS read"
}

// Ask runs one of the questions of the explain folder by its name, with the values of its parameters. read gets each
// row's scan. Errors are *Error and the cause of a cancelled context.
func (p *Publication) Ask(ctx context.Context, question string, read func(scan func(...any) error) error, args ...any) error {
	text, found := p.statements[question]
	if !found {
		return &Error{Statement: "explain/" + question + ".sql", Err: fs.ErrNotExist}
	}
	rows, err := p.db.pool.QueryContext(ctx, text, args...)
	if err != nil {
		return statementError(ctx, "explain/"+question+".sql", err)
	}
	return statementError(ctx, "explain/"+question+".sql", each(rows, read))
}

// Step takes one step of a key; false where it leaves no key. A step that does not exist is a *PlanError.
func (p *Publication) Step(ctx context.Context, name, value string) (became string, isKey bool, err error) {
	step, err := parseStep(name)
	if err != nil {
		return "", false, &PlanError{Subject: "key", Problem: err.Error(), Code: exitConfig}
	}
	var found sql.NullString
	row := p.db.pool.QueryRowContext(ctx, "SELECT "+step.apply("value")+" FROM (SELECT CAST(? AS VARCHAR) AS value) AS given", value) //nolint:gosec // the step is one of a list, its argument quoted
	if err := row.Scan(&found); err != nil {
		return "", false, statementError(ctx, "step "+step.name, err)
	}
	return found.String, found.Valid, nil
}

// Carrier is a record whose identifier has a certain key.
type Carrier struct {
	ID         string
	Name       string
	Identifier string
	Status     string
}

// Carriers lists up to most records of a side, accounts or customers, whose column has the key under the steps, and
// counts them all. except is a record of that side to leave out, by its number; -1 leaves out none.
func (p *Publication) Carriers(ctx context.Context, side, column string, steps []string, key string, except int64, most int) (found []Carrier, all int64, err error) {
	parsed, err := parseSteps(steps)
	if err != nil {
		return nil, 0, &PlanError{Subject: "key", Problem: err.Error(), Code: exitConfig}
	}
	table, id, name := "published_accounts", "account_id", "account_name"
	if side == sideCustomers {
		table, id, name = "published_customers", "customer_id", "customer_name"
	}
	keyed := keyQuery(1, table, "record", column, parsed)
	//nolint:gosec // the tables are literals of this function, the column is quoted
	query := fmt.Sprintf("SELECT coalesce(p.%s, ''), coalesce(p.%s, ''), coalesce(k.identifier, ''), p.status, count(*) OVER () FROM (%s) AS k JOIN %s p ON p.record = k.%s WHERE k.link_key = ? AND p.record <> ? ORDER BY p.record LIMIT %d",
		id, name, keyed, table, recordAlias(table), most)
	rows, err := p.db.pool.QueryContext(ctx, query, key, except)
	if err != nil {
		return nil, 0, statementError(ctx, "carriers", err)
	}
	err = each(rows, func(scan func(...any) error) error {
		var c Carrier
		if err := scan(&c.ID, &c.Name, &c.Identifier, &c.Status, &all); err != nil {
			return err
		}
		found = append(found, c)
		return nil
	})
	return found, all, statementError(ctx, "carriers", err)
}

// Identifier is what a record has in a column, by the record's number; nothing where it is NULL or the publication lacks
// the column.
func (p *Publication) Identifier(ctx context.Context, side, column string, record int64) (identifier string, found bool, err error) {
	table := "published_accounts"
	if side == sideCustomers {
		table = "published_customers"
	}
	var value sql.NullString
	row := p.db.pool.QueryRowContext(ctx, fmt.Sprintf("SELECT CAST(%s AS VARCHAR) FROM %s WHERE record = ?", quoteName(column), table), record)
	if err := row.Scan(&value); err != nil {
		return "", false, statementError(ctx, "identifier", err)
	}
	return value.String, value.Valid, nil
}
