package faults

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// F069: the org is another one when the contacts are read than it was when the accounts were.

// changedBetween leads a run through two states of the org. When its accounts are read three of them are not there, whose
// contacts are; before its contacts are read one more contact of such an account has come, and those of another account
// have gone to the recycle bin.
func changedBetween() point {
	const absent = 3
	var lost, gone, whole map[string]int64 // accounting; of the contacts that lost their account, that are deleted
	var changes atomic.Int64
	return point{
		name: "orphans", want: expectation{codes: []int{0}, other: true},
		before: func(w *world) {
			linked := w.accountsWithContacts(absent + 1)
			lost, gone = w.livingContacts(linked[:absent]), w.livingContacts(linked[absent:])
			whole = w.accountingOf(goodDate)["contacts"]
			w.edited("Account.csv", func(rows [][]string) [][]string {
				return slices.DeleteFunc(rows, func(row []string) bool { return slices.Contains(linked[:absent], row[0]) })
			})
			w.onContacts(&changes, func() {
				w.edited("Contact.csv", func(rows [][]string) [][]string { return movedContacts(rows, linked[absent-1], linked[absent]) })
			})
		},
		after: func(w *world, o outcome) {
			if o.code != 0 {
				return // that was told
			}
			if changes.Load() != 1 {
				w.v.errorf("the org changed %d times between the queries, want once", changes.Load())
			}
			orphans, deleted := sum(lost), sum(gone)
			if orphans < absent || deleted < 1 {
				w.v.errorf("%d orphans and %d deleted contacts: the case proves nothing", orphans, deleted)
			}
			now := w.accountingOf(faultDate)["contacts"]
			for status, want := range map[string]int64{
				"total": whole["total"] + 1 - deleted, "published": whole["published"] - orphans - deleted,
				"account_not_linked": whole["account_not_linked"] + orphans + 1, "no_account": whole["no_account"],
			} {
				if now[status] != want {
					w.v.errorf("%d contacts are %s, want %d; before the change %d", now[status], status, want, whole[status])
				}
			}
			for _, row := range w.table("contacts") {
				if _, orphan := lost[row["account_id"]]; orphan {
					w.v.errorf("a contact of %s was published, an account that was not read", row["account_id"])
				}
			}
		},
	}
}

// movedContacts are the contacts with one more of an account, and with those of another in the recycle bin.
func movedContacts(rows [][]string, more, deleted string) [][]string {
	id, account, isDeleted := slices.Index(rows[0], "Id"), slices.Index(rows[0], "AccountId"), slices.Index(rows[0], "IsDeleted")
	var added []string
	for _, row := range rows[1:] {
		if row[account] == more && added == nil {
			added = slices.Clone(row)
			added[id] = recordID("003000P00000069")
		}
		if row[account] == deleted {
			row[isDeleted] = "true"
		}
	}
	return append(rows, added)
}

// onContacts lets something happen when the accounts are read and the contacts counted, before their rows are read.
func (w *world) onContacts(times *atomic.Int64, change func()) {
	accounts := make(chan struct{})
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		query := r.URL.Query().Get("q")
		if strings.HasSuffix(query, "FROM Contact") && strings.Contains(query, "IsDeleted") && times.CompareAndSwap(0, 1) {
			select {
			case <-accounts:
			case <-r.Context().Done():
			}
			change()
		}
		w.org.now().ServeHTTP(rw, r)
		if strings.HasSuffix(query, "FROM Account") && strings.Contains(query, "IsDeleted") && times.Load() < 2 {
			select {
			case <-accounts:
			default:
				close(accounts)
			}
		}
	})
}

// accountsWithContacts are accounts that bring contacts to a customer in the first publication.
func (w *world) accountsWithContacts(n int) []string {
	w.v.t.Helper()
	var found []string
	records := recordsOf(string(w.read("out", "run_date="+goodDate, "contacts.csv")))
	account := slices.Index(records[0], "account_id")
	for _, record := range records[1:] {
		if id := record[account]; !slices.Contains(found, id) && id != recordID("001000000CANARY") {
			found = append(found, id)
		}
	}
	if len(found) < n {
		w.v.fatalf("only %d accounts have contacts", len(found))
	}
	return found[:n]
}

// livingContacts counts the contacts of accounts that are not deleted, by account.
func (w *world) livingContacts(accounts []string) map[string]int64 {
	w.v.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(w.read("org", "Contact.csv")))).ReadAll()
	w.v.must(err)
	account, deleted := slices.Index(rows[0], "AccountId"), slices.Index(rows[0], "IsDeleted")
	found := map[string]int64{}
	for _, row := range rows[1:] {
		if slices.Contains(accounts, row[account]) && row[deleted] != "true" {
			found[row[account]]++
		}
	}
	return found
}

func sum(counts map[string]int64) (total int64) {
	for _, count := range counts {
		total += count
	}
	return total
}
