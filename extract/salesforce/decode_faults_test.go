package salesforce

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// keeps decodes the values as the one text field of a Bulk page and of a REST page, and expects them unchanged.
func keeps(t *testing.T, values ...string) {
	t.Helper()
	schema := schemaOf(t, textFields("Description", "End"))
	lines, records, want := [][]string{{"Description", "End"}}, []string(nil), [][]string(nil)
	for _, value := range values {
		lines = append(lines, []string{value, "."})
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, fmt.Sprintf(`{"Description":%s,"End":"."}`, text))
		want = append(want, []string{value, "."})
	}
	bulk, err := decodeCSV(t, strings.NewReader(quoteAll(lines...)), schema, maxRecordBytes)
	if err != nil || !cmp.Equal(bulk, want) {
		t.Errorf("Bulk: %v, changed: %t", err, err == nil)
	}
	_, rest, err := decodePage(t, restPage(records...), schema)
	if err != nil || !cmp.Equal(rest, want) {
		t.Errorf("REST: %v, changed: %t", err, err == nil)
	}
}

// refusesBoth expects that neither a Bulk nor a REST page with the value, written as it is, is accepted.
func refusesBoth(t *testing.T, field Field, csv, json string) {
	t.Helper()
	field.Name = "Value__c"
	schema := schemaOf(t, append(textFields("Id"), field))
	_, err := decodeCSV(t, strings.NewReader("\"Id\",\"Value__c\"\n\"1\",\"\"\n\"2\",\""+csv+"\"\n"), schema, maxRecordBytes)
	if got := refusal(t, err); got.Row != 2 || got.Field != "Value__c" || got.Offset == 0 {
		t.Errorf("Bulk %q: %v", csv, err)
	}
	_, _, err = decodePage(t, restPage(`{"Id":"1","Value__c":null}`, `{"Id":"2","Value__c":`+json+`}`), schema)
	if got := refusal(t, err); got.Row != 2 || got.Field != "Value__c" || got.Offset == 0 {
		t.Errorf("REST %q: %v", json, err)
	}
}

func TestDecodeFaultsOfText(t *testing.T) {
	t.Parallel()
	t.Run("F073 line breaks in a value", func(t *testing.T) {
		t.Parallel()
		keeps(t, "a\nb", "a\r\nb", "a\rb", "\n", "\r", "\r\n", "a\n\r\n\r", "\n\"\n")
	})
	t.Run("F074 quotes and separators in a value", func(t *testing.T) {
		t.Parallel()
		keeps(t, `"`, `""`, `a"b`, `"a"`, `","`, "\",\"\n", "a,b", ",", "a;b;c", "a\tb", "'", `\`, `\"`, "12345678\"", "1234567\"8", `"""""""""""""""""`)
	})
	t.Run("F075 NUL byte", func(t *testing.T) {
		t.Parallel()
		keeps(t, "\x00", "a\x00b", "\x00\x00\x00\x00\x00\x00\x00\x00", "end\x00")
	})
	t.Run("F076 invalid UTF-8", func(t *testing.T) {
		t.Parallel()
		text := Field{Type: "textarea"}
		for _, invalid := range []string{"\xff", "caf\xe9", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xed\xa0\xbd\xed\xb8\x80", "\xc0\xaf", "\xf5\x80\x80\x80", "\x80 after", "\xff far before the end", "long enough a text\x80"} {
			refusesBoth(t, text, invalid, `"`+invalid+`"`)
			refusesBoth(t, text, invalid, `"`+invalid+`\n plain"`)
		}
		for _, lone := range []string{`"\ud800"`, `"\udc00"`, `"\ud800\ud800"`, `"\udc00\ud800"`, `"\ud800x\udc00"`, `"\ud800\n"`, `"a\uDBFF`, `"\uD83D\u0041"`} {
			refusesBoth(t, text, "\xed\xa0\x80", strings.TrimSuffix(lone, `"`)+`"`)
		}
	})
	t.Run("F076 value cut inside a character, made whole by the next", func(t *testing.T) {
		t.Parallel()
		page := "\"Id\",\"Value__c\"\n\"1\",\"\xc3\"\n\"2\",\"\xa9\"\n"
		_, err := decodeCSV(t, strings.NewReader(page), schemaOf(t, textFields("Id", "Value__c")), maxRecordBytes)
		if got := refusal(t, err); got.Row != 1 || got.Problem != string(invalidText) {
			t.Errorf("%v", err)
		}
		_, err = decodeCSV(t, strings.NewReader(strings.ReplaceAll(page, `"`, "")), schemaOf(t, textFields("Id", "Value__c")), maxRecordBytes)
		if got := refusal(t, err); got.Row != 1 || got.Problem != string(invalidText) {
			t.Errorf("without quotes: %v", err)
		}
	})
	t.Run("F077 long text area and long record", func(t *testing.T) {
		t.Parallel()
		keeps(t, strings.Repeat("x", 131_072), "short", strings.Repeat("語\"\r\n", 100_000), strings.Repeat("y", 1_200_000))
	})
	t.Run("F079 scripts of the world", func(t *testing.T) {
		t.Parallel()
		keeps(t, "👩‍👩‍👧‍👦", "e\u0301", "é", "\u202eabc", "a\u00a0b", "\u200b", "\ufeff", "Ünïcödé", "日本語", "\U0010ffff", "\ufffd", "\ufffe")
	})
}

