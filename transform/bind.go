package transform

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// view is a name for a part of the stage, or for what the statements need to know of it.
type view struct {
	name  string
	query string
}

// bind lays the views over the stage that the statements read, and fills the parameter tables. Column names and paths
// are quoted; values are bound.
func (d *DB) bind(ctx context.Context, plan Plan) error {
	for _, view := range plan.views() {
		text := fmt.Sprintf("CREATE VIEW %s AS %s", quoteName(view.name), view.query)
		if _, err := d.pool.ExecContext(ctx, text); err != nil {
			return statementError(ctx, "view "+view.name, err)
		}
	}
	return d.fillParameters(ctx, plan)
}

// views are in the order of their definition. The staged_ views hold the deleted records too, the salesforce_ views
// every field of the others; account, contact and erp_customer only what the link looks at.
func (p Plan) views() []view {
	views := []view{
		{"staged_account_fields", p.Accounts.scan()},
		{"staged_contact_fields", p.Contacts.scan()},
		{"erp_record", p.Customers.scan(p.Customers.rowNumber())},
		{"staged_account", `SELECT "Id" AS account_id, ` + p.Accounts.deleted() + ` AS is_deleted FROM staged_account_fields`},
		{"staged_contact", `SELECT "Id" AS contact_id, ` + p.Contacts.deleted() + ` AS is_deleted FROM staged_contact_fields`},
		{"salesforce_account", "SELECT * FROM staged_account_fields WHERE NOT " + p.Accounts.deleted()},
		{"salesforce_contact", "SELECT * FROM staged_contact_fields WHERE NOT " + p.Contacts.deleted()},
		{"account", fmt.Sprintf(`SELECT "Id" AS account_id, %s AS account_name, %s AS parent_id, %s AS created_microseconds FROM salesforce_account`,
			p.Accounts.text("Name"), p.Accounts.text("ParentId"), p.Accounts.microseconds("CreatedDate"))},
		{"contact", fmt.Sprintf(`SELECT "Id" AS contact_id, "AccountId" AS account_id, %s AS title, coalesce(%s, '') <> '' AS has_email, %s AS created_microseconds FROM salesforce_contact`,
			p.Contacts.text("Title"), p.Contacts.text("Email"), p.Contacts.microseconds("CreatedDate"))},
		{"erp_customer", p.customerQuery()},
		{"account_key", p.accountKeyQuery()},
		{"customer_key", p.customerKeyQuery()},
	}
	return slices.Concat(views, p.textViews(), p.sourceViews(), p.noteViews(), p.evidenceViews(), p.previousViews())
}

// scan reads the parts of a relation, column by column by name, with other expressions before them. A relation without
// parts has its columns and no row.
func (r Relation) scan(before ...expression) string {
	selected := make([]string, 0, len(before)+len(r.Columns))
	for _, e := range before {
		text := e.text
		if len(r.Files) == 0 {
			text = "CAST(NULL AS " + e.sqlType + ")"
		}
		selected = append(selected, text+" AS "+quoteName(e.name))
	}
	for _, column := range r.Columns {
		text := quoteName(column.Name)
		if len(r.Files) == 0 {
			text = fmt.Sprintf("CAST(NULL AS %s) AS %s", column.sqlType(), text)
		}
		selected = append(selected, text)
	}
	if len(r.Files) == 0 {
		return "SELECT " + strings.Join(selected, ", ") + " WHERE false"
	}
	return "SELECT " + strings.Join(selected, ", ") + " FROM " + r.reader()
}

// expression is a column that is computed from the others.
type expression struct {
	text    string
	name    string
	sqlType string
}

// sqlType is the SQL type of a staged column, for a relation that has no file to take it from.
func (c Column) sqlType() string {
	switch {
	case c.Type == "bool":
		return "BOOLEAN"
	case c.Type == "int32":
		return "INTEGER"
	case c.Type == "int64":
		return "BIGINT"
	case c.Type == "date32":
		return "DATE"
	case strings.HasPrefix(c.Type, "time64"):
		return "TIME"
	case strings.HasPrefix(c.Type, "timestamp"):
		return "TIMESTAMP WITH TIME ZONE"
	}
	if kind, size, found := strings.Cut(c.Type, "("); found && strings.HasPrefix(kind, "decimal") {
		return "DECIMAL(" + size
	}
	return "VARCHAR"
}

// deleted is true for a record in the recycle bin. A stage without the field holds none.
func (r Relation) deleted() string {
	if _, found := r.column("IsDeleted"); !found {
		return "false"
	}
	return `coalesce("IsDeleted", false)`
}

// text is a column as text, or NULL where the stage lacks it.
func (r Relation) text(name string) string {
	if _, found := r.column(name); name == "" || !found {
		return "CAST(NULL AS VARCHAR)"
	}
	return fmt.Sprintf("CAST(%s AS VARCHAR)", quoteName(name))
}

// microseconds is a time as microseconds since 1970, or NULL where the stage lacks it or holds no time.
func (r Relation) microseconds(name string) string {
	column, found := r.column(name)
	if !found || !strings.HasPrefix(column.Type, "timestamp") {
		return "CAST(NULL AS BIGINT)"
	}
	return fmt.Sprintf("epoch_us(%s)", quoteName(name))
}

// customerQuery gives each ERP row its id, its name and, as one value, all of its columns.
func (p Plan) customerQuery() string {
	content := make([]string, 0, len(p.Customers.Columns))
	for _, column := range p.Customers.Columns {
		content = append(content, quoteName(column.Name))
	}
	return fmt.Sprintf("SELECT customer_row, %s AS customer_id, %s AS customer_name, row(%s) AS content FROM erp_record",
		p.Customers.text(p.CustomerID), p.Customers.text(p.CustomerName), strings.Join(content, ", "))
}

func (p Plan) accountKeyQuery() string {
	return p.keyQueries(func(number int, rule Rule, steps []step) string {
		return keyQuery(number, "salesforce_account", "Id", rule.AccountField, steps)
	})
}

func (p Plan) customerKeyQuery() string {
	return p.keyQueries(func(number int, rule Rule, steps []step) string {
		return keyQuery(number, "erp_record", "customer_row", rule.CustomerColumn, steps)
	})
}

// textViews take the steps of the rules again on what the statements put into text_to_key.
func (p Plan) textViews() []view {
	name := func(number int) string { return fmt.Sprintf("text_of_rule_%d", number) }
	views := make([]view, 0, len(p.Rules)+1)
	for i := range p.Rules {
		views = append(views, view{name(i + 1), fmt.Sprintf("SELECT text FROM text_to_key WHERE rule = %d", i+1)})
	}
	keyed := p.keyQueries(func(number int, _ Rule, steps []step) string {
		return keyQuery(number, name(number), "text", "text", steps)
	})
	return append(views, view{"keyed_text", "SELECT rule, identifier AS text, link_key FROM (" + keyed + ") AS keyed"})
}

// keyQueries joins the queries of the rules, which are numbered from 1. The steps were checked with the plan.
func (p Plan) keyQueries(query func(number int, rule Rule, steps []step) string) string {
	queries := make([]string, 0, len(p.Rules))
	for i, rule := range p.Rules {
		steps, _ := parseSteps(rule.Steps)
		queries = append(queries, query(i+1, rule, steps))
	}
	return strings.Join(queries, " UNION ALL ")
}
