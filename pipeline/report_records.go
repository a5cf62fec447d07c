package pipeline

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"crosswalk/transform"
)

// What the page holds of the records; the files hold all of them.
const (
	shownExceptions     = 1000
	shownExceptionBytes = 2 << 20 // however long the values are, the page stays below 3 MB
	exceptionMarkup     = 420     // bytes of the page for an exception without its values
	shownExamples       = 3       // of each cause
	shownChanges        = 200
	readCharacters      = 1000 // of a value, before it is told; more than is ever shown of it
)

// results is where the records of the page are read: DuckDB, as the link left it.
type results interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// exception is a record that a person should look at, as the page tells it.
type exception struct {
	Side, ID, Name, Link                string
	Identifier, Status, Reason          string
	Candidate, CandidateName            string
	CandidateLink, CandidateIdentifier  string
	Detail, Suggestion, StatusClass, Do string
	Late                                bool // left out in print
}

// tally counts the exceptions of a kind.
type tally struct {
	side, status, reason string
	count                int64
}

// exceptionTallies counts all exceptions by side, status and reason.
func exceptionTallies(ctx context.Context, from results) ([]tally, error) {
	var tallies []tally
	err := eachRow(ctx, from, "SELECT side, status, coalesce(reason, ''), count(*) FROM exceptions GROUP BY ALL ORDER BY ALL", func(scan scanner) error {
		var t tally
		err := scan(&t.side, &t.status, &t.reason, &t.count)
		tallies = append(tallies, t)
		return err
	})
	return tallies, err
}

// exceptionColumns are what is told of an exception, in the order in which readException takes them.
var exceptionColumns = []string{
	"side", "record_id", "record_name", "identifier", "status", "reason", "candidate_id", "candidate_name", "candidate_identifier", "detail", "suggestion",
}

// firstExceptions are those that the page holds: the first ones of the file, as many as there is room for.
func firstExceptions(ctx context.Context, from results, order []string, link func(id string) string) ([]exception, error) {
	query := fmt.Sprintf("SELECT %s FROM exceptions e ORDER BY %s LIMIT %d", clipped("e", exceptionColumns), ordered("e", order), shownExceptions)
	var found []exception
	room := shownExceptionBytes
	err := eachRow(ctx, from, query, func(scan scanner) error {
		e, err := readException(scan, link)
		if room -= e.weight(); room >= 0 {
			e.Late = len(found) >= printedExceptions
			found = append(found, e)
		}
		return err
	})
	return found, err
}

// nearMissExamples are the first near misses of each cause, those of customers before those of accounts. A pair that is
// a near miss from both sides is told once.
func nearMissExamples(ctx context.Context, from results, order []string, link func(id string) string) (map[string][]exception, error) {
	query := fmt.Sprintf("SELECT %s FROM exceptions e WHERE e.status = 'near_miss' QUALIFY row_number() OVER (PARTITION BY e.reason, e.side ORDER BY %s) <= %d ORDER BY %s",
		clipped("e", exceptionColumns), ordered("e", order), shownExamples, ordered("e", order))
	examples := map[string][]exception{}
	err := eachRow(ctx, from, query, func(scan scanner) error {
		e, err := readException(scan, link)
		before := examples[e.Reason]
		told := slices.ContainsFunc(before, func(other exception) bool { return other.Candidate == e.ID && other.ID == e.Candidate })
		if !told && len(before) < shownExamples {
			examples[e.Reason] = append(before, e)
		}
		return err
	})
	return examples, err
}

func readException(scan scanner, link func(id string) string) (exception, error) {
	var side, id, name, identifier, status, reason, candidate, candidateName, candidateIdentifier, detail, suggestion sql.NullString
	err := scan(&side, &id, &name, &identifier, &status, &reason, &candidate, &candidateName, &candidateIdentifier, &detail, &suggestion)
	e := exception{
		Side: side.String, ID: shown(id.String, shownValue), Name: shown(name.String, shownValue),
		Identifier: shown(identifier.String, shownValue), Status: status.String, Reason: reason.String,
		Candidate: shown(candidate.String, shownValue), CandidateName: shown(candidateName.String, shownValue),
		CandidateIdentifier: shown(candidateIdentifier.String, shownValue),
		Detail:              sentence(shown(detail.String, shownSentence)), Suggestion: sentence(shown(suggestion.String, shownSentence)),
		StatusClass: statusClass(status.String), Do: statusWords[status.String].Do,
	}
	switch {
	case e.Side == "salesforce":
		e.Link = link(id.String)
	case e.Reason != "deleted": // what is in the recycle bin has no page
		e.CandidateLink = link(candidate.String)
	}
	return e, err
}