func TestDecodeFaultsOfValues(t *testing.T) {
	t.Parallel()
	t.Run("F080 numbers", func(t *testing.T) {
		t.Parallel()
		schema := schemaOf(t, []Field{{Name: "Value__c", Type: "currency", Precision: 18, Scale: 4}, {Name: "Key__c", Type: "double", Precision: 18}}, "Key__c")
		for _, c := range []struct{ value, key, wantValue, wantKey string }{
			{"12345678901234.5678", "999999999999999999", "12345678901234.5678", "999999999999999999"},
			{"-0", "-0.0", "0.0000", "0"}, {"1e5", "1e5", "100000.0000", "100000"}, {"0.1", "0", "0.1000", "0"},
			{"1.6147805824397E13", "1.6147805824397E13", "16147805824397.0000", "16147805824397"}, {"-99.9999", "-7.0", "-99.9999", "-7"},
		} {
			want := [][]string{{c.wantValue, c.wantKey}}
			bulk, err := decodeCSV(t, strings.NewReader(quoteAll([]string{"Value__c", "Key__c"}, []string{c.value, c.key})), schema, maxRecordBytes)
			if err != nil || !cmp.Equal(bulk, want) {
				t.Errorf("Bulk %s: %v, %q", c.value, err, bulk)
			}
			_, rest, err := decodePage(t, restPage(fmt.Sprintf(`{"Value__c":%s,"Key__c":%s}`, c.value, c.key)), schema)
			if err != nil || !cmp.Equal(rest, want) {
				t.Errorf("REST %s: %v, %q", c.value, err, rest)
			}
		}
		decimal := Field{Type: "double", Precision: 18, Scale: 2}
		for _, number := range []string{"0.001", "1e17", "12345678901234567.8", "1e-9"} {
			refusesBoth(t, decimal, number, number)
		}
		refusesBoth(t, decimal, "1,5", `"1,5"`)
		refusesBoth(t, Field{Type: "int"}, "2147483648", "2147483648")
	})
	t.Run("F082 booleans", func(t *testing.T) {
		t.Parallel()
		for _, word := range []string{"TRUE", "True", "1", "yes", " true"} {
			refusesBoth(t, Field{Type: "boolean"}, word, `"`+word+`"`)
		}
		refusesBoth(t, Field{Type: "boolean"}, "0", "0")
	})
}

func TestDecodeFaultsOfShape(t *testing.T) {
	t.Parallel()
	t.Run("F083 short and long records", func(t *testing.T) {
		t.Parallel()
		schema := schemaOf(t, textFields("Id", "Name", "Fax"))
		good := "\"Id\",\"Name\",\"Fax\"\n\"1\",\"a\nb\",\"\"\n"
		for record, want := range map[string]DecodeError{
			"\"2\",\"b\"\n":                {Offset: int64(len(good)) + 7, Field: "Name", Problem: string(tooFewFields)},
			"2\n":                          {Offset: int64(len(good)) + 1, Field: "Id", Problem: string(tooFewFields)},
			"\"2\",\"b\",\"c\",\"d\"\n":    {Offset: int64(len(good)) + 11, Field: "Fax", Problem: string(tooManyFields)},
			"\"2\",\"b\",\"c\",\n":         {Offset: int64(len(good)) + 11, Field: "Fax", Problem: string(tooManyFields)},
			"\"2\",\"b\",\"c\"\r\"3\"\n":   {Offset: int64(len(good)) + 11, Field: "Fax", Problem: string(bareReturn)},
			"\"2\",\"b\",\"say \"hi\"\"\n": {Offset: int64(len(good)) + 14, Field: "Fax", Problem: string(afterQuote)},
		} {
			_, err := decodeCSV(t, strings.NewReader(good+record), schema, maxRecordBytes)
			want.Object, want.Row = "Contact", 2
			if got := *refusal(t, err); got != want {
				t.Errorf("%q: %#v, want %#v", record, got, want)
			}
		}
	})
	t.Run("F085 hostile JSON", func(t *testing.T) {
		t.Parallel()
		schema := schemaOf(t, append(textFields("Id"), Field{Name: "Amount", Type: "currency", Precision: 18, Scale: 2}))
		deep := strings.Repeat("[", 10_000_000)
		for _, c := range []struct{ name, body, problem string }{
			{"deep lists", restPage(`{"x":` + deep), string(tooDeep)},
			{"deep objects", restPage(`{"x":` + strings.Repeat(`{"a":`, 100_000)), string(tooDeep)},
			{"deep page", `{"x":` + deep, string(tooDeep)},
			{"huge number", restPage(`{"Id":"1","Amount":` + strings.Repeat("9", 1_000_000) + `}`), string(numberTooLong)},
			{"huge exponent", restPage(`{"Id":"1","Amount":1e999999999}`), string(tooLarge)},
			{"field twice", restPage(`{"Id":"1","Amount":1,"Amount":2}`), string(repeatedField)},
			{"key twice in a skipped object", restPage(`{"attributes":{"a":1,"a":2},"Id":"1","Amount":1}`), string(repeatedKey)},
			{"key twice among many", restPage(`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"i":1}`), string(repeatedKey)},
			{"second page behind", restPage() + restPage(), "data behind the end of the page"},
			{"NUL behind", restPage() + "\x00", "data behind the end of the page"},
		} {
			_, _, err := decodePage(t, c.body, schema)
			if got := refusal(t, err); got.Problem != c.problem {
				t.Errorf("%s: %v, want %s", c.name, err, c.problem)
			}
		}
	})
}

