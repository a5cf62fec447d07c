package transform

import (
	"context"
	"fmt"
)

// Accounting counts the records of each status; a status that no record has is 0. The sums are proved against the
// inputs.
type Accounting struct {
	Customers map[string]int64
	Accounts  map[string]int64
	Contacts  map[string]int64
	Notes     map[string]int64
	// LinkRows, ContactRows and NoteRows are the rows of those outputs: a record has one for each customer that it comes
	// to, and owners are not among Contacts.
	LinkRows    int64
	ContactRows int64
	NoteRows    int64
	// ExactDuplicatesDropped are ERP rows equal in every column to another one, counted apart from the customers that are left.
	ExactDuplicatesDropped int64
	// DeletedAccounts, DeletedContacts and DeletedNotes are staged records in the recycle bin, which have no row.
	DeletedAccounts int64
	DeletedContacts int64
	DeletedNotes    int64
	// Read are the records that the link read of each kind, the deleted ones too: accounts, contacts, owners, notes and
	// note_links.
	Read map[string]int64
}

// Link runs the statements over the stage that the plan names and returns the count of every status. Before each
// statement progress, which may be nil, hears its name. Afterwards the views of Plan.Results stand in the database.
//
// Errors are *PlanError for a plan that cannot be carried out, *CheckError for a proof that does not hold (records
// received twice, sums that do not close), *Error for a statement that fails, and the cause of a cancelled context.
func (d *DB) Link(ctx context.Context, plan Plan, progress func(statement string)) (*Accounting, error) {
	if err := plan.check(); err != nil {
		return nil, err
	}
	if err := d.bind(ctx, plan); err != nil {
		return nil, err
	}
	for _, statement := range d.statements.link {
		if progress != nil {
			progress(statement.name)
		}
		if err := d.run(ctx, statement, plan); err != nil {
			return nil, err
		}
	}
	if err := d.bindCustomers(ctx, plan); err != nil {
		return nil, err
	}
	return d.accounting(ctx)
}

func (d *DB) run(ctx context.Context, statement statement, plan Plan) error {
	switch {
	case statement.isCheck():
		return d.check(ctx, statement)
	case statement.perRule():
		for rule := 1; rule <= len(plan.Rules); rule++ {
			if err := d.execute(ctx, statement, rule); err != nil {
				return err
			}
		}
		return nil
	case statement.perLevel():
		return d.descend(ctx, statement, plan.ChildLevels)
	default:
		return d.execute(ctx, statement)
	}
}

// descend runs a statement level by level, as long as a level has rows.
func (d *DB) descend(ctx context.Context, statement statement, levels int) error {
	for level := 1; level <= levels; level++ {
		result, err := d.pool.ExecContext(ctx, statement.text, level)
		if err != nil {
			return statementError(ctx, statement.name, err)
		}
		if rows, err := result.RowsAffected(); err != nil || rows == 0 {
			return statementError(ctx, statement.name, err)
		}
	}
	return nil
}

