package pipeline

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// Summary is what a run that ended well tells on standard output.
type Summary struct {
	Manifest  *Manifest
	Directory string // of the publication; empty after a dry run
	DryRun    bool
}

func (r *run) summary() *Summary {
	s := &Summary{Manifest: &r.manifest, DryRun: r.options.DryRun}
	if !s.DryRun {
		s.Directory = filepath.Join(r.config.Output.Directory, partitionPrefix+r.date)
	}
	return s
}

// customerStatuses, accountStatuses, contactStatuses and noteStatuses are the statuses in the order in which they are told.
var (
	customerStatuses = []string{"linked", "linked_many", "blank_identifier", "key_collision", "duplicate_identifier", "near_miss", "not_found"}
	accountStatuses  = []string{"linked", "blank_identifier", "key_collision", "duplicate_identifier", "near_miss", "not_found"}
	contactStatuses  = []string{"published", "no_account", "account_not_linked"}
	noteStatuses     = []string{"published", "private", "parent_not_published"}
)

// Print writes the summary as text for a person.
func (s *Summary) Print(w io.Writer) error {
	var text strings.Builder
	m := s.Manifest
	headline := "published"
	if s.DryRun {
		headline = "dry run, nothing published"
	}
	fmt.Fprintf(&text, "%s: run date %s, run %s\n\n", headline, m.RunDate, m.RunID)
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	printCounts(table, "customers", m.Accounting.Customers, customerStatuses)
	printCounts(table, "accounts", m.Accounting.Accounts, accountStatuses)
	printCounts(table, "contacts", m.Accounting.Contacts, contactStatuses)
	if m.Accounting.Notes != nil {
		printCounts(table, "notes", m.Accounting.Notes, noteStatuses)
	}
	_ = table.Flush() // a strings.Builder takes everything
	total, linked := m.Accounting.Customers["total"], linkedCustomers(m.Accounting)
	text.WriteString("\n")
	printCauses(&text, "customers", m.Causes.Customers)
	printCauses(&text, "accounts", m.Causes.Accounts)
	if total > 0 {
		fmt.Fprintf(&text, "match rate  %.1f%% (%s of %s customers linked)\n", 100*float64(linked)/float64(total), thousands(linked), thousands(total))
	}
	fmt.Fprintf(&text, "complete    %d of %d counts agree, from the server to the files\n", len(m.Checks), len(m.Checks))
	s.printGuards(&text)
	s.printFiles(&text)
	_, err := io.WriteString(w, text.String())
	return err
}

func (s *Summary) printGuards(text *strings.Builder) {
	for _, guard := range s.Manifest.Guards {
		if guard.Forced {
			fmt.Fprintf(text, "forced      %s\n", guard.explain())
		}
	}
	if previous := s.Manifest.Previous; previous != nil && previous.RunDate != "" {
		fmt.Fprintf(text, "since %s  %s linked, %s lost, %s moved, %s changed status, %s new, %s gone\n", previous.RunDate, thousands(previous.Linked),
			thousands(previous.Lost), thousands(previous.Moved), thousands(previous.Status), thousands(previous.New), thousands(previous.Gone))
	} else {
		fmt.Fprintf(text, "before      no earlier publication to compare with\n")
	}
}

func (s *Summary) printFiles(text *strings.Builder) {
	if s.Directory == "" {
		return
	}
	fmt.Fprintf(text, "files       %s\n", s.Directory)
	table := tabwriter.NewWriter(text, 0, 4, 2, ' ', tabwriter.AlignRight)
	for _, output := range s.Manifest.Outputs {
		fmt.Fprintf(table, "\t%s rows\t%s bytes\t  %s\n", thousands(output.Rows), thousands(output.Bytes), output.Name)
	}
	_ = table.Flush()
}

// printCauses tells what stands between the near misses of a side, the smallest cause first; nothing where it has none.
func printCauses(text *strings.Builder, side string, counts map[string]int64) {
	causes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(slices.Index(causeOrder, a), slices.Index(causeOrder, b)), strings.Compare(a, b))
	})
	if len(causes) == 0 {
		return
	}
	var told []string
	for _, cause := range causes {
		told = append(told, cause+" "+thousands(counts[cause]))
	}
	fmt.Fprintf(text, "causes      near misses of %s: %s\n", side, strings.Join(told, ", "))
}

func printCounts(w io.Writer, name string, counts map[string]int64, order []string) {
	fmt.Fprintf(w, "%s\t%s", name, thousands(counts["total"]))
	for _, status := range order {
		if counts[status] > 0 {
			fmt.Fprintf(w, "\t%s %s", status, thousands(counts[status]))
		}
	}
	fmt.Fprintln(w)
}
