package erp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// accepted are files that must be read, and what must come of them.
var accepted = []struct {
	name    string
	why     string
	file    string
	content string
	options Options
	want    [][]string
}{
	{name: "F094/bom", why: "Excel and .NET write a UTF-8 byte order mark", content: "\ufeffid,name\n1,a\n",
		options: Options{Required: []string{"id"}}, want: [][]string{{"1", "a"}}},
	{name: "F094/bom before quotes", why: "the mark must not become part of a quoted name", content: "\ufeff\"id\",\"name\"\n1,a\n",
		options: Options{Required: []string{"id"}}, want: [][]string{{"1", "a"}}},
	{name: "F095/utf-16le with bom", why: "the mark says it", content: utf16Of(unicode.LittleEndian, unicode.UseBOM, "id,name\n1,Zoë 🐙\n"), want: [][]string{{"1", "Zoë 🐙"}}},
	{name: "F095/utf-16be with bom", why: "the mark says it", content: utf16Of(unicode.BigEndian, unicode.UseBOM, "id,name\n1,Zoë 🐙\n"), want: [][]string{{"1", "Zoë 🐙"}}},
	{name: "F095/utf-16le configured", why: "without a mark the configuration says it", content: utf16Of(unicode.LittleEndian, unicode.IgnoreBOM, "id,name\n1,Zoë\n"),
		options: Options{Encoding: "utf-16le"}, want: [][]string{{"1", "Zoë"}}},
	{name: "F095/utf-16 by its mark", why: "utf-16 accepts either order", content: utf16Of(unicode.BigEndian, unicode.UseBOM, "id,name\n1,Zoë\n"),
		options: Options{Encoding: "utf-16"}, want: [][]string{{"1", "Zoë"}}},
	{name: "F096/latin-1 configured", why: "older ERPs write it", content: "id,name\n1,M\xfcller\n", options: Options{Encoding: "latin-1"}, want: [][]string{{"1", "Müller"}}},
	{name: "F096/windows-1252 configured", why: "the euro sign tells it from latin-1", content: "id,name\n1,M\xfcller \x80\n", options: Options{Encoding: "windows-1252"}, want: [][]string{{"1", "Müller €"}}},
	{name: "F097/semicolon", why: "the header shows it", content: "id;name\n1;a,b\n", want: [][]string{{"1", "a,b"}}},
	{name: "F097/tab by extension", why: ".tsv says it", file: "c.tsv", content: "id\tname\n1\ta,b\n", want: [][]string{{"1", "a,b"}}},
	{name: "F097/tab in txt", why: "the header shows it", file: "c.txt", content: "id\tname\n1\ta,b\n", want: [][]string{{"1", "a,b"}}},
	{name: "F097/pipe configured", why: "the configuration beats the header", content: "i,d|name\n1|a\n", options: Options{Delimiter: "|", Required: []string{"i,d"}}, want: [][]string{{"1", "a"}}},
	{name: "F097/sep line", why: "Excel's hint is no header", content: "sep=;\r\nid;name\r\n1;a\r\n", options: Options{Required: []string{"id"}}, want: [][]string{{"1", "a"}}},
	{name: "F097/quoted sep line", why: "some quote it", content: "\"sep=|\"\nid|name\n1|a\n", want: [][]string{{"1", "a"}}},
	{name: "F097/delimiter in a quoted name", why: "quotes hide it from the count", content: "\"a,b,c\";name\n1;x\n", want: [][]string{{"1", "x"}}},
	{name: "F097/decimal comma", why: "by configuration only", content: "id;sum\n1;-1234,50\n",
		options: Options{DecimalComma: true, Types: map[string]string{"sum": "decimal(10,2)"}}, want: [][]string{{"1", "-1234.50"}}},
	{name: "F098/crlf", why: "Windows", content: "id,name\r\n1,a\r\n2,b\r\n", want: [][]string{{"1", "a"}, {"2", "b"}}},
	{name: "F098/cr", why: "classic Mac OS: the header's line end holds for the file", content: "id,name\r1,a\r2,b\r", want: [][]string{{"1", "a"}, {"2", "b"}}},
	{name: "F098/cr keeps quoted line feeds", why: "line ends inside quotes are data", content: "id,name\r1,\"a\nb\r\nc\"\r", want: [][]string{{"1", "a\nb\r\nc"}}},
	{name: "F098/mixed", why: "files are pasted together", content: "id,name\n1,a\r\n2,b\n", want: [][]string{{"1", "a"}, {"2", "b"}}},
	{name: "F099/quoted header", why: "quotes are no part of the name", content: "\"id\",\"na\"\"me\"\n1,a\n", options: Options{Required: []string{"id", `na"me`}}, want: [][]string{{"1", "a"}}},
	{name: "F099/swapped columns", why: "columns go by name", content: "name,id\na,007\n", options: Options{Required: []string{"id"}}, want: [][]string{{"a", "007"}}},
	{name: "F099/extra column", why: "extra columns pass through", content: "id,name,new\n1,a,x\n", options: Options{Required: []string{"id"}}, want: [][]string{{"1", "a", "x"}}},
	{name: "F099/spaces in a name nobody asked for", why: "names stay exact", content: "id, name\n1,a\n", options: Options{Required: []string{"id"}}, want: [][]string{{"1", "a"}}},
	{name: "F102/trailing decimal", why: "123.0 stays text; a rule may strip it", content: "id,name\n123.0,a\n", options: Options{Identifiers: []string{"id"}}, want: [][]string{{"123.0", "a"}}},
	{name: "F103/long ids", why: "20 digits and more are no number", content: "id,name\n12345678901234567890,a\n12345678901234567891,b\n123456789012345678901234567890,c\n",
		options: Options{Identifiers: []string{"id"}}, want: [][]string{{"12345678901234567890", "a"}, {"12345678901234567891", "b"}, {"123456789012345678901234567890", "c"}}},
	{name: "F101/1E10 is an id", why: "only a lost mantissa shows a spreadsheet", content: "id,name\n1E10,a\n1e+5,b\n1E+10,c\n12.3E+4,d\n",
		options: Options{Identifiers: []string{"id"}}, want: [][]string{{"1E10", "a"}, {"1e+5", "b"}, {"1E+10", "c"}, {"12.3E+4", "d"}}},
	{name: "F101/notation outside identifiers", why: "other columns are nobody's key", content: "id,note\n1,1.23E+10\n", options: Options{Identifiers: []string{"id"}}, want: [][]string{{"1", "1.23E+10"}}},
	{name: "F105/blank keys", why: "they pass as they are; the link judges them", content: "id,name\n,a\n\"\",b\n-,c\n0,d\nN/A,e\n  ,f\nNULL,g\n\"NULL\",h\n",
		want: [][]string{{null, "a"}, {"", "b"}, {"-", "c"}, {"0", "d"}, {"N/A", "e"}, {"  ", "f"}, {"NULL", "g"}, {"NULL", "h"}}},
	{name: "F104/duplicates", why: "equal rows are counted later", content: "id,name\n1,a\n1,a\n1,b\n", want: [][]string{{"1", "a"}, {"1", "a"}, {"1", "b"}}},
	{name: "F106/trailing blank lines", why: "editors leave them", content: "id,name\r\n1,a\r\n\r\n\r\n", want: [][]string{{"1", "a"}}},
	{name: "one column", why: "an empty line is a row there", content: "id\n1\n\n\"\"\n", want: [][]string{{"1"}, {null}, {""}}},
	{name: "quotes", why: "RFC 4180, with line ends that survive", content: "id,name\n1,\"a \"\"b\"\"\r\nc,d\"\n\"\"\"\",\"\"\"\"\"\"\n", want: [][]string{{"1", "a \"b\"\r\nc,d"}, {`"`, `""`}}},
	{name: "no final newline, optional", why: "the configuration takes the risk", content: "id,name\n1,a", options: Options{FinalNewline: "optional"}, want: [][]string{{"1", "a"}}},
	{name: "header only, allowed", why: "guards.allow_empty", content: "id,name\n", options: Options{AllowEmpty: true}, want: [][]string{}},
	{name: "no bytes, allowed", why: "the columns asked for stand in for the header", content: "", options: Options{AllowEmpty: true, Identifiers: []string{"id"}}, want: [][]string{}},
	{name: "types", why: "exact values, nothing as NULL",
		content: "id,d,i,day,at,b\n007,12.50,9223372036854775807,2024-02-29,2024-02-29T23:59:59.5+02:00,Yes\n008,,,,,\n009,\"\",\"\",\"\",\"\",\"\"\n",
		options: Options{Types: map[string]string{"d": "decimal(38,4)", "i": "integer", "day": "date", "at": "timestamp", "b": "boolean", "id": "text"}},
		want: [][]string{{"007", "12.5000", "9223372036854775807", "2024-02-29", "2024-02-29T21:59:59.5Z", "true"},
			{"008", null, null, null, null, null}, {"009", null, null, null, null, null}}},
}