func TestDecodeErrorText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		refused    DecodeError
		text, hint string
	}{
		{DecodeError{Object: "Contact", Row: 12, Offset: 3456, Field: "Email", Problem: string(invalidText)},
			"Contact: row 12: byte 3456: Email: text that is not UTF-8",
			"look at Email of that Contact in Salesforce, or take the field out of salesforce.objects.Contact.fields"},
		{DecodeError{Object: "Contact", Row: 12, Record: "0035g00000M8uTLAAZ", Offset: 3456, Field: "Email", Problem: string(invalidText)},
			"Contact: row 12 (0035g00000M8uTLAAZ): byte 3456: Email: text that is not UTF-8",
			"look at Email of Contact 0035g00000M8uTLAAZ in Salesforce, or take the field out of salesforce.objects.Contact.fields"},
		{DecodeError{Object: "Account", Problem: "HTML or XML instead of CSV"},
			"Account: byte 0: HTML or XML instead of CSV",
			"the answer is not what Salesforce documents: look for a proxy or a sign-in page between here and Salesforce"},
		{DecodeError{Object: "Account", Row: 7, Offset: 900, Problem: string(unfinished), cut: true},
			"Account: row 7: byte 900: stream ends inside a record",
			"the answer ended before its last record: run again, and look at what stands between here and Salesforce if it stays"},
	} {
		if got := c.refused.Error(); got != c.text {
			t.Errorf("%s, want %s", got, c.text)
		}
		if got := c.refused.Hint(); got != c.hint {
			t.Errorf("%s, want %s", got, c.hint)
		}
	}
	_, err := decodeCSV(t, strings.NewReader(strings.Repeat("x", 1_000)+"\n"), schemaOf(t, textFields("Id")), maxRecordBytes)
	if got := refusal(t, err); len(got.Problem) > 150 {
		t.Errorf("a header of 1,000 bytes is repeated whole: %s", got.Problem)
	}
}

// An error names the record that it is about by its id, and never by anything else that stands in its place.
func TestDecodeErrorsNameTheRecord(t *testing.T) {
	t.Parallel()
	const id, other = "0035g00000M8uTLAAZ", "0035g00000M8uTMAAZ"
	schema := schemaOf(t, append(textFields("Id"), Field{Name: "Amount__c", Type: "currency", Precision: 18, Scale: 2}))
	for _, c := range []struct{ id, amount, want string }{
		{id, "1.005", id}, {"Mrs Smith", "1.005", ""}, {"", "1.005", ""},
	} {
		_, bulk := decodeCSV(t, strings.NewReader(quoteAll([]string{"Id", "Amount__c"}, []string{other, "1.0"}, []string{c.id, c.amount})), schema, maxRecordBytes)
		_, _, rest := decodePage(t, restPage(`{"Id":"`+other+`","Amount__c":1.0}`, `{"Id":"`+c.id+`","Amount__c":`+c.amount+`}`), schema)
		for _, err := range []error{bulk, rest} {
			if got := refusal(t, err); got.Record != c.want || got.Row != 2 {
				t.Errorf("%q: record %q in row %d, want %q in row 2", c.id, got.Record, got.Row, c.want)
			}
		}
	}
	_, _, err := decodePage(t, restPage(`{"Id":"`+other+`","Amount__c":1.0}`, `{"Amount__c":1.005,"Id":"`+id+`"}`), schema)
	if got := refusal(t, err); got.Record != "" {
		t.Errorf("record %s is named, though its id has not come yet", got.Record)
	}
}

// An error never repeats a value: logs must be free of record content.
func TestDecodeErrorsHoldNoValue(t *testing.T) {
	t.Parallel()
	const secret = "s3cretvalue"
	for _, field := range []Field{{Type: "boolean"}, {Type: "int"}, {Type: "double", Precision: 9}, {Type: "date"}, {Type: "datetime"}, {Type: "time"}} {
		field.Name = "Value__c"
		schema := schemaOf(t, []Field{field})
		_, bulk := decodeCSV(t, strings.NewReader(quoteAll([]string{"Value__c"}, []string{secret})), schema, maxRecordBytes)
		_, _, rest := decodePage(t, restPage(`{"Value__c":"`+secret+`"}`), schema)
		for _, err := range []error{bulk, rest} {
			if got := refusal(t, err); strings.Contains(got.Error()+got.Hint(), secret) {
				t.Errorf("%v", err)
			}
		}
	}
}
