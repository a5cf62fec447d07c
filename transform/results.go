package transform

import (
	"slices"
	"strings"
)

// The columns that the link adds, before the columns that pass through.
var (
	linkColumns      = []string{"customer_id", "account_id", "link_key", "link_rule", "account_rank"}
	customerColumns  = []string{"customer_id", "customer_name", "identifier", "link_key", "status", "reason", "link_rule", "account_id", "account_ids", "account_count", "contact_count"}
	accountColumns   = []string{"account_id", "account_name", "identifier", "link_key", "status", "reason", "link_rule", "customer_id", "customer_count", "contact_count"}
	contactColumns   = []string{"customer_id", "account_id", "contact_id", "source", "is_primary", "primary_reason"}
	noteColumns      = []string{"customer_id", "account_id", "note_id", "parent_id"}
	changeColumns    = []string{"customer_id", "account_id", "change", "before", "after"}
	exceptionColumns = []string{"side", "object", "record_id", "record_name", "identifier", "link_key", "status", "reason", "detail", "candidate_id", "candidate_name", "candidate_identifier", "suggestion"}
	// rowColumns are the names for the place of a row, DuckDB's and ours; an ERP column of that name would hide them.
	rowColumns = []string{"file_index", "file_row_number", "customer_row"}
)

// IsTaken tells whether a field of an Account or a Contact would have the name of a column that the link adds to its
// table. DuckDB does not look at case.
func IsTaken(object, field string) bool {
	taken := map[string][]string{"Account": accountColumns, "Contact": contactColumns}[object]
	return slices.ContainsFunc(taken, func(name string) bool { return strings.EqualFold(name, field) })
}

// Result is a view that holds an output. OrderBy are the columns, ascending with NULL last and text by bytes, by which
// it is sorted: rows that agree in all of them are equal, so equal inputs give equal files.
type Result struct {
	Name    string
	OrderBy []string
}

// Results lists the outputs that stand in the database after Link; notes only where the plan publishes them.
func (p Plan) Results() []Result {
	results := []Result{
		{Name: "links", OrderBy: linkColumns},
		{Name: "customers", OrderBy: p.customerOrder()},
		{Name: "accounts", OrderBy: []string{"account_id", "account_name"}},
		{Name: "contacts", OrderBy: contactColumns},
		{Name: "exceptions", OrderBy: exceptionColumns},
		{Name: "changes", OrderBy: changeColumns},
	}
	if p.PublishNotes {
		results = append(results, Result{Name: "notes", OrderBy: noteColumns})
	}
	return results
}

// customerOrder ends with every ERP column: customers that share their id and name differ in one of them.
func (p Plan) customerOrder() []string {
	order := slices.Clone(customerColumns[:2])
	for _, column := range p.Customers.Columns {
		if column.Name != p.CustomerID && column.Name != p.CustomerName {
			order = append(order, erpPrefix+column.Name)
		}
	}
	return order
}

// erpPrefix stands before the name of each ERP column that passes through.
const erpPrefix = "erp_"