func TestAccepted(t *testing.T) {
	t.Parallel()
	for _, test := range accepted {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			name := "customers.csv"
			if test.file != "" {
				name = test.file
			}
			for _, variant := range []struct {
				suffix  string
				content []byte
			}{{"", []byte(test.content)}, {".gz", gzipBytes(t, []byte(test.content))}, {".zst", zstdBytes(t, []byte(test.content))}} {
				if test.content == "" && variant.suffix != "" {
					continue
				}
				read := mustRead(t, name+variant.suffix, variant.content, test.options)
				if diff := cmp.Diff(test.want, read.rows); diff != "" {
					t.Errorf("%s%s (-want +got):\n%s", test.why, variant.suffix, diff)
				}
			}
		})
	}
}

// refused are files that must not be read, with the words that must explain why.
var refused = []struct {
	name    string
	why     string
	file    string
	content string
	options Options
	code    int
	words   []string
}{
	{name: "F088/empty", why: "0 rows is never a day's customers", content: "", words: []string{"empty"}},
	{name: "F088/header only", why: "the same", content: "id,name\n", words: []string{"no rows"}},
	{name: "F088/mark only", why: "there is no header", content: "\ufeff", words: []string{"no header"}},
	{name: "F090/cut in quotes", why: "DuckDB takes half a value", content: "id,name\n1,\"A\"\n2,\"B half", words: []string{"line 3 (byte 16)", "ends inside this quoted field"}},
	{name: "F090/cut in a row", why: "the last line has no end", content: "id,name,city\n1,a,b\n2,c", words: []string{"line 3 (byte 19)", "no line end"}},
	{name: "F090/cut after a comma", why: "all common readers take it as NULL", content: "id,name\n1,a\n2,", words: []string{"line 3", "no line end"}},
	{name: "F090/cut in the header", why: "nor is half a header one", content: "id,na", words: []string{"line 1", "no line end"}},
	{name: "F090/cut in a character", why: "a UTF-8 sequence has a length", content: "id,name\n1,Zo\xc3", words: []string{"line 2 (byte 12)", "inside a character"}},
	{name: "F095/utf-16 without mark", why: "NUL bytes are no text", content: utf16Of(unicode.LittleEndian, unicode.IgnoreBOM, "id,name\n1,a\n"), words: []string{"line 1 (byte 1)", "UTF-16 without a byte order mark"}},
	{name: "F095/utf-16 needs a mark", why: "the order is unknown", content: "id,name\n", options: Options{Encoding: "utf-16"}, words: []string{"no byte order mark"}},
	{name: "F095/half a unit", why: "cut inside a character", content: utf16Of(unicode.LittleEndian, unicode.UseBOM, "id,name\n1,a\n") + "x", words: []string{"inside a character of UTF-16"}},
	{name: "F095/lone surrogate", why: "no character", content: "\xff\xfei\x00d\x00\n\x00\x00\xd8x\x00\n\x00", words: []string{"line 2", "lone surrogate"}},
	{name: "F095/utf-32", why: "nobody means it", content: "\xff\xfe\x00\x00i\x00\x00\x00", words: []string{"UTF-32"}},
	{name: "F095/mark against configuration", why: "one of the two is wrong", content: "\ufeffid\n1\n", options: Options{Encoding: "latin-1"}, words: []string{"byte order mark says UTF-8"}},
	{name: "F096/latin-1", why: "an umlaut of another encoding", content: "id,name\n1,a\n2,M\xfcller\n", words: []string{"line 3 (byte 15)", "0xFC is not UTF-8"}},
	{name: "F096/windows-1252 read as latin-1", why: "0x80 is a euro sign there", content: "id,name\n1,\x80\n", options: Options{Encoding: "latin-1"}, words: []string{"line 2", "0x80", "windows-1252"}},
	{name: "F096/undefined in windows-1252", why: "five bytes have no character", content: "id,name\n1,\x81\n", options: Options{Encoding: "windows-1252"}, words: []string{"line 2", "0x81"}},
	{name: "F096/overlong", why: "RFC 3629 forbids a second spelling", content: "id\n\xc0\xaf\n", words: []string{"line 2 (byte 3)"}},
	{name: "F096/nul", why: "readers cut values there", content: "id,name\n1,a\x00b\n", words: []string{"line 2 (byte 11)", "NUL"}},
	{name: "F097/wrong delimiter configured", why: "one column, not the required one", content: "id;name\n1;a\n", options: Options{Delimiter: ",", Required: []string{"id"}}, words: []string{`column "id" missing`}},
	{name: "F097/tie", why: "no guess", content: "a,b;c\n1,2;3\n", words: []string{"two delimiters"}},
	{name: "F097/sep line against configuration", why: "one of the two is wrong", content: "sep=;\nid;a\n1;2\n", options: Options{Delimiter: ","}, words: []string{"sep= line"}},
	{name: "F097/decimal comma unasked", why: "1,5 is not 1.5 or 15", content: "id;sum\n1;2,50\n", options: Options{Types: map[string]string{"sum": "decimal(9,2)"}}, words: []string{"line 2", `column "sum"`, "not a decimal"}},
	{name: "F098/lone cr", why: "in a file of LF it may split a value", content: "id,name\n1,a\rb\n", words: []string{"line 2 (byte 11)", "carriage return"}},
	{name: "F098/lone lf in a file of cr", why: "the same the other way", content: "id,name\r1,a\nb\r", words: []string{"line 2 (byte 11)", "line feed"}},
	{name: "F098/cr cr lf", why: "converted twice", content: "id,name\n1,a\r\r\n", words: []string{"line 2", "carriage return"}},
	{name: "F099/duplicate header", why: "DuckDB renames or ignores it", content: "id,name,id\n1,a,2\n", options: Options{Required: []string{"id"}}, words: []string{"line 1", `"id" occurs twice`}},
	{name: "F099/differs in case", why: "SQL cannot tell them apart", content: "id,ID\n1,2\n", options: Options{Required: []string{"id"}}, words: []string{`columns "id" and "ID" differ only in case`}},
	{name: "F099/empty name", why: "a trailing delimiter", content: "id,name,\n1,a,\n", words: []string{"column 3 of the header has no name"}},
	{name: "F099/control character", why: "a header that is data", content: "id,\"a\nb\"\n1,a\n", options: Options{Required: []string{"id"}}, words: []string{`control characters in the name of column "a\nb"`}},
	{name: "F099/missing", why: "told with what is there", content: "kunde,name\n1,a\n", options: Options{Required: []string{"customer_id", "name"}}, words: []string{`column "customer_id" missing`, `"kunde", "name"`}},
	{name: "F099/spaces", why: "the near name is told", content: " id ,name\n1,a\n", options: Options{Required: []string{"id"}}, words: []string{`" id " is near "id" (spaces around it)`}},
	{name: "F099/other case", why: "the near name is told", content: "Customer_ID,name\n1,a\n", options: Options{Required: []string{"customer_id"}}, words: []string{`"Customer_ID" is near "customer_id" (other case)`}},
	{name: "F099/typo", why: "the near name is told", content: "custmer_id,name\n1,a\n", options: Options{Required: []string{"customer_id"}}, words: []string{`"custmer_id" is near "customer_id"`}},
	{name: "F099/invisible character", why: "the near name shows it", content: "id\u200b,name\n1,a\n", options: Options{Required: []string{"id"}}, words: []string{`"id\u200b" is near "id"`}},
	{name: "F099/html page", why: "a login page is no table", content: "<!DOCTYPE html>\n<html><body>Login</body></html>\n", options: Options{Required: []string{"id"}}, words: []string{`column "id" missing`}},
	{name: "F101/excel", why: "the digits are gone", content: "id,name\n123,a\n1.23E+10,b\n5.5E+3,c\n\"1,2E+7\",d\n", options: Options{Identifiers: []string{"id"}}, words: []string{"line 3 (byte 14)", `column "id"`, "first of 3 identifiers"}},
	{name: "F106/total row", why: "fewer fields", content: "id,name\n1,a\nTOTAL 1\n", words: []string{"line 3 (byte 12)", "1 field, header has 2"}},
	{name: "F106/blank line between", why: "rows may be lost there", content: "id,name\n1,a\n\n2,b\n", words: []string{"line 3 (byte 12)", "blank line"}},
	{name: "F106/ten thousand blank lines", why: "no table ends so", content: "id,name\n1,a\n" + strings.Repeat("\n", 10_001), words: []string{"line 3 (byte 12)", "more than 10,000 blank lines"}},
	{name: "F106/comment", why: "no table has them", content: "id,name\n# made by ERP\n1,a\n", words: []string{"line 2", "1 field"}},
	{name: "the header again", why: "two exports were put into one file", content: "id,name\n1,a\nid,name\n2,b\n", words: []string{"line 3 (byte 12)", "the header again"}},
	{name: "the header again, from another system", why: "the second export has its own line ends and mark", content: "id,name\n1,a\n\ufeffid,name\r\n2,b\r\n", words: []string{"line 3 (byte 12)", "the header again"}},
	{name: "extra field", why: "DuckDB makes one column of the file", content: "id,name\n1,a\n2,b,c\n", words: []string{"line 3 (byte 12)", "3 fields, header has 2"}},
	{name: "bare quote", why: "DuckDB takes it", content: "id,name\n1,a \"b\" c\n", words: []string{"line 2 (byte 12)", "quote inside an unquoted field"}},
	{name: "text after quote", why: "inner quotes not doubled", content: "id,name\n1,\"a \"b\" c\"\n", words: []string{"line 2 (byte 14)", "text after a closing quote"}},
	{name: "place after quoted line ends", why: "physical lines are counted", content: "id,name\n1,\"a\n\n\nb\"\n2\n", words: []string{"line 6 (byte 18)", "1 field"}},
	{name: "quotes over the end", why: "an opening quote swallows the file", content: "id,name\n1,\"a\n2,b\n3,c\n", words: []string{"line 2 (byte 10)", "inside this quoted field"}},
	{name: "excel file", why: "a workbook named csv", content: "PK\x03\x04\x14\x00\x06\x00", words: []string{"Excel"}},
	{name: "named gz", why: "not compressed at all", file: "customers.csv.gz", content: "id\n1\n", words: []string{"not compressed"}},
	{name: "named parquet", why: "CSV under another name", file: "customers.parquet", content: "id,name\n1,a\n", words: []string{"PAR1"}},
	{name: "configured parquet", why: "the format is not the file's", content: "id,name\n1,a\n", options: Options{Format: "parquet"}, words: []string{"PAR1"}},
	{name: "bad decimal", why: "line and column, not the value", content: "id,d\n1,1.5\n2,secret\n", options: Options{Types: map[string]string{"d": "decimal(5,2)"}}, words: []string{"line 3 (byte 11)", `column "d"`, "not a decimal"}},
	{name: "bad date", why: "30 February", content: "id,d\n1,2024-02-30\n", options: Options{Types: map[string]string{"d": "date"}}, words: []string{"line 2", "not a date"}},
	{name: "type of a missing column", why: "the configuration is at fault", content: "id,sum\n1,2\n", options: Options{Types: map[string]string{"Sum": "integer"}}, code: 2, words: []string{`column "Sum"`, `"sum" is near`}},
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			name, code := "customers.csv", exitInput
			if test.file != "" {
				name = test.file
			}
			if test.code != 0 {
				code = test.code
			}
			refusal := mustRefuse(t, name, []byte(test.content), test.options, code, test.words...)
			if strings.Contains(refusal.Error(), "secret") || strings.Contains(refusal.Hint(), "secret") {
				t.Errorf("the value is in the message: %v", refusal)
			}
			if t.Failed() {
				t.Log(test.why)
			}
		})
	}
}

