package salesforce

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/google/go-cmp/cmp"
)

func TestRecordedField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		field Field
	}{
		{"an external id", Field{Name: "ERP__c", Type: "string", Length: 40, ExternalID: true, Unique: true, Filterable: true}},
		{"a formula", Field{Name: "Key__c", Type: "string", Length: 1300, Calculated: true}},
		{"a number", Field{Name: "No__c", Type: "double", Scale: 2, Filterable: true}},
		{"a lookup", Field{Name: "OwnerId", Type: "reference", Length: 18, ReferenceTo: []string{"Group", "User"}}},
		{"masked", Field{Name: "Secret__c", Type: "encryptedstring", Length: 20, Encrypted: true}},
	} {
		column, err := columnField(c.field.Name, c.field, false)
		if err != nil {
			t.Fatal(err)
		}
		got, whole := RecordedField(column)
		if diff := cmp.Diff(c.field, got); diff != "" || !whole {
			t.Errorf("%s: whole %v, field -, recorded +\n%s", c.why, whole, diff)
		}
	}
	old := arrow.NewMetadata([]string{metadataType, metadataScale}, []string{"picklist", "0"})
	if got, whole := RecordedField(arrow.Field{Name: "Kind", Type: arrow.BinaryTypes.String, Metadata: old}); whole || got.Type != "picklist" {
		t.Errorf("a stage of an earlier version: %+v, whole %v; want its type and no more", got, whole)
	}
	if got, whole := RecordedField(arrow.Field{Name: "customer_id", Type: arrow.BinaryTypes.String}); whole || got.Type != "" {
		t.Errorf("a column of the ERP: %+v, whole %v; want nothing", got, whole)
	}
}
