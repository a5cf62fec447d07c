package salesforce

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const null = "<NULL>" // how cells shows NULL

// textFields are fields of type string.
func textFields(names ...string) []Field {
	fields := make([]Field, len(names))
	for i, name := range names {
		fields[i] = Field{Name: name, Type: "string"}
	}
	return fields
}

// cells shows every value of the batch as Arrow does, decimals with their full scale.
func cells(batch arrow.RecordBatch) [][]string {
	rows := make([][]string, batch.NumRows())
	for row := range rows {
		rows[row] = make([]string, batch.NumCols())
		for i, column := range batch.Columns() {
			rows[row][i] = null
			if column.IsNull(row) {
				continue
			}
			rows[row][i] = column.ValueStr(row)
			if decimals, ok := column.(*array.Decimal128); ok {
				rows[row][i] = decimals.Value(row).ToString(decimals.DataType().(arrow.DecimalType).GetScale())
			}
		}
	}
	return rows
}

// leakChecked is an allocator that must have everything back when the test ends.
func leakChecked(tb testing.TB) memory.Allocator {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	tb.Cleanup(func() { mem.AssertSize(tb, 0) })
	return mem
}

// decodeCSV decodes a page to its end, within records of recordBytes, and checks that no memory stays behind.
func decodeCSV(tb testing.TB, page io.Reader, schema *arrow.Schema, recordBytes int) (rows [][]string, err error) {
	tb.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(tb, 0)
	d, err := newBoundedCSVDecoder(page, schema, "Contact", mem, recordBytes)
	if err != nil {
		return nil, err
	}
	defer d.Release()
	for {
		batch, err := d.Next()
		if atEnd(err) {
			if int64(len(rows)) != d.rows {
				tb.Errorf("rows = %d, decoded %d", d.rows, len(rows))
			}
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, cells(batch)...)
		batch.Release()
	}
}

// decodePage decodes one REST page and checks that no memory stays behind.
func decodePage(tb testing.TB, body string, schema *arrow.Schema) (page queryPage, rows [][]string, err error) {
	tb.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(tb, 0)
	d := newJSONDecoder(schema, "Contact", mem)
	defer d.Release()
	page, batch, err := d.Page(strings.NewReader(body))
	if err != nil {
		return page, nil, err
	}
	defer batch.Release()
	return page, cells(batch), nil
}

// restPage is a last page with these records.
func restPage(records ...string) string {
	return fmt.Sprintf(`{"totalSize":%d,"done":true,"records":[%s]}`, len(records), strings.Join(records, ","))
}

// quoteAll writes records as Salesforce does. It shares nothing with the decoder.
func quoteAll(lines ...[]string) string {
	var page strings.Builder
	for _, line := range lines {
		for i, value := range line {
			if i > 0 {
				page.WriteByte(',')
			}
			page.WriteString(`"` + strings.ReplaceAll(value, `"`, `""`) + `"`)
		}
		page.WriteByte('\n')
	}
	return page.String()
}

// refusal is the *DecodeError in err, or the end of the test.
func refusal(tb testing.TB, err error) *DecodeError {
	tb.Helper()
	var refused *DecodeError
	if !errors.As(err, &refused) {
		tb.Fatalf("error is %v, want a *DecodeError", err)
	}
	want := exitMalformed
	if errors.Is(err, io.ErrUnexpectedEOF) {
		want = exitUnavailable // a page that broke off may be whole the next time
	}
	if refused.ExitCode() != want || refused.Hint() == "" {
		tb.Errorf("exit code %d, hint %q", refused.ExitCode(), refused.Hint())
	}
	return refused
}

// chunks gives the bytes in pieces of the sizes, round and round.
type chunks struct {
	rest  []byte
	sizes []int
	turn  int
}

func (c *chunks) Read(into []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	size := min(c.sizes[c.turn%len(c.sizes)], len(c.rest), len(into))
	c.turn++
	n := copy(into, c.rest[:size])
	c.rest = c.rest[n:]
	return n, nil
}

// referenceCSV is the dialect once more, a byte at a time and for reading instead of for speed: the records with their
// header, or false where the page is not whole.
func referenceCSV(page []byte) (records [][]string, whole bool) {
	page = bytes.TrimPrefix(page, []byte("\xef\xbb\xbf"))
	for len(page) > 0 {
		var record []string
		for {
			var value []byte
			if page[0] == '"' {
				page = page[1:]
				for {
					i := bytes.IndexByte(page, '"')
					if i < 0 {
						return nil, false
					}
					value = append(value, page[:i]...)
					page = page[i+1:]
					if len(page) == 0 || page[0] != '"' {
						break
					}
					value, page = append(value, '"'), page[1:]
				}
			} else {
				i := bytes.IndexAny(page, ",\r\n\"")
				if i < 0 {
					return nil, false
				}
				value, page = page[:i], page[i:]
			}
			record = append(record, string(value))
			if !bytes.HasPrefix(page, []byte(",")) || len(page) == 1 {
				break
			}
			page = page[1:]
		}
		rest, found := bytes.CutPrefix(page, []byte("\n"))
		if !found {
			rest, found = bytes.CutPrefix(page, []byte("\r\n"))
		}
		if !found {
			return nil, false
		}
		page, records = rest, append(records, record)
	}
	return records, len(records) > 0
}
