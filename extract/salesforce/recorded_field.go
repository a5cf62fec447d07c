package salesforce

import (
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
)

// Keys of an Arrow field's metadata that no decoder reads: they go into the stage with the rows, so that what a field
// is can be told of a recorded stage without asking the org.
const (
	metadataLength     = "salesforce.length"
	metadataFormula    = "salesforce.calculated"
	metadataExternalID = "salesforce.externalId"
	metadataUnique     = "salesforce.unique"
	metadataFilterable = "salesforce.filterable"
	metadataEncrypted  = "salesforce.encrypted"
	metadataReferences = "salesforce.referenceTo" // separated by commas
)

// fieldMetadata is what a staged column tells of the field that it came from.
func fieldMetadata(f Field) arrow.Metadata {
	return arrow.NewMetadata(
		[]string{
			metadataType, metadataScale, metadataLength, metadataFormula, metadataExternalID, metadataUnique, metadataFilterable,
			metadataEncrypted, metadataReferences,
		},
		[]string{
			f.Type, strconv.Itoa(f.Scale), strconv.Itoa(f.Length), strconv.FormatBool(f.Calculated), strconv.FormatBool(f.ExternalID),
			strconv.FormatBool(f.Unique), strconv.FormatBool(f.Filterable), strconv.FormatBool(f.Encrypted), strings.Join(f.ReferenceTo, ","),
		})
}

// RecordedField is the field that a staged column came from, as far as its schema tells. Type and Scale are always
// told; whole says whether length, formula, external id, unique, filterable and encrypted are too, which stages of
// earlier versions lack. ReferenceTo is empty in one of a version that did not record it. A column of another source gives a Field without a Type.
func RecordedField(column arrow.Field) (field Field, whole bool) {
	text := func(key string) string {
		value, _ := column.Metadata.GetValue(key)
		return value
	}
	field = Field{
		Name: column.Name, Type: text(metadataType), Calculated: text(metadataFormula) == "true", ExternalID: text(metadataExternalID) == "true",
		Unique: text(metadataUnique) == "true", Filterable: text(metadataFilterable) == "true", Encrypted: text(metadataEncrypted) == "true",
	}
	field.Scale, _ = strconv.Atoi(text(metadataScale)) // 0 where it is not told
	length, err := strconv.Atoi(text(metadataLength))
	field.Length = length
	if references := text(metadataReferences); references != "" {
		field.ReferenceTo = strings.Split(references, ",")
	}
	return field, err == nil
}

// IsText tells whether a field is staged as text where it identifies nothing; it is wherever it does.
func (f Field) IsText() bool {
	kind, err := plainType(f)
	return err == nil && kind.ID() == arrow.STRING
}
