package salesforce

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"
)

func parentSchema(tb testing.TB) *arrow.Schema {
	return schemaOf(tb, append(textFields("Id", "Owner.Name", "Owner.Profile.Name", "Owner.Email"),
		Field{Name: "Number__c", Type: "double", Precision: 18}, Field{Name: "Amount", Type: "currency", Precision: 18, Scale: 2}), "Number__c")
}

func TestDecodeJSONPage(t *testing.T) {
	t.Parallel()
	body := `{"totalSize":2086,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx5R2yF2gs3VASQ-2000","records":[
	 {"attributes":{"type":"Contact","url":"/x"},"Id":"003dM00003jU9GxQAK",
	  "Owner":{"attributes":{"type":"User","url":"/y"},"Name":"M\u00fcller \ud83d\ude00","Profile":{"Name":"a\"\\\/\b\f\n\r\t\u0000"},"Email":""},
	  "Number__c":9.9213206E7,"Amount":1988.0},
	 {"Owner":null,"Amount":null,"Id":"2","Number__c":-0.0,"Extra":[{"deep":[true,false,null,-1.5e-3]},"x",{}, []]},
	 {"Id":null,"Owner":{"Email":"e","Profile":null,"Name":"n"},"Number__c":null,"Amount":-0.5}]}` + "\n"
	page, got, err := decodePage(t, body, parentSchema(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := (queryPage{TotalSize: 2086, Next: "/services/data/v66.0/query/0r8xx5R2yF2gs3VASQ-2000", Rows: 3}); page != want {
		t.Errorf("page %+v, want %+v", page, want)
	}
	want := [][]string{
		{"003dM00003jU9GxQAK", "Müller 😀", "a\"\\/\b\f\n\r\t\x00", null, "99213206", "1988.00"},
		{"2", null, null, null, "0", null},
		{null, "n", null, "e", null, "-0.50"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeJSONAccepts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body, why string
		want            queryPage
	}{
		{"no records", `{"totalSize":0,"done":true,"records":[]}`, "an answer without rows", queryPage{Done: true}},
		{"count", `{"totalSize":42,"done":true,"records":[]}`, "SELECT COUNT()", queryPage{TotalSize: 42, Done: true}},
		{"other order", `{"records":[{"Id":"1"}],"more":{"x":1},"done":true,"totalSize":1}`, "keys have no order", queryPage{TotalSize: 1, Done: true, Rows: 1}},
	} {
		page, _, err := decodePage(t, c.body, schemaOf(t, textFields("Id")))
		if err != nil || page != c.want {
			t.Errorf("%s: %+v, %v, want %+v: %s", c.name, page, err, c.want, c.why)
		}
	}
}

// badPages are bodies that must not pass for a page of records.
var badPages = []struct {
	name, body, why string
	row             int64
	field, problem  string
}{
	{"HTML", "<html>", "a sign-in page with status 200", 0, "", "HTML or XML instead of JSON"},
	{"list", `[{"errorCode":"X"}]`, "an error with status 200", 0, "", "list instead of a page of records"},
	{"text", `"x"`, "no page", 0, "", string(notJSON)},
	{"no totalSize", `{"done":true,"records":[]}`, "nothing to prove completeness with", 0, "", "totalSize missing from the page"},
	{"no done", `{"totalSize":0,"records":[]}`, "there may be more", 0, "", "done missing from the page"},
	{"no records", `{"totalSize":0,"done":true}`, "never zero rows", 0, "", "records missing from the page"},
	{"null records", `{"totalSize":0,"done":true,"records":null}`, "never zero rows", 0, "", "records is not a list"},
	{"text as totalSize", `{"totalSize":"0","done":true,"records":[]}`, "wrong type", 0, "", "totalSize is not a count"},
	{"fraction as totalSize", `{"totalSize":0.5,"done":true,"records":[]}`, "wrong type", 0, "", string(notWhole)},
	{"text as done", `{"totalSize":0,"done":"true","records":[]}`, "wrong type", 0, "", "done is not a boolean"},
	{"null as next", `{"totalSize":0,"done":true,"nextRecordsUrl":null,"records":[]}`, "Salesforce leaves the key out", 0, "", "nextRecordsUrl is not text"},
	{"lost next", `{"totalSize":9,"done":false,"records":[]}`, "rows would be lost", 0, "", "page that is not the last and names no next one"},
	{"done with next", `{"totalSize":9,"done":true,"nextRecordsUrl":"/x","records":[]}`, "rows may be lost", 0, "", "last page that names a next one"},
	{"too many records", `{"totalSize":0,"done":true,"records":[{"Id":"1","Amount":1}]}`, "the count is of all pages", 0, "", "page of more records than totalSize"},
	{"key twice", `{"totalSize":0,"totalSize":0,"done":true,"records":[]}`, "which one holds?", 0, "", string(repeatedKey)},
	{"missing field", restPage(`{"Id":"1","Amount":1}`, `{"Id":"2"}`), "never NULL for what is missing", 2, "Amount", string(missingField)},
	{"other case", restPage(`{"id":"2","Amount":1}`), "names are exact", 1, "Id", string(missingField)},
	{"field twice", restPage(`{"Id":"1","Id":"2","Amount":1}`), "which one holds?", 1, "Id", string(repeatedField)},
	{"extra key twice", restPage(`{"x":1,"Id":"1","Amount":1,"x":2}`), "which one holds?", 1, "", string(repeatedKey)},
	{"key twice by escape", restPage(`{"Id":"1","\u0049d":"2","Amount":1}`), "the same key in other letters", 1, "Id", string(repeatedField)},
	{"null record", restPage(`null`), "not a record", 1, "", string(notARecord)},
	{"object as value", restPage(`{"Id":{"x":1},"Amount":1}`), "compound field", 1, "Id", string(scalarExpected)},
	{"number as text", restPage(`{"Id":1,"Amount":1}`), "not what the describe says", 1, "Id", string(wrongType)},
	{"boolean as text", restPage(`{"Id":true,"Amount":1}`), "not what the describe says", 1, "Id", string(wrongType)},
	{"text as number", restPage(`{"Id":"1","Amount":"1"}`), "not what the describe says", 1, "Amount", string(wrongType)},
	{"boolean as number", restPage(`{"Id":"1","Amount":false}`), "not what the describe says", 1, "Amount", string(wrongType)},
	{"too precise", restPage(`{"Id":"1","Amount":1.005}`), "never rounded", 1, "Amount", string(tooPrecise)},
	{"control character", restPage("{\"Id\":\"a\nb\",\"Amount\":1}"), "JSON escapes them", 1, "Id", string(controlInText)},
	{"unknown escape", restPage(`{"Id":"\x41","Amount":1}`), "JSON has no \\x", 1, "Id", string(unknownEscape)},
	{"leading zero", restPage(`{"Id":"1","Amount":01}`), "JSON has none", 1, "Amount", string(notJSON)},
	{"bare word", restPage(`{"Id":undefined,"Amount":1}`), "JavaScript", 1, "Id", string(notJSON)},
	{"misspelt null", restPage(`{"Id":nulx,"Amount":1}`), "damaged", 1, "Id", string(notJSON)},
	{"no comma in a list", restPage(`{"x":[1 2],"Id":"1","Amount":1}`), "damaged", 1, "", string(notJSON)},
	{"key without quotes", restPage(`{Id:"1","Amount":1}`), "JavaScript", 1, "", string(notJSON)},
	{"broken code unit", restPage(`{"Id":"\u00g0","Amount":1}`), "not hexadecimal", 1, "Id", string(unknownEscape)},
	{"NaN", restPage(`{"Id":"1","Amount":NaN}`), "JavaScript", 1, "Amount", string(notJSON)},
	{"comma at the end", restPage(`{"Id":"1","Amount":1,}`), "JavaScript", 1, "", string(notJSON)},
	{"comma at the end of the list", `{"totalSize":1,"done":true,"records":[{"Id":"1","Amount":1},]}`, "JavaScript", 2, "", string(notARecord)},
	{"no comma", restPage(`{"Id":"1" "Amount":1}`), "damaged", 1, "", string(notJSON)},
	{"no colon", restPage(`{"Id" "1","Amount":1}`), "damaged", 1, "", string(notJSON)},
}

func TestDecodeJSONRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range badPages {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			schema := schemaOf(t, append(textFields("Id"), Field{Name: "Amount", Type: "currency", Precision: 18, Scale: 2}))
			_, _, err := decodePage(t, c.body, schema)
			got := refusal(t, err)
			if got.Row != c.row || got.Field != c.field || got.Problem != c.problem || got.Object != "Contact" {
				t.Errorf("%v, want row %d, field %q: %s: %s", err, c.row, c.field, c.problem, c.why)
			}
			if got.Offset < 0 || got.Offset > int64(len(c.body)) || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("offset %d, %v", got.Offset, errors.Unwrap(err))
			}
		})
	}
}

