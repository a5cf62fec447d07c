package salesforce

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crosswalk/extract"
	"crosswalk/fixtures"
)

// documents is an org of so many documents, each linked to so many records, in a folder of its own.
func documents(t *testing.T, n, links int) (folder string, ids []string) {
	t.Helper()
	folder = t.TempDir()
	text, err := os.ReadFile("../../fixtures/org/ContentDocumentLink.describe.json")
	if err != nil {
		t.Fatal(err)
	}
	var rows strings.Builder
	rows.WriteString("Id,LinkedEntityId,ContentDocumentId\n")
	for i := range n {
		ids = append(ids, longID("069", i))
		for j := range links {
			fmt.Fprintf(&rows, "%s,%s,%s\n", longID("06A", links*i+j), longID("001", j), ids[i])
		}
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(folder, "ContentDocumentLink.describe.json"), text, 0o600),
		os.WriteFile(filepath.Join(folder, "ContentDocumentLink.csv"), []byte(rows.String()), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	return folder, ids
}

// longID is an id of digits: without a capital its check characters are all A.
func longID(prefix string, n int) string {
	id := fmt.Sprintf("%s%012d", prefix, n)
	if strings.HasSuffix(prefix, "A") {
		return id + "EAA" // the third character is the capital
	}
	return id + "AAA"
}

func extractLinks(ctx context.Context, t *testing.T, c *Client, field string, ids []string, more ...func(*LinkedRequest)) (extract.Query, extract.Table, error) {
	t.Helper()
	d, err := c.Describe(ctx, "ContentDocumentLink")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := c.Schema(ctx, d, []string{"Id", "ContentDocumentId", "LinkedEntityId"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	stage, err := extract.CreateStage(filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("salesforce", "ContentDocumentLink", schema)
	if err != nil {
		t.Fatal(err)
	}
	request := LinkedRequest{Object: "ContentDocumentLink", Schema: schema, Field: field, Count: int64(len(ids)), IDs: func(_ context.Context, take func(string) error) error {
		for _, id := range ids {
			if err := take(id); err != nil {
				return err
			}
		}
		return nil
	}}
	for _, change := range more {
		change(&request)
	}
	query, err := c.ExtractLinked(ctx, request, table)
	if err != nil {
		return query, extract.Table{}, err
	}
	if err := table.CommitQuery(query); err != nil {
		t.Fatal(err)
	}
	committed, err := stage.Table("salesforce", "ContentDocumentLink")
	if err != nil {
		t.Fatal(err)
	}
	return query, committed, nil
}

// The rows of all ids arrive, 200 ids a query, whichever field is asked by.
func TestExtractLinked(t *testing.T) {
	t.Parallel()
	const n = 10_250 // 52 queries, two parts
	folder, ids := documents(t, n, 3)
	c, _ := simulated(t, fixtures.Options{Directory: folder})
	before := c.Usage().Calls
	query, table, err := extractLinks(t.Context(), t, c, "ContentDocumentId", ids)
	if err != nil {
		t.Fatal(err)
	}
	if query.CountQuery != 3*n || query.Announced != 3*n || query.Received != 3*n || query.Staged != 3*n || table.Rows != 3*n || len(table.Parts) != 2 {
		t.Errorf("evidence %+v, %d rows in %d parts; want %d in 2", query, table.Rows, len(table.Parts), 3*n)
	}
	if calls := c.Usage().Calls - before; calls != 1+LinkedCalls(n) || LinkedCalls(n) != 52 {
		t.Errorf("%d calls, want a describe and %d", calls, LinkedCalls(n))
	}
	records := []string{longID("001", 0), longID("001", 1), longID("001", 2)}
	if query, other, err := extractLinks(t.Context(), t, c, "LinkedEntityId", records); err != nil || other.Fingerprint != table.Fingerprint {
		t.Errorf("by the records: %+v, %v; want the same rows", query, err)
	}
	if query, none, err := extractLinks(t.Context(), t, c, "ContentDocumentId", nil); err != nil || none.Rows != 0 || query.Received != 0 {
		t.Errorf("no ids: %+v, %v", query, err)
	}
}

// Faults cost a repetition or end the extract; no row is lost, comes twice or is of somebody else.
func TestFaultLinked(t *testing.T) {
	t.Parallel()
	folder, ids := documents(t, 1_000, 11) // five queries of two pages
	other, half := longID("069", 99_999), 0.5
	query, more := fixtures.Match{Kind: "query", Nth: 2}, fixtures.Match{Kind: "query_more", Nth: 2}
	always := fixtures.Match{Kind: "query_more", Times: -1}
	for _, test := range []struct {
		name  string
		fault fixtures.Fault
		exit  int // 0: recovered
		text  string
	}{
		{"F001 session over", fixtures.Fault{Match: query, Do: fixtures.Action{Expire: true}}, 0, ""},
		{"F066 session over in mid-cursor", fixtures.Fault{Match: more, Do: fixtures.Action{Expire: true}}, 0, ""},
		{"F067 locator invalid", fixtures.Fault{Match: more, Do: fixtures.Action{Status: 400, Body: `[{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]`}}, 0, ""},
		{"F067 locator invalid for ever", fixtures.Fault{Match: always, Do: fixtures.Action{Status: 400, Body: `[{"errorCode":"INVALID_QUERY_LOCATOR","message":"invalid query locator"}]`}}, exitUnavailable, "INVALID_QUERY_LOCATOR"},
		{"F039 503", fixtures.Fault{Match: query, Do: fixtures.Action{Status: 503}}, 0, ""},
		{"F029 cut", fixtures.Fault{Match: query, Do: fixtures.Action{CutFraction: &half}}, 0, ""},
		{"F044 row dropped", fixtures.Fault{Match: more, Do: fixtures.Action{DropRow: 5}}, exitUnavailable, "ROWS_MISSING"},
		{"F045 row twice", fixtures.Fault{Match: more, Do: fixtures.Action{RepeatRow: 5}}, exitUnavailable, "ROWS_MISSING"},
		{"a row of another document", fixtures.Fault{Match: query, Do: fixtures.Action{AlterRow: &fixtures.CellChange{Row: 3, Field: "ContentDocumentId", Value: &other}}}, exitUnavailable, "another ContentDocumentId"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, server := simulated(t, fixtures.Options{Directory: folder, Faults: []fixtures.Fault{test.fault}})
			query, table, err := extractLinks(t.Context(), t, c, "ContentDocumentId", ids)
			switch {
			case test.exit != 0:
				refusedWith(t, err, test.exit, test.text)
			case err != nil || query.Received != 11_000 || table.Rows != 11_000:
				t.Errorf("evidence %+v, %v", query, err)
			}
			if server.Fired(0) == 0 {
				t.Error("the fault did not strike")
			}
		})
	}
}

// What cannot be asked, or would take the org over its quota, is refused before the first call.
func TestExtractLinkedRefuses(t *testing.T) {
	t.Parallel()
	folder, ids := documents(t, 10, 3)
	for _, test := range []struct {
		why, field string
		ids        []string
		change     func(*LinkedRequest)
		exit       int
		text       string
	}{
		{"a field that is no column", "Visibility", ids, func(*LinkedRequest) {}, exitUsage, "Visibility"},
		{"an id that would end the quote", "ContentDocumentId", []string{"069') OR ("}, func(*LinkedRequest) {}, exitMalformed, "no id"},
		{"an id with a check character that is wrong", "ContentDocumentId", []string{ids[0][:17] + "B"}, func(*LinkedRequest) {}, exitUsage, "INVALID_QUERY_FILTER_OPERATOR"},
		{"more calls than are left", "ContentDocumentId", ids, func(r *LinkedRequest) { r.Count = 200 * 80_001 }, exitUnavailable, "API_QUOTA"},
	} {
		t.Run(test.why, func(t *testing.T) {
			t.Parallel()
			c, _ := simulated(t, fixtures.Options{Directory: folder})
			_, _, err := extractLinks(t.Context(), t, c, test.field, test.ids, test.change)
			refusedWith(t, err, test.exit, test.text)
		})
	}
}
