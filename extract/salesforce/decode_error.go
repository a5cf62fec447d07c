package salesforce

import (
	"fmt"
	"io"
	"strings"
)

// DecodeError tells that what Salesforce sent is not the records that were asked for: damaged, cut short, or of another
// shape than the describe says. It places the fault and never carries the value itself, so it is safe to log.
//
// A stream that ended too early unwraps to [io.ErrUnexpectedEOF]: the page can be asked for again.
type DecodeError struct {
	Object  string // API name of the object asked for
	Row     int64  // record, the first is 1; 0 for the header line or the page around the records
	Record  string // id of the record, by which it is found in Salesforce; empty where it is not known
	Offset  int64  // bytes from the start of the page
	Field   string // API name or path of the field, where there is one
	Problem string // what is wrong, in words
	cut     bool   // the stream ended too early
}

// Error names object, record, byte offset and field.
func (e *DecodeError) Error() string {
	var b strings.Builder
	b.WriteString(e.Object)
	if e.Row > 0 {
		fmt.Fprintf(&b, ": row %d", e.Row)
	}
	if e.Record != "" {
		b.WriteString(" (" + e.Record + ")")
	}
	fmt.Fprintf(&b, ": byte %d", e.Offset)
	if e.Field != "" {
		b.WriteString(": " + e.Field)
	}
	b.WriteString(": " + e.Problem)
	return b.String()
}

// recordOf is the id that stands in a row of the columns, of which only those before the limit are decoded. Anything else
// than an id is content, which is not repeated.
func recordOf(columns []column, limit, row int) string {
	for i := range min(limit, len(columns)) {
		c := &columns[i]
		if c.name != "Id" || !c.isText() || c.isNull(row) {
			continue
		}
		if id := string(c.bytes[c.offsets[row]:c.offsets[row+1]]); recordID.MatchString(id) {
			return id
		}
	}
	return ""
}

// Unwrap is [io.ErrUnexpectedEOF] where the stream ended too early, else nil.
func (e *DecodeError) Unwrap() error {
	if e.cut {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// Hint says what to do next.
func (e *DecodeError) Hint() string {
	switch {
	case e.cut:
		return "the answer ended before its last record: run again, and look at what stands between here and Salesforce if it stays"
	case e.Field != "" && e.Row > 0 && e.Problem != string(noFlag):
		which := "that " + e.Object
		if e.Record != "" {
			which = e.Object + " " + e.Record
		}
		return fmt.Sprintf("look at %s of %s in Salesforce, or take the field out of salesforce.objects.%s.fields", e.Field, which, e.Object)
	default:
		return "the answer is not what Salesforce documents: look for a proxy or a sign-in page between here and Salesforce"
	}
}

// ExitCode is 5, an input was refused, or 4 where the stream only ended too early: another run may succeed.
func (e *DecodeError) ExitCode() int {
	if e.cut {
		return exitUnavailable
	}
	return exitMalformed
}

// FieldTypeError tells that a configured field is of a type that cannot be a column.
type FieldTypeError struct {
	Field   string // API name
	Type    string // its describe type
	Problem string
}

// Error names the field and its type.
func (e *FieldTypeError) Error() string {
	return fmt.Sprintf("field %s: type %s: %s", e.Field, e.Type, e.Problem)
}

// Hint says what to put in the configuration instead.
func (e *FieldTypeError) Hint() string {
	switch e.Type {
	case typeAddress:
		street := strings.TrimSuffix(e.Field, "Address") + "Street"
		return fmt.Sprintf("put its components in fields instead of %s, such as %s", e.Field, street)
	case typeLocation:
		return fmt.Sprintf("put its components in fields instead of %s: the latitude and the longitude", e.Field)
	default:
		return fmt.Sprintf("take %s out of fields", e.Field)
	}
}

// ExitCode is 2: the configuration is at fault.
func (e *FieldTypeError) ExitCode() int { return 2 }
