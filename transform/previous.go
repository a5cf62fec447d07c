package transform

import (
	"context"
	"fmt"
	"io/fs"
	"math"
	"strings"
)

// Changes counts how the customers changed since the last publication, by the kind of change: linked, lost, moved,
// status, new and gone. All are 0 where there is no last publication.
type Changes map[string]int64

var changeKinds = []string{"linked", "lost", "moved", "status", "new", "gone"}

// previousViews are the customers of the last publication and, as one row or none, whether there is one.
func (p Plan) previousViews() []view {
	none := `SELECT CAST(NULL AS VARCHAR) AS customer_id, CAST(NULL AS VARCHAR) AS status, CAST(NULL AS VARCHAR) AS account_id, CAST(NULL AS VARCHAR) AS accounts WHERE false`
	if len(p.Previous.Files) == 0 {
		return []view{{"previous_publication", "SELECT 1 AS publication WHERE false"}, {"previous_customer", none}}
	}
	reader, accounts := p.Previous.reader(), "array_to_string(account_ids, ';')"
	if p.Previous.isText() {
		reader, accounts = p.Previous.publishedText(), "account_ids"
	}
	return []view{
		{"previous_publication", "SELECT 1 AS publication"},
		{"previous_customer", fmt.Sprintf("SELECT customer_id, status, account_id, %s AS accounts FROM %s", accounts, reader)},
	}
}

// publishedLine is the longest row of a published CSV file that is read, in bytes: an ERP record may have 16 MiB, and
// quotes are doubled. DuckDB's buffer must hold a line; this is the buffer that it takes for its own limit of 2 MB.
const publishedLine = 32 << 20

// publishedText reads a published CSV file, in which nothing is NULL and "" the empty text, with every column as text.
func (r Relation) publishedText() string {
	columns := make([]string, 0, len(r.Columns))
	for _, column := range r.Columns {
		columns = append(columns, quoteText(column.Name)+": 'VARCHAR'")
	}
	return fmt.Sprintf(`read_csv(%s, header = true, auto_detect = false, hive_partitioning = false, allow_quoted_nulls = false, delim = ',', quote = '"', escape = '"', max_line_size = %d, buffer_size = %d, columns = {%s})`,
		quoteText(r.Files[0]), publishedLine, publishedLine, strings.Join(columns, ", "))
}

// Changes counts the changes that Link found, by their kind.
func (d *DB) Changes(ctx context.Context) (Changes, error) {
	counts := Changes{}
	for _, kind := range changeKinds {
		counts[kind] = 0
	}
	rows, err := d.pool.QueryContext(ctx, "SELECT change, count(*) FROM changes GROUP BY change")
	if err != nil {
		return nil, statementError(ctx, "count changes", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var kind string
		var customers int64
		if err := rows.Scan(&kind, &customers); err != nil {
			return nil, statementError(ctx, "count changes", err)
		}
		counts[kind] = customers
	}
	return counts, statementError(ctx, "count changes", rows.Err())
}

// RecordsOf are the ids that a question of the guards folder names, in its order, most of them at most. files are the
// statements, sql.Guards; args are the values that the question asks for before the number. It is asked after Link. before
// is the table of the last publication that the question compares with, as Parquet or CSV; without files it has no row.
// Errors are *Error and the cause of a cancelled context.
func (d *DB) RecordsOf(ctx context.Context, files fs.FS, question string, before Relation, most int, args ...any) ([]string, error) {
	name, text, err := d.question(ctx, files, question, before)
	if err != nil {
		return nil, err
	}
	rows, err := d.pool.QueryContext(ctx, text, append(args, most)...)
	if err != nil {
		return nil, statementError(ctx, name, err)
	}
	var ids []string
	err = each(rows, func(scan func(...any) error) error {
		ids = append(ids, "")
		return scan(&ids[len(ids)-1])
	})
	return ids, statementError(ctx, name, err)
}

// CountOf is how many ids RecordsOf would name without a bound.
func (d *DB) CountOf(ctx context.Context, files fs.FS, question string, before Relation, args ...any) (int64, error) {
	name, text, err := d.question(ctx, files, question, before)
	if err != nil {
		return 0, err
	}
	var count int64
	row := d.pool.QueryRowContext(ctx, "SELECT count(*) FROM (\n"+text+")", append(args, math.MaxInt64)...) //nolint:gosec // text is a statement of ours
	return count, statementError(ctx, name, row.Scan(&count))
}

// question reads a question, and shows it what it compares with.
func (d *DB) question(ctx context.Context, files fs.FS, question string, before Relation) (name, text string, err error) {
	name = "guards/" + question + ".sql"
	read, err := fs.ReadFile(files, name)
	if err != nil {
		return "", "", &Error{Statement: name, Err: err}
	}
	if len(before.Columns) == 0 {
		return name, string(read), nil
	}
	reader := before.scan()
	if before.isText() {
		reader = "SELECT * FROM " + before.publishedText()
	}
	if _, err := d.pool.ExecContext(ctx, "CREATE OR REPLACE VIEW published_before AS "+reader); err != nil {
		return "", "", statementError(ctx, "view published_before", err)
	}
	return name, string(read), nil
}
