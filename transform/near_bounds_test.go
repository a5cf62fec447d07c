package transform_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crosswalk/transform"
)

// TestNearMissBounds links what would be quadratic if pairs were compared: identifiers that all look alike, one that
// fifty thousand accounts share, long ones, and a chain of merges.
func TestNearMissBounds(t *testing.T) {
	t.Parallel()
	const many = 20_000
	for _, test := range []struct {
		why                string
		rules              string
		accounts, customer string
		near               int64
	}{
		{"one identifier shared by all accounts, near one that all customers share", "rule ERP__c=customer_id exact both",
			"'kd-12345'", "'KD-12345'", 2 * many},
		{"every spelling another one, one key for all of them", "rule ERP__c=customer_id exact accounts",
			"'K' || repeat('-', 1 + CAST(i % 70 AS INTEGER)) || '12345'", "'K.' || repeat('.', CAST(i % 70 AS INTEGER)) || '12345' || repeat('-', CAST(i // 70 % 5 AS INTEGER))", -1},
		{"identifiers of ten thousand characters", "rule ERP__c=customer_id standard accounts",
			"'A' || i || repeat('x', 10000)", "'B' || i || repeat('x', 10000)", 0},
		{"numbers in a row, every name the same", "rule ERP__c=customer_id standard accounts",
			"CAST(10000000 + 2 * i AS VARCHAR)", "CAST(10000001 + 2 * i AS VARCHAR)", 0},
		{"marks and overrides before a number", "rule ERP__c=customer_id standard accounts",
			"chr(769) || repeat(chr(8238), 5) || (1000 + i % 9000)", "chr(8238) || chr(768) || (1000 + i % 9000)", 0},
		{"long combining sequences, with ligatures", "rule ERP__c=customer_id standard accounts",
			"'KD' || i || repeat('e' || chr(769) || chr(803), 300) || chr(64257)", "'KD' || i || repeat('e' || chr(769) || chr(803), 300) || 'f-i'", 0},
	} {
		t.Run(test.why, func(t *testing.T) {
			plan := parsePlan(t, test.rules)
			rows := many
			if strings.Contains(test.accounts, "10000)") {
				rows = 500
			}
			directory := t.TempDir()
			plan.Accounts = generateRelation(t, directory, "Account", fmt.Sprintf("SELECT '001' || lpad(CAST(i AS VARCHAR), 15, '0') AS Id, 'Acme' AS Name, %s AS ERP__c FROM range(%d) AS r(i)", test.accounts, rows))
			plan.Customers = generateRelation(t, directory, "customers", fmt.Sprintf("SELECT %s AS customer_id, 'Acme' AS customer_name, i AS n FROM range(%d) AS r(i)", test.customer, rows))
			plan.Contacts = generateRelation(t, directory, "Contact", "SELECT '003' AS Id, '001' AS AccountId")
			db := openDatabase(t, func(o *transform.Options) { o.MemoryBytes = 512 << 20 })
			started := time.Now()
			last, name := started, "bind"
			sums, err := db.Link(t.Context(), plan, func(next string) {
				if took := time.Since(last); took > time.Second {
					t.Logf("%s %s", name, took.Round(time.Millisecond))
				}
				last, name = time.Now(), next
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s: %s, customers %v, accounts %v", test.why, time.Since(started).Round(time.Millisecond), sums.Customers, sums.Accounts)
			if found := sums.Customers["near_miss"] + sums.Accounts["near_miss"]; test.near >= 0 && found != test.near {
				t.Errorf("%d near misses, want %d", found, test.near)
			}
			if took := time.Since(started); took > 90*time.Second {
				t.Errorf("took %s, want well under a minute", took)
			}
		})
	}
}
