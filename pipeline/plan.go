package pipeline

import (
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

// wantedFields lists what to select from object: its keys, the configured fields, those of the rules, and the system
// fields that the describe shows. Each once; a field of the configuration that does not exist is left to be refused.
func wantedFields(config *Config, object string, describe *salesforce.Describe) []string {
	fields := []string{"Id"}
	if object == objectContact {
		fields = append(fields, "AccountId")
	}
	fields = append(fields, config.Salesforce.Objects[object].Fields...)
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

// linkPlan says to the transform what to link, from which files, by which rules.
func linkPlan(config *Config, stage *recorded) (transform.Plan, error) {
	plan := transform.Plan{
		CustomerID: config.ERP.CustomerID, CustomerName: config.ERP.CustomerName,
		Attributes: attributes(config), Blanks: config.BlankIdentifiers, Primary: config.Contacts.Primary, Lookups: config.Contacts.Lookups,
	}
	relations := []struct {
		source, name string
		relation     *transform.Relation
	}{
		{sourceSalesforce, objectAccount, &plan.Accounts},
		{sourceSalesforce, objectContact, &plan.Contacts},
		{sourceERP, tableCustomers, &plan.Customers},
	}
	for _, want := range relations {
		table, err := stage.Table(want.source, want.name)
		if err != nil {
			return transform.Plan{}, err
		}
		*want.relation = relationOf(stage, table)
	}
	for _, rule := range config.Link {
		_, field, _ := strings.Cut(rule.Salesforce, ".")
		plan.Rules = append(plan.Rules, transform.Rule{
			Name: rule.Salesforce + "=" + rule.ERP, AccountField: stagedName(plan.Accounts, field), CustomerColumn: rule.ERP,
			Steps: rule.Key, Many: rule.Many,
		})
	}
	return plan, nil
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