func TestDecodeJSONCutAnywhere(t *testing.T) {
	t.Parallel()
	body := `{"totalSize":3,"done":true,"records":[{"attributes":{"type":"Contact"},"Id":"é\ud83d\ude00\n","Owner":null,"Number__c":12.5E1,"Amount":-1.50},` +
		`{"Id":null,"Owner":{"Name":"n","Profile":{"Name":"p"},"Email":"😀"},"Number__c":1,"Amount":0.1, "x":[true,false]}]}`
	for n := range body {
		_, _, err := decodePage(t, body[:n], parentSchema(t))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut behind %q: %v", body[max(0, n-12):n], err)
		}
	}
	if _, rows, err := decodePage(t, body, parentSchema(t)); err != nil || len(rows) != 2 {
		t.Errorf("whole: %d rows, %v", len(rows), err)
	}
}

// Rows are counted over the pages of a query, and a page that fails leaves nothing behind.
func TestDecodeJSONPages(t *testing.T) {
	t.Parallel()
	d := newJSONDecoder(schemaOf(t, textFields("Id", "Name")), "Contact", leakChecked(t))
	defer d.Release()
	first := `{"totalSize":3,"done":false,"nextRecordsUrl":"/n","records":[{"Id":"1","Name":null},{"Id":"2","Name":""}]}`
	_, batch, err := d.Page(iotest.OneByteReader(strings.NewReader(first)))
	if err != nil {
		t.Fatal(err)
	}
	defer batch.Release()
	_, _, err = d.Page(strings.NewReader(restPage(`{"Id":null,"Name":null}`, `{"Id":null}`)))
	if got := refusal(t, err); got.Row != 4 {
		t.Errorf("row %d of the query, want 4", got.Row)
	}
	broken := errors.New("connection reset")
	if _, _, err := d.Page(io.MultiReader(strings.NewReader(first[:60]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error %v, want the reader's own", err)
	}
	_, again, err := d.Page(strings.NewReader(restPage(`{"Id":"3","Name":"c"}`, `{"Id":"4","Name":"d"}`)))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Release()
	if got := cells(again); got[0][1] != "c" || got[1][0] != "4" || d.rows != 4 {
		t.Errorf("%q, %d rows", got, d.rows)
	}
	if got := cells(batch); got[0][0] != "1" || got[1][1] != null {
		t.Errorf("the first page became %q", got)
	}
}

// What a longer page left in memory is not read as the end of one that was cut.
func TestDecodeJSONCutBehindALongerPage(t *testing.T) {
	t.Parallel()
	d := newJSONDecoder(schemaOf(t, []Field{{Name: "Amount", Type: "int"}}), "Contact", leakChecked(t))
	defer d.Release()
	_, batch, err := d.Page(strings.NewReader(restPage(`{"Amount":123456789}`)))
	if err != nil {
		t.Fatal(err)
	}
	batch.Release()
	cut := `{"totalSize":1,"done":true,"records":[{"Amount":123`
	_, _, err = d.Page(strings.NewReader(cut))
	if got := refusal(t, err); got.Offset != int64(len(cut)) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v, want the end of the page at byte %d", err, len(cut))
	}
}

func TestDecodeJSONManyRows(t *testing.T) {
	t.Parallel()
	records := make([]string, 9_000) // more than Salesforce sends
	for i := range records {
		records[i] = fmt.Sprintf(`{"Id":"%d","Name":%s}`, i, []string{"null", `"x"`}[i%2])
	}
	_, got, err := decodePage(t, restPage(records...), schemaOf(t, textFields("Id", "Name")))
	if err != nil || len(got) != len(records) {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, row := range got {
		if row[0] != fmt.Sprint(i) || row[1] != []string{null, "x"}[i%2] {
			t.Fatalf("row %d: %q", i, row)
		}
	}
}

// The stage is the same whichever API filled it, also for what the two spell differently.
func TestBulkAndRESTGiveEqualBatches(t *testing.T) {
	t.Parallel()
	fields := []Field{
		{Name: "Id", Type: "id"}, {Name: "Account.Name", Type: "string"}, {Name: "Active__c", Type: "boolean"}, {Name: "Count__c", Type: "int"},
		{Name: "Amount", Type: "currency", Precision: 18, Scale: 4}, {Name: "Day__c", Type: "date"}, {Name: "CreatedDate", Type: "datetime"},
		{Name: "Opens__c", Type: "time"}, {Name: "Key__c", Type: "double", Precision: 18, Scale: 2}, {Name: "Stamp__c", Type: "datetime"},
		{Name: "Whole__c", Type: "int"}, {Name: "Flag__c", Type: "boolean"}, {Name: "Any__c", Type: "anyType"},
	}
	schema := schemaOf(t, fields, "Key__c", "Stamp__c", "Whole__c", "Flag__c")
	header := make([]string, len(fields))
	for i, f := range fields {
		header[i] = f.Name
	}
	page := quoteAll(header,
		[]string{"1", "a\r\n\"b\"", "true", "12", "1.00000005E7", "2024-02-29", "2026-05-01T07:25:37.000Z", "17:30:00.000Z", "1.25E7", "2026-05-01T07:25:37.000Z", "7", "false", "2.0"},
		[]string{"2", "", "false", "-1", "0.1", "", "", "", "", "", "", "", ""})
	bulk, err := newCSVDecoder(strings.NewReader(page), schema, "Contact", leakChecked(t))
	if err != nil {
		t.Fatal(err)
	}
	defer bulk.Release()
	want, err := bulk.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer want.Release()
	rest := newJSONDecoder(schema, "Contact", leakChecked(t))
	defer rest.Release()
	_, got, err := rest.Page(strings.NewReader(restPage(
		`{"Id":"1","Account":{"Name":"a\r\n\"b\""},"Active__c":true,"Count__c":12,"Amount":10000000.5,"Day__c":"2024-02-29",
		  "CreatedDate":"2026-05-01T07:25:37.000+0000","Opens__c":"17:30:00.000Z","Key__c":12500000.0,"Stamp__c":"2026-05-01T07:25:37.000+0000",
		  "Whole__c":7,"Flag__c":false,"Any__c":2.0}`,
		`{"Id":"2","Account":null,"Active__c":false,"Count__c":-1,"Amount":0.1,"Day__c":null,"CreatedDate":null,"Opens__c":null,
		  "Key__c":null,"Stamp__c":null,"Whole__c":null,"Flag__c":null,"Any__c":""}`)))
	if err != nil {
		t.Fatal(err)
	}
	defer got.Release()
	if !array.RecordEqual(got, want) {
		t.Errorf("REST %q\nBulk %q", cells(got), cells(want))
	}
}
