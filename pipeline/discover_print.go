package pipeline

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// longestTable is how many pairs of a direction the text shows; the JSON has all.
const longestTable = 10

// JSON writes what was found as a JSON document.
func (d *Discovered) JSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(d)
}

// Print writes what was found as text for a person: a table for each direction, the best pair and the rule for it.
func (d *Discovered) Print(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "searched    %s\n", d.Stage)
	fmt.Fprintf(&text, "compared    %d fields of %s accounts with %d columns of %s customers\n",
		len(d.AccountFields), thousands(d.Accounts), len(d.CustomerColumns), thousands(d.Customers))
	d.printTable(&text, directionSalesforce, "Salesforce holds the ERP's identifier")
	d.printTable(&text, directionERP, "the ERP holds Salesforce's id")
	d.printBest(&text)
	for _, note := range d.Notes {
		text.WriteString("note        ")
		wrap(&text, note, 12)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

func (d *Discovered) printTable(text *strings.Builder, direction, title string) {
	fmt.Fprintf(text, "\n%s\n", title)
	table := tabwriter.NewWriter(text, 0, 4, 2, ' ', 0)
	shown, more := 0, 0
	for _, c := range d.Candidates {
		switch {
		case c.Direction != direction:
			continue
		case shown == longestTable:
			more++
			continue
		case shown == 0:
			fmt.Fprintln(table, "  rank\tfield\tcolumn\tkey\tlinked\tone to one\tunique\tfilled\twarnings")
		}
		shown++
		fmt.Fprintf(table, "  %d\t%s\t%s\t%s\t%s\t%s\t%s / %s\t%s / %s\t%s\n", c.Rank, oneLine(c.Salesforce), oneLine(c.ERP), c.shortKey(), c.count(c.Linked), c.count(c.OneToOne),
			shareText(c.Accounts.Unique), shareText(c.Customers.Unique), shareText(c.Accounts.Coverage), shareText(c.Customers.Coverage), c.codes())
	}
	_ = table.Flush() // a strings.Builder takes everything
	switch {
	case shown == 0:
		text.WriteString("  no pair has a value in common\n")
	case more > 0:
		fmt.Fprintf(text, "  and %d more, see --format json\n", more)
	}
}

// shortKey is the key without the steps of standard in front of others.
func (c *Candidate) shortKey() string {
	if len(c.Key) > len(standardSteps) {
		return "standard, " + strings.Join(c.Key[len(standardSteps):], ", ")
	}
	return strings.Join(c.Key, ", ")
}

func (c *Candidate) count(n int64) string {
	if c.Estimated {
		return "~" + thousands(n)
	}
	return thousands(n)
}

// codes names the warnings, what denies the pair first.
func (c *Candidate) codes() string {
	codes := make([]string, 0, len(c.Warnings))
	for _, warning := range c.Warnings {
		codes = append(codes, warning.Code)
	}
	if len(codes) == 0 {
		return "-"
	}
	if !c.Likely {
		return "no identifier: " + strings.Join(codes, ", ")
	}
	return strings.Join(codes, ", ")
}

func shareText(share float64) string { return fmt.Sprintf("%.0f%%", 100*share) }

func (d *Discovered) printBest(text *strings.Builder) {
	if len(d.Candidates) == 0 || !d.Candidates[0].Likely {
		text.WriteString("\nno likely pair: the two systems have no identifier in common in what was searched\n")
		return
	}
	best := d.Candidates[0]
	fmt.Fprintf(text, "\nbest        %s = %s links %s of %s customers, %s of them one to one\n", oneLine(best.Salesforce), oneLine(best.ERP), best.count(best.Linked), thousands(d.Customers), best.count(best.OneToOne))
	for _, reason := range d.Why {
		text.WriteString("why         ")
		wrap(text, reason, 12)
	}
	for _, warning := range best.Warnings {
		text.WriteString("mind        ")
		wrap(text, warning.Text, 12)
	}
	for _, tried := range best.Tried {
		if tried.Key[0] == "exact" && tried.Linked < best.Linked {
			fmt.Fprintf(text, "key         %s; as they stand, the values link %s customers\n", best.shortKey(), best.count(tried.Linked))
		}
	}
	for _, tried := range best.Tried {
		if tried.Linked > best.Linked {
			text.WriteString("or          ")
			wrap(text, fmt.Sprintf("the key [%s] would link %s more: too few to compare all of them so loosely", strings.Join(tried.Key, ", "), thousands(tried.Linked-best.Linked)), 12)
		}
	}
	for _, sample := range best.Samples {
		fmt.Fprintf(text, "sample      %q in Salesforce, %q in the ERP\n", sample.Salesforce, sample.ERP)
	}
	fmt.Fprintf(text, "\nto paste into the configuration:\n\n%s", d.Rules)
	if len(d.Notes) > 0 {
		text.WriteByte('\n')
	}
}
