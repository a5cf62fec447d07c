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

// primaryFactsQuery adds to what is published of each customer the facts of its primary account. It fills a table: the
// wide rows of the ERP then meet one join only when they are sorted and written, for several joins at once hold all
// their tables in memory together.
func (p Plan) primaryFactsQuery() string {
	selected := []string{"r.*"}
	for _, attribute := range p.Attributes {
		selected = append(selected, p.Accounts.textOf("a", attribute.Field)+" AS "+quoteName(factPrefix+attribute.Name))
	}
	return fmt.Sprintf(`SELECT %s FROM customer_result r LEFT JOIN salesforce_account a ON a."Id" = r.account_id`, strings.Join(selected, ", "))
}

// factPrefix stands before the name of each fact of the primary account.
const factPrefix = "account_"

// customersQuery joins the ERP columns to the customers, under their names with the prefix, and what the ERP says to the
// facts of the primary account.
func (p Plan) customersQuery() string {
	selected := make([]string, 0, len(customerColumns)+len(p.Customers.Columns)+2*len(p.Attributes))
	for _, column := range customerColumns {
		selected = append(selected, "r."+column)
	}
	for _, column := range p.Customers.Columns {
		selected = append(selected, fmt.Sprintf("e.%s AS %s", quoteName(column.Name), quoteName(erpPrefix+column.Name)))
	}
	for _, attribute := range p.Attributes {
		values := p.Customers.textOf("e", attribute.Column) + ", r." + quoteName(factPrefix+attribute.Name)
		selected = append(selected, fmt.Sprintf("first_filled(%s) AS %s, filled_by(%s) AS %s",
			values, quoteName(attribute.Name), values, quoteName(attribute.Name+"_source")))
	}
	return fmt.Sprintf("SELECT %s FROM erp_record e JOIN customer_fact r ON r.customer_row = e.customer_row", strings.Join(selected, ", "))
}

// textOf is a column of a joined relation as text, or NULL where the stage lacks it.
func (r Relation) textOf(alias, name string) string {
	column, found := r.column(name)
	if name == "" || !found {
		return "CAST(NULL AS VARCHAR)"
	}
	return fmt.Sprintf("CAST(%s.%s AS VARCHAR)", alias, quoteName(column.Name))
}
