package transform

import (
	"fmt"
	"strings"
)

// Attribute is a fact that both systems may know of a customer. It becomes a column of customers, with a second column
// that says whose value it is. Column is the ERP's, empty where the ERP has none; Field is Account's.
type Attribute struct {
	Name   string
	Column string
	Field  string
}

// CustomerAttributes are the facts in the order of their columns, with the fields of Account that hold them.
func CustomerAttributes() []Attribute {
	return []Attribute{
		{Name: "name", Field: "Name"},
		{Name: "phone", Field: "Phone"},
		{Name: "website", Field: "Website"},
		{Name: "street", Field: "BillingStreet"},
		{Name: "city", Field: "BillingCity"},
		{Name: "country", Field: "BillingCountry"},
	}
}

// customersQuery joins the ERP columns to the customers, under their names with the prefix, and the facts of the
// primary account to what the ERP says.
func (p Plan) customersQuery() string {
	selected := make([]string, 0, len(customerColumns)+len(p.Customers.Columns)+2*len(p.Attributes))
	for _, column := range customerColumns {
		selected = append(selected, "r."+column)
	}
	for _, column := range p.Customers.Columns {
		selected = append(selected, fmt.Sprintf("e.%s AS %s", quoteName(column.Name), quoteName(erpPrefix+column.Name)))
	}
	for _, attribute := range p.Attributes {
		values := p.Customers.textOf("e", attribute.Column) + ", " + p.Accounts.textOf("a", attribute.Field)
		selected = append(selected, fmt.Sprintf("first_filled(%s) AS %s, filled_by(%s) AS %s",
			values, quoteName(attribute.Name), values, quoteName(attribute.Name+"_source")))
	}
	query := fmt.Sprintf("SELECT %s FROM erp_record e JOIN customer_result r ON r.customer_row = e.customer_row", strings.Join(selected, ", "))
	if len(p.Attributes) > 0 {
		query += ` LEFT JOIN salesforce_account a ON a."Id" = r.account_id`
	}
	return query
}

// textOf is a column of a joined relation as text, or NULL where the stage lacks it.
func (r Relation) textOf(alias, name string) string {
	column, found := r.column(name)
	if name == "" || !found {
		return "CAST(NULL AS VARCHAR)"
	}
	return fmt.Sprintf("CAST(%s.%s AS VARCHAR)", alias, quoteName(column.Name))
}