// check runs a statement whose rows are a problem and the number of records that have it.
func (d *DB) check(ctx context.Context, statement statement) error {
	rows, err := d.pool.QueryContext(ctx, statement.text)
	if err != nil {
		return statementError(ctx, statement.name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		broken := &CheckError{Check: statement.name, Code: checkCode(statement)}
		if err := rows.Scan(&broken.Problem, &broken.Records); err != nil {
			return statementError(ctx, statement.name, err)
		}
		if broken.Records != 0 {
			return broken
		}
	}
	return statementError(ctx, statement.name, rows.Err())
}

// checkCode blames Salesforce for what was received, and the link for the rest.
func checkCode(statement statement) int {
	if statement.name == receivedOnce {
		return exitSource
	}
	return exitBug
}

const receivedOnce = "10_check_received_once.sql"

func (d *DB) bindCustomers(ctx context.Context, plan Plan) error {
	if _, err := d.pool.ExecContext(ctx, "CREATE TABLE customer_fact AS "+plan.primaryFactsQuery()); err != nil {
		return statementError(ctx, "table customer_fact", err)
	}
	_, err := d.pool.ExecContext(ctx, "CREATE VIEW customers AS "+plan.customersQuery())
	return statementError(ctx, "view customers", err)
}

// fillParameters puts the configured rules and values where the statements read them.
func (d *DB) fillParameters(ctx context.Context, plan Plan) error {
	insert := func(table, text string, args ...any) error {
		_, err := d.pool.ExecContext(ctx, "INSERT INTO "+table+" VALUES "+text, args...) //nolint:gosec // both are literals of this function
		return statementError(ctx, "parameters of "+table, err)
	}
	for i, rule := range plan.Rules {
		if err := insert("rule", "(?, ?, ?, ?, ?, ?, ?, ?)", i+1, rule.Name, rule.accountsShare(), rule.customersShare(), rule.AccountField, rule.CustomerColumn, rule.CustomerColumn == plan.CustomerID, plan.isNumberField(rule)); err != nil {
			return err
		}
		steps, err := parseSteps(rule.Steps)
		if err != nil {
			return &PlanError{Subject: "rule " + rule.Name, Problem: err.Error(), Code: exitConfig}
		}
		for j, step := range steps {
			if err := insert("key_step", "(?, ?, ?, nullif(?, ''))", i+1, j+1, step.name, step.argument); err != nil {
				return err
			}
		}
	}
	for _, blank := range plan.Blanks {
		if err := insert("blank_identifier", "(?)", blank); err != nil {
			return err
		}
	}
	for i, criterion := range plan.Primary {
		if err := insert("primary_criterion", "(?, ?)", i+1, criterion); err != nil {
			return err
		}
	}
	return nil
}

// isNumberField tells a rule whose field in Salesforce holds numbers alone.
func (p Plan) isNumberField(rule Rule) bool {
	column, found := p.Accounts.column(rule.AccountField)
	return rule.HoldsNumbers || found && column.sqlType() != "VARCHAR" && isIdentifierType(column)
}

// The statuses of design: a manifest has each of them as a key, also at 0.
var (
	customerStatuses = []string{"linked", "linked_many", "blank_identifier", "key_collision", "duplicate_identifier", "near_miss", "not_found"}
	accountStatuses  = []string{"linked", "blank_identifier", "key_collision", "duplicate_identifier", "near_miss", "not_found"}
	contactStatuses  = []string{"published", "no_account", "account_not_linked"}
	noteStatuses     = []string{"published", "private", "parent_not_published"}
)

func (d *DB) accounting(ctx context.Context) (*Accounting, error) {
	sums := &Accounting{Customers: zeros(customerStatuses), Accounts: zeros(accountStatuses), Contacts: zeros(contactStatuses), Notes: zeros(noteStatuses)}
	rows, err := d.pool.QueryContext(ctx, "SELECT object, status, records FROM accounting")
	if err != nil {
		return nil, statementError(ctx, "accounting", err)
	}
	defer func() { _ = rows.Close() }()
	objects := map[string]map[string]int64{"customer": sums.Customers, "account": sums.Accounts, "contact": sums.Contacts, "note": sums.Notes}
	for rows.Next() {
		var object, status string
		var records int64
		if err := rows.Scan(&object, &status, &records); err != nil {
			return nil, statementError(ctx, "accounting", err)
		}
		if _, known := objects[object][status]; !known {
			return nil, &CheckError{Check: "accounting", Problem: fmt.Sprintf("%ss of the unknown status %s", object, status), Records: records, Code: exitBug}
		}
		objects[object][status] = records
	}
	if err := rows.Err(); err != nil {
		return nil, statementError(ctx, "accounting", err)
	}
	row := d.pool.QueryRowContext(ctx, "SELECT exact_duplicates, staged_accounts - accounts, staged_contacts - contacts, staged_notes - notes, link_rows, contact_rows, note_rows FROM totals")
	err = row.Scan(&sums.ExactDuplicatesDropped, &sums.DeletedAccounts, &sums.DeletedContacts, &sums.DeletedNotes, &sums.LinkRows, &sums.ContactRows, &sums.NoteRows)
	if err != nil {
		return nil, statementError(ctx, "totals", err)
	}
	sums.Read, err = d.read(ctx)
	return sums, err
}

// read counts the ids of what was staged, by a query that shares nothing with the link but the views over the stage.
func (d *DB) read(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	rows, err := d.pool.QueryContext(ctx, `SELECT 'accounts', count(account_id) FROM staged_account UNION ALL
		SELECT 'contacts', count(contact_id) FROM staged_contact UNION ALL
		SELECT 'owners', count(contact_id) FROM staged_owner UNION ALL
		SELECT 'notes', count(note_id) FROM staged_note UNION ALL
		SELECT 'note_links', count(link_id) FROM staged_note_link`)
	if err != nil {
		return nil, statementError(ctx, "records read", err)
	}
	err = each(rows, func(scan func(...any) error) error {
		var kind string
		var records int64
		err := scan(&kind, &records)
		counts[kind] = records
		return err
	})
	return counts, statementError(ctx, "records read", err)
}

func zeros(statuses []string) map[string]int64 {
	counts := make(map[string]int64, len(statuses))
	for _, status := range statuses {
		counts[status] = 0
	}
	return counts
}
