package pipeline

import (
	"context"
	"html/template"
	"slices"

	"crosswalk/extract"
	"crosswalk/load"
)

// reportPage is everything that report.html says. Nothing in it differs between two runs on equal inputs over equal
// earlier publications: no run id, no time, no count of calls.
type reportPage struct {
	Policy string
	Style  template.CSS
	Script template.JS

	RunDate, LongDate, Version string
	Rate                       string
	Total, Linked, Exceptions  int64
	Trend                      string
	History                    history
	Bars                       []bar
	Statuses                   []statusLine
	Contacts                   []statusLine
	ContactsTotal              int64
	Causes                     []causeLine
	NearMisses                 int64
	Since                      *since
	Skipped                    []string // dates of publications that do not hold
	List                       exceptionList
	Checks                     []Check
	Guards                     []guardLine
	Forced                     []string
	ERP                        ERPInput
	Salesforce                 []extract.Query
	Config, Inputs             string
	Files                      []load.Output
}

// bar is one side, cut by status.
type bar struct {
	Name, Summary string
	Total         int64
	Pieces        []piece
}

type piece struct{ Class, X, Width, Title string }

// statusLine is a row of the legend.
type statusLine struct {
	words
	Status, Class           string
	Customers, Accounts     int64
	CustomersOf, AccountsOf string
}

// causeLine is a cause of near misses with its first examples.
type causeLine struct {
	words
	Cause               string
	Customers, Accounts int64
	Examples            []exception
}

// since compares with the last publication of an earlier date.
type since struct {
	Date     string
	Kinds    []changeLine
	Statuses []differenceLine
	Changes  []change
	Total    int64
	File     string // empty where the changes are not written
}

type changeLine struct {
	words
	Count int64
}

type differenceLine struct {
	Name, Difference string
	Before, Now      int64
}

// exceptionList is the table that can be searched.
type exceptionList struct {
	Rows     []exception
	Total    int64
	Sides    []choice
	Statuses []choice
	File     string // where all of them are
}

type choice struct{ Value, Name string }

type guardLine struct{ Name, What, Of, Limit, Value, Outcome string }

// page puts the report together from the manifest, as far as it is made, and from the records.
func (r *run) page(ctx context.Context, from results) (*reportPage, error) {
	m := &r.manifest
	p := &reportPage{
		RunDate: r.date, LongDate: longDate(r.date), Version: m.ToolVersion,
		Total: m.Accounting.Customers["total"], Linked: linkedCustomers(m.Accounting),
		Bars:     []bar{barOf("Customers in the ERP", m.Accounting.Customers, customerStatuses), barOf("Accounts in Salesforce", m.Accounting.Accounts, accountStatuses)},
		Statuses: statusLines(m.Accounting), Contacts: contactLines(m.Accounting), ContactsTotal: m.Accounting.Contacts["total"],
		Checks: m.Checks, Guards: guardLines(m.Guards), ERP: m.Inputs.ERP, Salesforce: m.Inputs.Salesforce,
		Config: m.ConfigSHA256, Inputs: m.InputsSHA256, Files: m.Outputs,
	}
	p.Rate = percent(p.Linked, p.Total)
	if m.Previous != nil {
		p.Skipped = m.Previous.Skipped
	}
	for _, guard := range m.Guards {
		if guard.Forced {
			p.Forced = append(p.Forced, guard.explain())
		}
	}
	var err error
	if p.History, err = readHistory(r.config.Output.Directory, r.date, m.Accounting); err != nil {
		return nil, err
	}
	p.Trend = p.History.trend()
	if err := p.readRecords(ctx, r, from); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *reportPage) readRecords(ctx context.Context, r *run, from results) error {
	link := recordLinks(r.config.Salesforce)
	tallies, err := exceptionTallies(ctx, from)
	if err != nil {
		return err
	}
	order := orderOf(r.plan, "exceptions")
	rows, err := firstExceptions(ctx, from, order, link)
	if err != nil {
		return err
	}
	p.List = listOfExceptions(rows, tallies, fileOf(p.Files, "exceptions"))
	p.Exceptions = p.List.Total
	examples, err := nearMissExamples(ctx, from, order, link)
	if err != nil {
		return err
	}
	p.Causes = causeLines(tallies, examples)
	for _, cause := range p.Causes {
		p.NearMisses += cause.Customers + cause.Accounts
	}
	if r.previous == nil {
		return nil
	}
	p.Since = compared(r.manifest, r.previous.Manifest)
	if p.Since.File = fileOf(p.Files, "changes"); p.Since.File != "" {
		p.Since.Changes, err = firstChanges(ctx, from, orderOf(r.plan, "changes"), link)
	}
	return err
}

// fileOf is the file of a table that a person can open best; empty where the table is not written.
func fileOf(files []load.Output, table string) string {
	for _, name := range []string{table + ".csv", table + ".parquet"} {
		if slices.ContainsFunc(files, func(file load.Output) bool { return file.Name == name }) {
			return name
		}
	}
	return ""
}
