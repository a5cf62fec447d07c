package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"crosswalk/extract"
	"crosswalk/extract/salesforce"
	"crosswalk/load"
	"crosswalk/transform"
)

const (
	objectAccount  = "Account"
	objectContact  = "Contact"
	fieldIsDeleted = "IsDeleted"
)

// systemFields are what the link itself reads beside the configured fields, where the user may see them. Without
// IsDeleted only living rows are asked for; without the others their criterion does not apply.
var systemFields = map[string][]string{
	objectAccount: {"ParentId", "CreatedDate", fieldIsDeleted, "MasterRecordId"},
	objectContact: {"Email", "Title", "CreatedDate", fieldIsDeleted},
}

// fieldSet is what an object has: its describe, or what of it was staged.
type fieldSet interface{ Has(field string) bool }

// wantedFields lists what to select from object: its keys, the configured fields, those of the rules, and the system
// fields that the describe shows. Each once; a field of the configuration that does not exist is left to be refused.
func wantedFields(config *Config, object string, describe fieldSet) []string {
	fields := []string{"Id"}
	if object == objectContact {
		fields = append(fields, "AccountId")
	}
	fields = append(fields, config.Salesforce.Objects[object].Fields...)
	if object == objectAccount {
		fields = append(fields, sourceFields(config.Contacts)...)
	}
	for _, rule := range config.Link {
		if of, field, ok := strings.Cut(rule.Salesforce, "."); ok && of == object {
			fields = append(fields, field)
		}
	}
	for _, field := range systemFields[object] {
		if describe.Has(field) {
			fields = append(fields, field)
		}
	}
	var wanted []string
	for _, field := range fields {
		if !slices.ContainsFunc(wanted, func(other string) bool { return strings.EqualFold(field, other) }) {
			wanted = append(wanted, field)
		}
	}
	return wanted
}

// sourceFields are the fields of an account that lead to further contacts.
func sourceFields(config ContactsConfig) []string {
	fields := slices.Clone(config.Lookups)
	if config.ChildAccounts > 0 {
		fields = append(fields, "ParentId")
	}
	if config.Owner {
		fields = append(fields, "OwnerId")
	}
	return fields
}

// wantedUserFields are what a user has of a contact: the configured fields that he has too, and what tells the primary
// contact. Paths lead elsewhere from a user, and his AccountId is that of a portal.
func wantedUserFields(config *Config, describe *salesforce.Describe) []string {
	wanted := []string{"Id"}
	for _, field := range append(slices.Clone(config.Salesforce.Objects[objectContact].Fields), systemFields[objectContact]...) {
		known := slices.ContainsFunc(wanted, func(other string) bool { return strings.EqualFold(field, other) })
		if !known && describe.Has(field) && !strings.EqualFold(field, "AccountId") {
			wanted = append(wanted, field)
		}
	}
	return wanted
}

// lookupProblem tells of a configured lookup that leads to no contact.
func lookupProblem(config *Config, describe *salesforce.Describe) error {
	for _, lookup := range config.Contacts.Lookups {
		if field, ok := describe.Field(lookup); ok {
			if err := leadsElsewhere(field); err != nil {
				return err
			}
		}
	}
	return nil
}

// leadsElsewhere refuses a field of Account as a lookup of contacts, unless it is one.
func leadsElsewhere(field salesforce.Field) error {
	if slices.Contains(field.ReferenceTo, objectContact) {
		return nil
	}
	leads := "is of type " + field.Type + ", no lookup"
	if len(field.ReferenceTo) > 0 {
		leads = "looks up " + strings.Join(field.ReferenceTo, ", ")
	}
	return &UsageError{
		Problem: "contacts.lookups: " + objectAccount + "." + field.Name + " " + leads + ", and not Contact",
		Fix:     "name fields of Account that look up a Contact",
	}
}

