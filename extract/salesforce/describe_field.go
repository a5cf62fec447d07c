package salesforce

// Field is what a describe tells of one field: the part of it that decides how the field is asked for, decoded and
// advised on. The names are Salesforce's own.
//
// Source: Salesforce REST API Developer Guide, "sObject Describe"; SOAP API Developer Guide, DescribeSObjectResult, Field.
type Field struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Type     string `json:"type"`     // such as "string", "reference", "double"
	SoapType string `json:"soapType"` // such as "xsd:double"

	Length     int `json:"length"`     // characters, of text
	ByteLength int `json:"byteLength"` // bytes, of text: three for each character
	Precision  int `json:"precision"`  // digits in all, of double, currency and percent
	Scale      int `json:"scale"`      // digits after the point
	Digits     int `json:"digits"`     // digits, of int

	Calculated    bool `json:"calculated"` // a formula
	Filterable    bool `json:"filterable"`
	Nillable      bool `json:"nillable"`
	Unique        bool `json:"unique"`
	ExternalID    bool `json:"externalId"`
	CaseSensitive bool `json:"caseSensitive"`
	Encrypted     bool `json:"encrypted"`

	ReferenceTo      []string `json:"referenceTo"`      // objects that a reference may point at
	RelationshipName string   `json:"relationshipName"` // name of the parent in a path: Owner in Owner.Name
}