func TestMisconfigured(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		options Options
		word    string
	}{
		{"format", Options{Format: "xlsx"}, `unknown format "xlsx"`},
		{"delimiter", Options{Delimiter: "::"}, "unknown delimiter"},
		{"encoding", Options{Encoding: "ebcdic"}, "unknown encoding"},
		{"final newline", Options{FinalNewline: "maybe"}, "final newline"},
		{"type", Options{Types: map[string]string{"id": "money"}}, `unknown type "money"`},
		{"precision", Options{Types: map[string]string{"id": "decimal(39,2)"}}, "out of range"},
		{"scale", Options{Types: map[string]string{"id": "decimal(2,3)"}}, "out of range"},
		{"typed identifier", Options{Identifiers: []string{"id"}, Types: map[string]string{"id": "integer"}}, "an identifier is text"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			mustRefuse(t, "customers.csv", []byte("id,name\n1,a\n"), test.options, exitConfiguration, test.word)
		})
	}
}

// F100: a reader that samples the first rows takes the column for numbers.
func TestF100LeadingZerosAfterManyNumbers(t *testing.T) {
	t.Parallel()
	var content strings.Builder
	content.WriteString("id,name\n")
	for i := range 30_000 {
		fmt.Fprintf(&content, "%d,x\n", i)
	}
	content.WriteString("00123,x\n")
	read := mustRead(t, "customers.csv", []byte(content.String()), Options{Identifiers: []string{"id"}})
	if got := read.rows[30_000][0]; got != "00123" || len(read.rows) != 30_001 {
		t.Errorf("the last of %d ids is %q", len(read.rows), got)
	}
}

func utf16Of(order unicode.Endianness, mark unicode.BOMPolicy, text string) string {
	encoded, err := unicode.UTF16(order, mark).NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return encoded
}

// Every character of the two single-byte encodings, against golang.org/x/text.
func TestSingleByteEncodings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		decode func(byte) rune
		table  *charmap.Charmap
		refuse int
	}{{"latin-1", latin1Rune, charmap.ISO8859_1, 32}, {"windows-1252", windows1252Rune, charmap.Windows1252, 5}} {
		refused := 0
		for i := range 256 {
			got := test.decode(byte(i))
			if got < 0 {
				refused++
			} else if want := test.table.DecodeByte(byte(i)); got != want {
				t.Errorf("%s 0x%02X is %U, want %U", test.name, i, got, want)
			}
		}
		if refused != test.refuse {
			t.Errorf("%s refuses %d bytes, want %d", test.name, refused, test.refuse)
		}
	}
}