// linkPlan says to the transform what to link, from which files, by which rules.
func linkPlan(config *Config, stage *recorded) (transform.Plan, error) {
	plan := transform.Plan{
		CustomerID: config.ERP.CustomerID, CustomerName: config.ERP.CustomerName,
		Attributes: attributes(config), Blanks: config.BlankIdentifiers, Primary: config.Contacts.Primary, ChildLevels: config.Contacts.ChildAccounts,
	}
	relations := []wantedRelation{
		{sourceSalesforce, objectAccount, &plan.Accounts},
		{sourceSalesforce, objectContact, &plan.Contacts},
		{sourceERP, tableCustomers, &plan.Customers},
	}
	if config.Contacts.Owner {
		relations = append(relations, wantedRelation{sourceSalesforce, objectUser, &plan.Owners})
	}
	for _, want := range relations {
		table, err := stage.Table(want.source, want.name)
		if want.name == objectUser && errors.Is(err, fs.ErrNotExist) {
			return transform.Plan{}, &transform.PlanError{Subject: "users", Problem: "none in the stage, where contacts.owner asks for them", Code: exitStage}
		}
		if err != nil {
			return transform.Plan{}, err
		}
		*want.relation = relationOf(stage, table)
	}
	var err error
	if plan.Accounts, err = asConfigured(config, objectAccount, plan.Accounts); err != nil {
		return transform.Plan{}, err
	}
	if plan.Contacts, err = asConfigured(config, objectContact, plan.Contacts); err != nil {
		return transform.Plan{}, err
	}
	for _, lookup := range config.Contacts.Lookups {
		plan.Lookups = append(plan.Lookups, stagedName(plan.Accounts, lookup))
	}
	plan.Rules, err = linkRules(config, plan.Accounts)
	return plan, err
}

// asConfigured is a staged object with the columns that a run by this configuration stages, in their order. What an
// earlier one asked for beside them is not published; what it did not ask for is not there.
func asConfigured(config *Config, object string, staged transform.Relation) (transform.Relation, error) {
	wanted := transform.Relation{Files: staged.Files}
	var absent []string
	for _, field := range wantedFields(config, object, stagedFields(staged)) {
		i := slices.IndexFunc(staged.Columns, func(column transform.Column) bool { return strings.EqualFold(column.Name, field) })
		if i < 0 {
			absent = append(absent, fmt.Sprintf("%q", field))
			continue
		}
		wanted.Columns = append(wanted.Columns, staged.Columns[i])
	}
	if len(absent) > 0 {
		return wanted, &transform.PlanError{
			Subject: strings.ToLower(object) + "s", Problem: "no column " + strings.Join(absent, ", ") + " in the stage", Code: exitStage,
		}
	}
	return wanted, nil
}

// stagedFields are the fields of an object that were staged.
type stagedFields transform.Relation

// Has tells whether one of them has that name, in any case.
func (s stagedFields) Has(field string) bool {
	return slices.ContainsFunc(s.Columns, func(column transform.Column) bool { return strings.EqualFold(column.Name, field) })
}

// linkRules are the configured rules over the staged accounts.
func linkRules(config *Config, accounts transform.Relation) ([]transform.Rule, error) {
	fields, _, err := recordedFields(accounts)
	if err != nil {
		return nil, err
	}
	var rules []transform.Rule
	for _, rule := range config.Link {
		_, name, _ := strings.Cut(rule.Salesforce, ".")
		field := stagedName(accounts, name)
		rules = append(rules, transform.Rule{
			Name: rule.Salesforce + "=" + rule.ERP, AccountField: field, CustomerColumn: rule.ERP,
			Steps: rule.Key, Many: rule.Many, HoldsNumbers: holdsNumbers(fields[field]),
		})
	}
	return rules, nil
}

// wantedRelation is a staged table and where the plan has it.
type wantedRelation struct {
	source, name string
	relation     *transform.Relation
}

// attributes name the ERP's columns for what both systems may know of a customer.
func attributes(config *Config) []transform.Attribute {
	known := transform.CustomerAttributes()
	for i := range known {
		known[i].Column = config.ERP.Attributes[known[i].Name]
		if known[i].Name == "name" {
			known[i].Column = config.ERP.CustomerName
		}
	}
	return known
}

func relationOf(stage *recorded, table extract.Table) transform.Relation {
	relation := transform.Relation{Files: stage.Files(table)}
	for _, column := range table.Columns {
		relation.Columns = append(relation.Columns, transform.Column{Name: column.Name, Type: column.Type})
	}
	return relation
}

// stagedName is the column of relation that is field: Salesforce's names are not case-sensitive.
func stagedName(relation transform.Relation, field string) string {
	for _, column := range relation.Columns {
		if strings.EqualFold(column.Name, field) {
			return column.Name
		}
	}
	return field
}

// resultTables are the tables of the result as load writes them.
func resultTables(plan transform.Plan) []load.Table {
	var tables []load.Table
	for _, result := range plan.Results() {
		tables = append(tables, load.Table{Name: result.Name, OrderBy: result.OrderBy})
	}
	return tables
}
