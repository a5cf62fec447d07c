package salesforce

import (
	"errors"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
)

func TestFieldType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why   string
		field Field
		want  arrow.DataType
	}{
		{"ids keep their case and length", Field{Type: "id"}, arrow.BinaryTypes.String},
		{"so do lookups", Field{Type: "reference"}, arrow.BinaryTypes.String},
		{"text", Field{Type: "textarea"}, arrow.BinaryTypes.String},
		{"values joined with semicolons", Field{Type: "multipicklist"}, arrow.BinaryTypes.String},
		{"masked or not, it is text", Field{Type: "encryptedstring"}, arrow.BinaryTypes.String},
		{"of any type", Field{Type: "anyType"}, arrow.BinaryTypes.String},
		{"", Field{Type: "boolean"}, arrow.FixedWidthTypes.Boolean},
		{"Salesforce int has 32 bits", Field{Type: "int"}, arrow.PrimitiveTypes.Int32},
		{"", Field{Type: "long"}, arrow.PrimitiveTypes.Int64},
		{"as described", Field{Type: "double", Precision: 18, Scale: 4}, &arrow.Decimal128Type{Precision: 18, Scale: 4}},
		{"AnnualRevenue", Field{Type: "currency", Precision: 18}, &arrow.Decimal128Type{Precision: 18}},
		{"all decimals", Field{Type: "percent", Precision: 3, Scale: 3}, &arrow.Decimal128Type{Precision: 3, Scale: 3}},
		{"formulas may have no precision", Field{Type: "double", Scale: 2, Calculated: true}, &arrow.Decimal128Type{Precision: 38, Scale: 2}},
		{"scale above precision is no decimal", Field{Type: "double", Precision: 2, Scale: 5}, &arrow.Decimal128Type{Precision: 38, Scale: 5}},
		{"beyond decimal128", Field{Type: "double", Precision: 60, Scale: 50}, &arrow.Decimal128Type{Precision: 38, Scale: 38}},
		{"negative scale", Field{Type: "double", Precision: 9, Scale: -2}, &arrow.Decimal128Type{Precision: 9}},
		{"", Field{Type: "date"}, arrow.FixedWidthTypes.Date32},
		{"always UTC", Field{Type: "datetime"}, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}},
		{"", Field{Type: "time"}, arrow.FixedWidthTypes.Time64us},
	} {
		got, err := fieldType(c.field, false)
		if err != nil || !arrow.TypeEqual(got, c.want) {
			t.Errorf("%+v: %v, %v, want %v: %s", c.field, got, err, c.want, c.why)
		}
		got, err = fieldType(c.field, true)
		if err != nil || !arrow.TypeEqual(got, arrow.BinaryTypes.String) {
			t.Errorf("%+v as identifier: %v, %v, want text", c.field, got, err)
		}
	}
}

func TestFieldTypeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, kind, hint, why string }{
		{"BillingAddress", "address", "put its components in fields instead of BillingAddress, such as BillingStreet", "Bulk refuses compound fields"},
		{"Place__c", "location", "put its components in fields instead of Place__c: the latitude and the longitude", "so are places"},
		{"Manager__c", "complexvalue", "take Manager__c out of fields", "no documented components"},
		{"Body", "base64", "take Body out of fields", "REST answers with a path to it, Bulk refuses it"},
		{"New__c", "hologram", "take New__c out of fields", "a type of tomorrow is not guessed at"},
	} {
		for _, identifier := range []bool{false, true} {
			_, err := fieldType(Field{Name: c.name, Type: c.kind}, identifier)
			var refused *FieldTypeError
			if !errors.As(err, &refused) {
				t.Errorf("%s: error %v: %s", c.kind, err, c.why)
				continue
			}
			if !strings.HasPrefix(err.Error(), "field "+c.name+": type "+c.kind+": ") {
				t.Errorf("%s: %v", c.kind, err)
			}
			if refused.ExitCode() != 2 || refused.Hint() != c.hint {
				t.Errorf("%s: exit code %d, hint %q", c.kind, refused.ExitCode(), refused.Hint())
			}
		}
	}
}

func TestNewColumnsRefusesSchema(t *testing.T) {
	t.Parallel()
	schema := arrow.NewSchema([]arrow.Field{{Name: "Score", Type: arrow.PrimitiveTypes.Float64}}, nil)
	var refused *FieldTypeError
	if _, err := newCSVDecoder(nil, schema, "Contact", leakChecked(t)); !errors.As(err, &refused) || refused.Field != "Score" {
		t.Errorf("a float column: %v", err)
	}
	d := newJSONDecoder(schema, "Contact", leakChecked(t))
	defer d.Release()
	if _, _, err := d.Page(nil); !errors.As(err, &refused) {
		t.Errorf("a float column: %v", err)
	}
}
