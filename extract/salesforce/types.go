package salesforce

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// Describe types that are told apart. Source: SOAP API Developer Guide, "Data Types Used in Salesforce APIs" and
// "Field Types".
const (
	typeAddress  = "address"
	typeLocation = "location"
	typeComplex  = "complexvalue"
	typeBase64   = "base64"
	typeAny      = "anyType"
	typeBoolean  = "boolean"
	typeInt      = "int"
	typeLong     = "long"
	typeDouble   = "double"
	typeCurrency = "currency"
	typePercent  = "percent"
	typeDate     = "date"
	typeDatetime = "datetime"
	typeTime     = "time"
)

// Keys of an Arrow field's metadata: what the describe says of the field. The decoders need them for an identifier,
// which is text whatever its type is in Salesforce.
const (
	metadataType  = "salesforce.type"
	metadataScale = "salesforce.scale"
)

const maxDecimalDigits = 38 // what a decimal128 holds in full

// columnField is the Arrow field of one selected field. Its name is the path as selected, such as Owner.Name, which may
// differ from f.Name. It is nullable: Salesforce has no column that cannot be hidden or emptied.
func columnField(path string, f Field, identifier bool) (arrow.Field, error) {
	kind, err := fieldType(f, identifier)
	if err != nil {
		return arrow.Field{}, err
	}
	return arrow.Field{Name: path, Type: kind, Nullable: true, Metadata: fieldMetadata(f)}, nil
}

// fieldType is the Arrow type of a described field. An identifier is text whatever its type, since 00123 is not 123.
// The error is a *FieldTypeError.
func fieldType(f Field, identifier bool) (arrow.DataType, error) {
	plain, err := plainType(f)
	if err != nil || !identifier {
		return plain, err
	}
	return arrow.BinaryTypes.String, nil
}

func plainType(f Field) (arrow.DataType, error) {
	switch f.Type {
	case "id", "reference", "string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox",
		"encryptedstring", "datacategorygroupreference", typeAny:
		return arrow.BinaryTypes.String, nil
	case typeBoolean:
		return arrow.FixedWidthTypes.Boolean, nil
	case typeInt:
		return arrow.PrimitiveTypes.Int32, nil
	case typeLong:
		return arrow.PrimitiveTypes.Int64, nil
	case typeDouble, typeCurrency, typePercent:
		return decimalType(f), nil
	case typeDate:
		return arrow.FixedWidthTypes.Date32, nil
	case typeDatetime:
		return arrow.FixedWidthTypes.Timestamp_us, nil
	case typeTime:
		return arrow.FixedWidthTypes.Time64us, nil
	case typeAddress, typeLocation, typeComplex:
		return nil, &FieldTypeError{Field: f.Name, Type: f.Type, Problem: "compound, select its components"}
	case typeBase64:
		return nil, &FieldTypeError{Field: f.Name, Type: f.Type, Problem: "binary, not offered by queries"}
	default:
		return nil, &FieldTypeError{Field: f.Name, Type: f.Type, Problem: "not a type that a column can have"}
	}
}

// decimalType keeps the describe's precision and scale. Formulas are described with a precision of 0, or with a scale
// above it: they get the widest decimal of their scale.
func decimalType(f Field) *arrow.Decimal128Type {
	scale := min(max(f.Scale, 0), maxDecimalDigits)
	precision := f.Precision
	if precision <= 0 || precision > maxDecimalDigits || scale > precision {
		precision = maxDecimalDigits
	}
	return &arrow.Decimal128Type{Precision: int32(precision), Scale: int32(scale)}
}
