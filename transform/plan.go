package transform

import (
	"fmt"
	"slices"
	"strings"
)

// Column is a column of a staged relation. Type is the Arrow type as text, such as "utf8" or "decimal(18, 2)".
type Column struct {
	Name string
	Type string
}

// Relation is a staged table: its Parquet parts, none where it has no rows, and its columns in their order.
type Relation struct {
	Files   []string
	Columns []Column
}

// column finds a column by its name, as DuckDB does: case does not matter.
func (r Relation) column(name string) (Column, bool) {
	i := slices.IndexFunc(r.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) })
	if i < 0 {
		return Column{}, false
	}
	return r.Columns[i], true
}

// Rule is one way to link. Name goes into link_rule. AccountField is a column of the accounts, CustomerColumn one of
// the customers. Steps are as KeySteps takes them. Many is the side that may share an identifier: accounts, customers,
// both or none. HoldsNumbers says that the field in Salesforce holds numbers alone, however it is staged.
type Rule struct {
	Name           string
	AccountField   string
	CustomerColumn string
	Steps          []string
	Many           string
	HoldsNumbers   bool
}

func (r Rule) accountsShare() bool  { return r.Many == "accounts" || r.Many == "both" }
func (r Rule) customersShare() bool { return r.Many == "customers" || r.Many == "both" }

// Plan is what to link with what.
type Plan struct {
	Accounts  Relation
	Contacts  Relation
	Customers Relation
	// Previous is the table customers of the last publication, as Parquet or CSV; without a file there is none, and
	// nothing has changed.
	Previous Relation
	// CustomerID and CustomerName are columns of Customers; CustomerName may be empty.
	CustomerID   string
	CustomerName string
	// Attributes are what is said of a customer by the ERP or else by its primary account.
	Attributes []Attribute
	// Rules are tried in order; at least one.
	Rules []Rule
	// Blanks are the spellings of "no identifier".
	Blanks []string
	// Primary are the criteria for the primary contact, in order: lookup, billing_title, has_email, oldest.
	Primary []string
	// Lookups are fields of the accounts that hold a contact's id; those contacts come to the customer too, in this
	// order of strength.
	Lookups []string
	// ChildLevels is how many levels of child accounts bring their contacts to the customer of the account above them.
	ChildLevels int
	// Owners are the users; without a column the owner of an account is no contact of its customer.
	Owners Relation
	// PublishNotes makes notes an output. Notes are Salesforce's classic notes, ContentNotes the enhanced ones, which hang
	// on records by NoteLinks; any of them has no column where the org does not know the object.
	PublishNotes bool
	Notes        Relation
	ContentNotes Relation
	NoteLinks    Relation
}

var primaryCriteria = []string{"lookup", "billing_title", "has_email", "oldest"}

// check refuses a plan that cannot be carried out; the error is a *PlanError.
func (p Plan) check() error {
	if len(p.Rules) == 0 {
		return &PlanError{Subject: "rules", Problem: "none", Code: exitConfig}
	}
	for _, rule := range p.Rules {
		if err := p.checkRule(rule); err != nil {
			return err
		}
	}
	if err := p.checkPrimary(); err != nil {
		return err
	}
	if err := p.checkSources(); err != nil {
		return err
	}
	return p.checkColumns()
}

func (p Plan) checkRule(rule Rule) error {
	subject := "rule " + rule.Name
	if _, err := parseSteps(rule.Steps); err != nil {
		return &PlanError{Subject: subject, Problem: err.Error(), Code: exitConfig}
	}
	if !slices.Contains([]string{"accounts", "customers", "both", "none"}, rule.Many) {
		return &PlanError{Subject: subject, Problem: fmt.Sprintf("many is %q: want accounts, customers, both or none", rule.Many), Code: exitConfig}
	}
	if _, found := p.Accounts.column(rule.AccountField); !found {
		return missing("accounts", rule.AccountField)
	}
	if _, found := p.Customers.column(rule.CustomerColumn); !found {
		return missing("customers", rule.CustomerColumn)
	}
	return nil
}

func (p Plan) checkPrimary() error {
	seen := map[string]bool{}
	for _, criterion := range p.Primary {
		if !slices.Contains(primaryCriteria, criterion) || seen[criterion] {
			return &PlanError{Subject: "primary contact", Problem: fmt.Sprintf("criterion %q: want %s, each once", criterion, strings.Join(primaryCriteria, ", ")), Code: exitConfig}
		}
		seen[criterion] = true
	}
	return nil
}

func (p Plan) checkColumns() error {
	needs := []struct {
		relation Relation
		name     string
		columns  []string
		taken    []string
	}{
		{p.Accounts, "accounts", append([]string{"Id"}, p.Lookups...), accountColumns},
		{p.Contacts, "contacts", []string{"Id", "AccountId"}, contactColumns},
		{p.Customers, "customers", []string{p.CustomerID}, rowColumns},
	}
	for _, need := range needs {
		for _, column := range need.columns {
			if _, found := need.relation.column(column); !found {
				return missing(need.name, column)
			}
		}
		if err := checkNames(need.name, need.relation.Columns, need.taken); err != nil {
			return err
		}
	}
	if _, found := p.Customers.column(p.CustomerName); p.CustomerName != "" && !found {
		return missing("customers", p.CustomerName)
	}
	return nil
}

// checkNames refuses column names that DuckDB could not tell apart, for it does not look at case.
func checkNames(relation string, columns []Column, taken []string) error {
	seen := map[string]bool{}
	for _, name := range taken {
		seen[name] = true
	}
	for _, column := range columns {
		folded := strings.ToLower(column.Name)
		if seen[folded] {
			return &PlanError{
				Subject: relation, Problem: fmt.Sprintf("column %q is there twice, or crosswalk has a column of that name itself", column.Name),
				Fix: "give the column another name where it is exported", Code: exitInput,
			}
		}
		seen[folded] = true
	}
	return nil
}

func missing(relation, column string) error {
	return &PlanError{Subject: relation, Problem: fmt.Sprintf("no column %q in the stage", column), Code: exitInput}
}
