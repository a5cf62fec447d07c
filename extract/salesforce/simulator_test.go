package salesforce

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crosswalk/extract"
	"crosswalk/fixtures"
)

// simulated is a client of the simulator, which keeps cursors, locators, sessions and formats as a real org does.
func simulated(t *testing.T, o fixtures.Options) (*Client, *fixtures.Server) {
	t.Helper()
	server, err := fixtures.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); front.Close() })
	options := testOptions(front.URL)
	options.ClientID, options.ClientSecret = fixtures.DefaultClientID, fixtures.DefaultClientSecret
	c, err := open(t.Context(), options, quickLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, server
}

// extractFields runs an extract and returns its evidence and the stage's fingerprint of the table.
func extractFields(ctx context.Context, t *testing.T, c *Client, r Request, fields ...string) (extract.Query, string, error) {
	t.Helper()
	d, err := c.Describe(ctx, r.Object)
	if err != nil {
		return extract.Query{}, "", err
	}
	if r.Schema, err = c.Schema(ctx, d, fields, nil); err != nil {
		return extract.Query{}, "", err
	}
	stage, err := extract.CreateStage(filepath.Join(t.TempDir(), "stage"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := stage.NewTable("salesforce", r.Object, r.Schema)
	if err != nil {
		t.Fatal(err)
	}
	query, err := extracting(ctx, c, r, table)
	if err != nil {
		return query, "", err
	}
	if err := table.CommitQuery(query); err != nil {
		t.Fatal(err)
	}
	committed, err := stage.Table("salesforce", r.Object)
	if err != nil {
		t.Fatal(err)
	}
	return query, committed.Fingerprint.String(), nil
}

var simulatedFields = []string{"Id", "IsDeleted", "Name", "ERP_Customer_ID__c", "OwnerId", "Owner.Name", "CreatedDate"}

// Whatever the API and the size of the pages, the same rows arrive.
func TestSimulatorAgrees(t *testing.T) {
	t.Parallel()
	generator := &fixtures.Generator{Seed: 7, Accounts: 5_300, Contacts: 10, Customers: 10}
	ways := []struct {
		api string
		o   fixtures.Options
	}{
		{"bulk", fixtures.Options{BulkPage: 700}},
		{"bulk", fixtures.Options{BulkPage: 50_000, NoGzip: true}},
		{"bulk", fixtures.Options{NoResultPages: true}},
		{"rest", fixtures.Options{RESTPage: 900}},
		{"auto", fixtures.Options{BulkPage: 999}},
	}
	var first string
	for _, all := range []bool{false, true} {
		for i, way := range ways {
			way.o.Generate = generator
			c, _ := simulated(t, way.o)
			query, print, err := extractFields(t.Context(), t, c, Request{Object: "Account", API: way.api, All: all}, simulatedFields...)
			if err != nil {
				t.Fatalf("%s: %v", way.api, err)
			}
			if i == 0 {
				first = print
			}
			if print != first || query.Received != query.CountQuery || query.Received == 0 || query.Staged != query.Received || (query.Deleted > 0) != all {
				t.Errorf("way %d, %s, all %t: fingerprint %s, want %s; evidence %+v", i, way.api, all, print, first, query)
			}
		}
	}
}

// Faults of a simulated org that must not change a row.
func TestFaultSimulatorRecovers(t *testing.T) {
	t.Parallel()
	generator := &fixtures.Generator{Seed: 7, Accounts: 5_300, Contacts: 10, Customers: 10}
	half, rows, comma := 0.5, 120, 9
	cases := []struct {
		name  string
		api   string
		fault fixtures.Fault
	}{
		{"F001 session over", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 3}, Do: fixtures.Action{Expire: true}}},
		{"F028 reset in the body", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{CutFraction: &half, End: fixtures.EndReset}}},
		{"F029 short body", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{CutFraction: &half, End: fixtures.EndLength}}},
		{"F030 last chunk missing", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{CutFraction: &half, End: fixtures.EndChunked}}},
		{"F031 cut between rows", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2, Times: 2}, Do: fixtures.Action{CutRows: &rows, End: fixtures.EndClose}}},
		{"F032 cut after a comma", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2, Times: 2}, Do: fixtures.Action{CutComma: &comma, End: fixtures.EndClose}}},
		{"F033 gzip checksum", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{Gzip: "crc"}}},
		{"F033 gzip cut", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{Gzip: "cut"}}},
		{"F044 row dropped", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2, Times: 2}, Do: fixtures.Action{DropRow: 5}}},
		{"F045 row twice", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{RepeatRow: 5}}},
		{"rows gone", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 2}, Do: fixtures.Action{Empty: true}}},
		{"F051 job gone", "bulk", fixtures.Fault{Match: fixtures.Match{Kind: "results", Nth: 3}, Do: fixtures.Action{Job: &fixtures.JobChange{Gone: true}}}},
		{"F066 session over in mid-cursor", "rest", fixtures.Fault{Match: fixtures.Match{Kind: "query_more", Nth: 2}, Do: fixtures.Action{Expire: true}}},
		{"REST page cut", "rest", fixtures.Fault{Match: fixtures.Match{Kind: "query_more", Nth: 2}, Do: fixtures.Action{CutFraction: &half}}},
		{"F041 406 for a while", "rest", fixtures.Fault{Match: fixtures.Match{Path: "/services/data/v", Times: 3}, Do: fixtures.Action{Status: 406}}},
	}
	c, _ := simulated(t, fixtures.Options{Generate: generator})
	_, want, err := extractFields(t.Context(), t, c, Request{Object: "Account", All: true}, simulatedFields...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, chain := range []bool{false, true} {
				client, server := simulated(t, fixtures.Options{Generate: generator, Faults: []fixtures.Fault{c.fault}, BulkPage: 700, RESTPage: 900, NoResultPages: chain})
				client.limits.chainPage = 700
				_, print, err := extractFields(t.Context(), t, client, Request{Object: "Account", API: c.api, All: true}, simulatedFields...)
				if err != nil {
					t.Fatal(err)
				}
				if print != want {
					t.Errorf("fingerprint %s, want %s", print, want)
				}
				if server.Fired(0) == 0 {
					t.Error("the fault did not strike")
				}
			}
		})
	}
}

// The folder of rows that the project ships is read whole.
func TestSimulatorFolder(t *testing.T) {
	t.Parallel()
	c, _ := simulated(t, fixtures.Options{Directory: "../../fixtures/org"})
	for _, object := range []string{"Account", "Contact"} {
		d, err := c.Describe(t.Context(), object)
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for _, f := range d.Fields {
			if _, err := fieldType(f, false); err == nil {
				fields = append(fields, f.Name)
			}
		}
		bulk, bulkPrint, err := extractFields(t.Context(), t, c, Request{Object: object, API: "bulk", All: true}, fields...)
		if err != nil {
			t.Fatal(err)
		}
		rest, restPrint, err := extractFields(t.Context(), t, c, Request{Object: object, API: "rest", All: true}, fields...)
		if err != nil {
			t.Fatal(err)
		}
		if bulkPrint != restPrint || bulk.Received == 0 || bulk.Received != rest.Received || bulk.Deleted != rest.Deleted {
			t.Errorf("%s: bulk %+v %s, rest %+v %s", object, bulk, bulkPrint, rest, restPrint)
		}
	}
	if names, err := c.Objects(t.Context()); err != nil || !slices.Contains(names, "Account") || strings.Contains(strings.Join(names, ""), "canary") {
		t.Errorf("objects %q, %v", names, err)
	}
}
