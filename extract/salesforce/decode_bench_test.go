package salesforce

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// contactFields is a selection as of a nightly run: 15 columns, of which five are typed.
func contactFields() []Field {
	text := func(name string) Field { return Field{Name: name, Type: "string"} }
	return []Field{
		{Name: "Id", Type: "id"}, {Name: "AccountId", Type: "reference"}, {Name: "IsDeleted", Type: "boolean"},
		{Name: "CreatedDate", Type: "datetime"}, {Name: "SystemModstamp", Type: "datetime"},
		text("FirstName"), text("LastName"), text("Name"), {Name: "Email", Type: "email"}, {Name: "Phone", Type: "phone"},
		{Name: "MobilePhone", Type: "phone"}, text("Title"), text("Department"),
		{Name: "Score__c", Type: "double", Precision: 18, Scale: 2}, {Name: "LastActivityDate", Type: "date"},
	}
}

func contactValues(i int) []string {
	first := []string{"Ada", "Grace", "Jürgen", "Barbara", "Edsger"}[i%5]
	last := []string{"Lovelace", "Hopper", "Müller", "Liskov", "Dijkstra"}[i/5%5]
	return []string{
		fmt.Sprintf("003dM%010dQAK", i), fmt.Sprintf("001dM%010dUAI", i/3), "false",
		"2024-03-01T09:30:00.000Z", fmt.Sprintf("2026-10-%02dT22:15:%02d.000Z", i%28+1, i%60),
		first, last, first + " " + last, strings.ToLower(last) + fmt.Sprint(i) + "@example.com", "+1 415 555 0100",
		[]string{"", "+49 170 1234567"}[i%2], []string{"Buyer", "Head of Accounts Payable", ""}[i%3], "Finance",
		[]string{"12.5", "1.25000055E7", ""}[i%3], []string{"2026-09-30", ""}[i%2],
	}
}

func schemaOf(tb testing.TB, fields []Field, identifiers ...string) *arrow.Schema {
	tb.Helper()
	columns := make([]arrow.Field, len(fields))
	for i, f := range fields {
		identifier := false
		for _, name := range identifiers {
			identifier = identifier || name == f.Name
		}
		column, err := columnField(f.Name, f, identifier)
		if err != nil {
			tb.Fatal(err)
		}
		columns[i] = column
	}
	return arrow.NewSchema(columns, nil)
}

// BenchmarkDecodeBulkCSV decodes a page of 100,000 contacts of about 240 bytes, from the bytes of the answer to
// released Arrow batches: a page by itself, and one of the many pages of a query, which share their memory.
func BenchmarkDecodeBulkCSV(b *testing.B) {
	b.Run("page", func(b *testing.B) { benchmarkBulkCSV(b, memory.DefaultAllocator) })
	b.Run("query", func(b *testing.B) { benchmarkBulkCSV(b, newRecycler(memory.DefaultAllocator)) })
}

func benchmarkBulkCSV(b *testing.B, mem memory.Allocator) {
	const rows = 100_000
	fields := contactFields()
	var page bytes.Buffer
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	fmt.Fprintf(&page, "\"%s\"\n", strings.Join(names, `","`))
	for i := range rows {
		fmt.Fprintf(&page, "\"%s\"\n", strings.Join(contactValues(i), `","`))
	}
	schema := schemaOf(b, fields)
	b.SetBytes(int64(page.Len()))
	b.ReportAllocs()
	for b.Loop() {
		d, err := newCSVDecoder(bytes.NewReader(page.Bytes()), schema, "Contact", mem)
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := d.Next()
			if atEnd(err) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			batch.Release()
		}
		if d.rows != rows {
			b.Fatalf("%d rows", d.rows)
		}
		d.Release()
	}
	b.ReportMetric(float64(page.Len())/rows, "B/row")
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkDecodeREST decodes a page of 2,000 contacts, a parent field among them.
func BenchmarkDecodeREST(b *testing.B) {
	const rows = 2_000
	fields := contactFields()
	schema := schemaOf(b, append(fields, Field{Name: "Account.Name", Type: "string"}))
	var page bytes.Buffer
	fmt.Fprintf(&page, `{"totalSize":%d,"done":true,"records":[`, rows)
	for i := range rows {
		if i > 0 {
			page.WriteByte(',')
		}
		page.WriteString(`{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/003dM0000000001QAK"}`)
		for j, value := range contactValues(i) {
			switch {
			case value == "":
				value = "null"
			case fields[j].Type != "boolean" && fields[j].Type != "double":
				value = fmt.Sprintf("%q", value)
			}
			fmt.Fprintf(&page, `,%q:%s`, fields[j].Name, value)
		}
		page.WriteString(`,"Account":{"attributes":{"type":"Account","url":"/x"},"Name":"Analytical Engines"}}`)
	}
	page.WriteString(`]}`)
	d := newJSONDecoder(schema, "Contact", memory.DefaultAllocator)
	defer d.Release()
	b.SetBytes(int64(page.Len()))
	b.ReportAllocs()
	for b.Loop() {
		_, batch, err := d.Page(bytes.NewReader(page.Bytes()))
		if err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
