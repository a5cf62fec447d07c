package transform

import (
	"fmt"
	"regexp"
	"strings"
)

// evidenceViews are what a near miss is looked for in besides the identifiers of the rules: the accounts in the recycle
// bin, and the fields and columns where an identifier may stand by mistake.
func (p Plan) evidenceViews() []view {
	return []view{
		{"deleted_account_fields", "SELECT * FROM staged_account_fields WHERE " + p.Accounts.deleted()},
		{"deleted_account", fmt.Sprintf(`SELECT "Id" AS account_id, %s AS account_name, %s AS master_id FROM deleted_account_fields`,
			p.Accounts.text("Name"), p.Accounts.text("MasterRecordId"))},
		{"deleted_account_key", p.keyQueries(func(number int, rule Rule, steps []step) string {
			return keyQuery(number, "deleted_account_fields", "Id", rule.AccountField, steps)
		})},
		{"account_place", placeQuery(p.Accounts, "salesforce_account", `"Id"`, "account_id", p.isAccountPlace)},
		{"customer_place", placeQuery(p.Customers, "erp_record", "customer_row", "customer_row", p.isCustomerPlace)},
		{"customer_reference", placeQuery(p.Customers, "erp_record", "customer_row", "customer_row", isReferencePlace)},
	}
}

// placeQuery lists every value of the columns that may hold an identifier, with the name of its column.
func placeQuery(relation Relation, from, record, alias string, isPlace func(Column) bool) string {
	var queries []string
	for _, column := range relation.Columns {
		if isPlace(column) {
			queries = append(queries, fmt.Sprintf("SELECT %s AS %s, %s AS place, CAST(%s AS VARCHAR) AS value FROM %s WHERE %[4]s IS NOT NULL",
				record, alias, quoteText(column.Name), quoteName(column.Name), from))
		}
	}
	if len(queries) == 0 {
		return fmt.Sprintf("SELECT %s AS %s, CAST(NULL AS VARCHAR) AS place, CAST(NULL AS VARCHAR) AS value FROM %s WHERE false", record, alias, from)
	}
	return strings.Join(queries, " UNION ALL ")
}

// Columns whose values say something else of a record than who it is: a number in one of them is no identifier, even
// where it equals one. reached are names, addresses, ways to reach a record and amounts, whatever else their column is
// called; measured are dates, kinds and remarks, unless the column calls itself an identifier (Webshop_ID__c, Source_No).
var (
	reached = regexp.MustCompile(`(?i)name|phone|fax|mobile|telefon|mail|street|strasse|house|city|town|country|postal|postcode|plz|zip|address|latitude|longitude|geocode|` +
		`website|currency|employee|revenue|turnover|amount|balance|limit|discount|price|(^|_|billing|shipping|mailing)state(_|$|code|province)`)
	measured = regexp.MustCompile(`(?i)url|web|description|comment|remark|note|industry|sector|type|kind|rating|status|source|^sic|naics|tradestyle|` +
		`terms|payment|year|month|date|since|created|modified|owner|language|photo|jigsaw|cleanstatus|active|tier|ticker|county|province`)
	identifying = regexp.MustCompile(`(?i)(^|_)(id|ids|no|nr|num|number|nummer|key|ref|code)(_|$)|number|legacy|external`)
)

func saysWho(column string) bool {
	return !reached.MatchString(column) && (!measured.MatchString(column) || identifying.MatchString(column))
}

// The field and the column that the only rule compares are no other place.
func (p Plan) isAccountPlace(column Column) bool {
	return isIdentifierType(column) && saysWho(column.Name) && !strings.EqualFold(column.Name, "Id") && !isLookup(column.Name) &&
		(len(p.Rules) > 1 || !strings.EqualFold(column.Name, p.Rules[0].AccountField))
}

// isLookup tells a standard field that refers to another record, such as ParentId.
func isLookup(name string) bool { return strings.HasSuffix(name, "Id") }

func (p Plan) isCustomerPlace(column Column) bool {
	return isIdentifierType(column) && saysWho(column.Name) && (len(p.Rules) > 1 || !strings.EqualFold(column.Name, p.Rules[0].CustomerColumn))
}

// isReferencePlace tells a column that may hold an account's id, which nothing else looks like. No name, address or amount does.
func isReferencePlace(column Column) bool {
	return column.sqlType() == "VARCHAR" && (!reached.MatchString(column.Name) || identifying.MatchString(column.Name))
}

func isIdentifierType(column Column) bool {
	kind := column.sqlType()
	return kind == "VARCHAR" || kind == "INTEGER" || kind == "BIGINT" || strings.HasPrefix(kind, "DECIMAL")
}