func (e exception) weight() int {
	sum := exceptionMarkup + len(e.Link) + len(e.CandidateLink)
	for _, text := range []string{e.ID, e.Name, e.Identifier, e.Candidate, e.CandidateName, e.CandidateIdentifier, e.Detail, e.Suggestion, e.Do} {
		sum += weight(text)
	}
	return sum
}

// Where says in words on which side the record is.
func (e exception) Where() string { return sideWords[e.Side] }

// Kind says in words what the status is, and which of its kinds.
func (e exception) Kind() string { return nameOf(statusWords, e.Status) }

// Why is the reason in words.
func (e exception) Why() string {
	reason := e.Reason
	if e.Status != "near_miss" {
		reason, _, _ = strings.Cut(reason, ":") // the step of a key, such as strip_prefix:KD-
	}
	if told, ok := reasonWords[reason]; ok {
		return told
	}
	return within(nameOf(causeWords, e.Reason))
}

// change is a customer that changed since the last publication, as the page tells it.
type change struct{ Customer, Account, Link, Kind, Before, After string }

func firstChanges(ctx context.Context, from results, order []string, link func(id string) string) ([]change, error) {
	query := fmt.Sprintf("SELECT %s FROM changes c ORDER BY %s LIMIT %d",
		clipped("c", []string{"customer_id", "account_id", "change", "before", "after"}), ordered("c", order), shownChanges)
	var found []change
	err := eachRow(ctx, from, query, func(scan scanner) error {
		var customer, account, kind, before, after sql.NullString
		err := scan(&customer, &account, &kind, &before, &after)
		found = append(found, change{
			Customer: shown(customer.String, shownValue), Account: shown(account.String, shownValue), Link: link(account.String),
			Kind: nameOf(changeWords, kind.String), Before: nameOf(statusWords, before.String), After: nameOf(statusWords, after.String),
		})
		return err
	})
	return found, err
}

type scanner func(targets ...any) error

// eachRow runs a query and shows its rows. Errors are *transform.Error; a context that ended gives its cause.
func eachRow(ctx context.Context, from results, query string, visit func(scanner) error) error {
	rows, err := from.QueryContext(ctx, query)
	if err != nil {
		return reportError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // its error is that of the rows, which is looked at
	for rows.Next() {
		if err := visit(rows.Scan); err != nil {
			return reportError(ctx, err)
		}
	}
	return reportError(ctx, rows.Err())
}

func reportError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return &transform.Error{Statement: "report", Err: err}
}

// clipped selects text columns, as much of them as may be shown.
func clipped(of string, columns []string) string {
	list := make([]string, 0, len(columns))
	for _, column := range columns {
		list = append(list, fmt.Sprintf("left(CAST(%s.%q AS VARCHAR), %d)", of, column, readCharacters))
	}
	return strings.Join(list, ", ")
}

// ordered is the order of the file: by bytes, NULL last.
func ordered(of string, columns []string) string {
	list := make([]string, 0, len(columns))
	for _, column := range columns {
		list = append(list, fmt.Sprintf("%s.%q ASC NULLS LAST", of, column))
	}
	return strings.Join(list, ", ")
}

// orderOf is by which columns the file of a result is sorted; nil where there is no such result.
func orderOf(plan transform.Plan, name string) []string {
	all := plan.Results()
	i := slices.IndexFunc(all, func(result transform.Result) bool { return result.Name == name })
	if i < 0 {
		return nil
	}
	return all[i].OrderBy
}

// recordLinks gives the address of a record's page in the configured org. The fixtures, and a simulated org on loopback,
// have no pages.
func recordLinks(config SalesforceConfig) func(id string) string {
	address, err := url.Parse(config.InstanceURL)
	if config.Source != "org" || err != nil || address.Scheme != "https" || isLoopback(address.Hostname()) {
		return func(string) string { return "" }
	}
	return func(id string) string {
		if !recordID.MatchString(id) {
			return ""
		}
		return "https://" + address.Host + "/" + id
	}
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
