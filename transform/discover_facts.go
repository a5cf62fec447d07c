package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

const (
	sideAccounts  = "accounts"
	sideCustomers = "customers"
)

// ColumnFacts are what a column holds. Shares are of its different values, from 0 to 1; counts are of records.
type ColumnFacts struct {
	Side string // accounts or customers
	Name string
	// Filled are the records that have a value, Spellings about how many values differ, Longest the characters of the
	// longest.
	Filled    int64
	Spellings int64
	Longest   int64

	DigitShare       float64 // with a digit
	LeadingZeroShare float64 // that begin with 0 and another digit
	PhoneShare       float64 // of the form of a telephone number
	DateShare        float64 // of the form of a date
	AddressShare     float64 // of the form of an address in the internet
	WordsShare       float64 // of three words or more, or without a digit
	RecordIDShare    float64 // of the form of the id of a Salesforce record
}

// PairFacts are a field of the accounts and a column of the customers, and what they link under each key.
type PairFacts struct {
	AccountField   string
	CustomerColumn string
	Trials         []TrialFacts // from the key to prefer to the one that changes most
}

// TrialFacts are what a pair links under one key. Counts are of records, but for Keys: the keys that both sides have.
type TrialFacts struct {
	// Key is exact, standard, or one or two steps that follow the steps of standard, parted by a comma; salesforce_id
	// alone. Prefix is the text that strip_prefix takes off.
	Key    string
	Prefix string
	Keys   int64
	// OneToOne are the customers that would have one account and it only them; ByAccounts those that would have one or
	// several where accounts may share, ByCustomers those that would have one where customers may share.
	OneToOne    int64
	ByAccounts  int64
	ByCustomers int64
	// Filled are the records with a key, Unique the different keys among them, Collided the records whose key has
	// several spellings.
	AccountFilled    int64
	AccountUnique    int64
	AccountCollided  int64
	CustomerFilled   int64
	CustomerUnique   int64
	CustomerCollided int64
	// Samples are up to three links, as the values stand in the account and in the customer.
	Samples [][2]string
	// Estimated says that the counts were taken from a sample.
	Estimated bool
}

// look is the first look: at every column, of large ones at a sample of the keys.
func (s *Discovery) look(ctx context.Context) error {
	rows, err := s.db.pool.QueryContext(ctx, "SELECT side, records FROM side_size")
	if err != nil {
		return statementError(ctx, "side_size", err)
	}
	err = each(rows, func(scan func(...any) error) error {
		var side string
		var records int64
		if err := scan(&side, &records); err != nil {
			return err
		}
		if side == sideAccounts {
			s.Accounts = records
		} else {
			s.Customers = records
		}
		return nil
	})
	if err != nil {
		return statementError(ctx, "side_size", err)
	}
	keys, pairs := s.plan.SampledKeys, s.plan.Pairs
	if keys <= 0 {
		keys = defaultSampledKeys
	}
	if pairs <= 0 {
		pairs = defaultPairs
	}
	s.Modulus = max(1, max(s.Accounts, s.Customers)/keys)
	asked := make([]Trial, 0, len(s.plan.Asked))
	for _, pair := range s.plan.Asked {
		asked = append(asked, Trial{AccountField: pair[0], CustomerColumn: pair[1]})
	}
	if err := s.run(ctx, s.Modulus, pairs, asked, func(string, string) bool { return true }); err != nil {
		return err
	}
	if s.Columns, err = s.readColumns(ctx); err != nil {
		return err
	}
	s.Pairs, err = s.readPairs(ctx, s.Modulus)
	return err
}

// Measure counts again what the trials link, over every key and not over a sample. The pairs that it returns have the
// trials that were asked for alone. Errors are *Error and the cause of a cancelled context.
func (s *Discovery) Measure(ctx context.Context, trials []Trial) ([]PairFacts, error) {
	wanted := func(side, column string) bool {
		return slices.ContainsFunc(trials, func(t Trial) bool {
			return side == sideAccounts && t.AccountField == column || side == sideCustomers && t.CustomerColumn == column
		})
	}
	if err := s.run(ctx, 1, 0, trials, wanted); err != nil {
		return nil, err
	}
	return s.readPairs(ctx, 1)
}

// run looks at one of so many keys of the wanted columns, and measures so many promising pairs and those asked for.
func (s *Discovery) run(ctx context.Context, modulus, pairs int64, asked []Trial, isWanted func(side, column string) bool) error {
	if err := s.bindValues(ctx, isWanted); err != nil {
		return err
	}
	for _, text := range []string{"DELETE FROM discovery_pass", "DELETE FROM asked_pair"} {
		if err := s.exec(ctx, "parameters of a look", text); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, "parameters of discovery_pass", "INSERT INTO discovery_pass VALUES (?, ?)", modulus, pairs); err != nil {
		return err
	}
	for _, trial := range asked {
		account, customer := s.numberOf(s.plan.AccountFields, trial.AccountField), s.numberOf(s.plan.CustomerColumns, trial.CustomerColumn)
		if account == 0 || customer == 0 {
			continue
		}
		err := s.exec(ctx, "parameters of asked_pair", "INSERT INTO asked_pair SELECT ?, ?, (SELECT min(key) FROM tried_key WHERE name = ?)", account, customer, trial.Key)
		if err != nil {
			return err
		}
	}
	for _, statement := range s.looks {
		if err := s.db.execute(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func (s *Discovery) numberOf(columns []DiscoverColumn, name string) int {
	return 1 + slices.IndexFunc(columns, func(c DiscoverColumn) bool { return c.Name == name })
}

func (s *Discovery) readColumns(ctx context.Context) ([]ColumnFacts, error) {
	rows, err := s.db.pool.QueryContext(ctx, `SELECT p.side, p.field, p.filled, p.spellings, p.longest,
		coalesce(s.digit_share, 0), coalesce(s.leading_zero_share, 0), coalesce(s.phone_share, 0), coalesce(s.date_share, 0),
		coalesce(s.address_share, 0), coalesce(s.words_share, 0), coalesce(s.record_id_share, 0)
		FROM column_profile p LEFT JOIN column_shape s ON s.side = p.side AND s.field = p.field ORDER BY p.side, p.field`)
	if err != nil {
		return nil, statementError(ctx, "column_profile", err)
	}
	var found []ColumnFacts
	err = each(rows, func(scan func(...any) error) error {
		var c ColumnFacts
		var field int
		if err := scan(&c.Side, &field, &c.Filled, &c.Spellings, &c.Longest, &c.DigitShare, &c.LeadingZeroShare, &c.PhoneShare, &c.DateShare, &c.AddressShare, &c.WordsShare, &c.RecordIDShare); err != nil {
			return err
		}
		c.Name = s.nameOf(c.Side, field)
		found = append(found, c)
		return nil
	})
	return found, statementError(ctx, "column_profile", err)
}

func (s *Discovery) nameOf(side string, field int) string {
	columns := s.plan.AccountFields
	if side == sideCustomers {
		columns = s.plan.CustomerColumns
	}
	if field < 1 || field > len(columns) {
		return fmt.Sprintf("column %d", field)
	}
	return columns[field-1].Name
}

// readPairs reads what a look measured; counts of a sample are scaled up to the whole.
func (s *Discovery) readPairs(ctx context.Context, modulus int64) ([]PairFacts, error) {
	samples, err := s.readSamples(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.pool.QueryContext(ctx, `SELECT account_field, customer_field, key, name, coalesce(argument, ''), keys, one_to_one, by_accounts, by_customers,
		account_filled, account_keys, account_collided, customer_filled, customer_keys, customer_collided FROM measured ORDER BY account_field, customer_field, key`)
	if err != nil {
		return nil, statementError(ctx, "measured", err)
	}
	var pairs []PairFacts
	err = each(rows, func(scan func(...any) error) error {
		var account, customer, key int
		t := TrialFacts{Estimated: modulus > 1}
		counts := []*int64{&t.Keys, &t.OneToOne, &t.ByAccounts, &t.ByCustomers, &t.AccountFilled, &t.AccountUnique, &t.AccountCollided, &t.CustomerFilled, &t.CustomerUnique, &t.CustomerCollided}
		into := []any{&account, &customer, &key, &t.Key, &t.Prefix}
		for _, count := range counts {
			into = append(into, count)
		}
		if err := scan(into...); err != nil {
			return err
		}
		for _, count := range counts {
			*count *= modulus
		}
		t.Samples = samples[[3]int{account, customer, key}]
		accountName, customerName := s.nameOf(sideAccounts, account), s.nameOf(sideCustomers, customer)
		if n := len(pairs); n == 0 || pairs[n-1].AccountField != accountName || pairs[n-1].CustomerColumn != customerName {
			pairs = append(pairs, PairFacts{AccountField: accountName, CustomerColumn: customerName})
		}
		last := &pairs[len(pairs)-1]
		last.Trials = append(last.Trials, t)
		return nil
	})
	return pairs, statementError(ctx, "measured", err)
}

func (s *Discovery) readSamples(ctx context.Context) (map[[3]int][][2]string, error) {
	rows, err := s.db.pool.QueryContext(ctx, "SELECT account_field, customer_field, key, account_value, customer_value FROM sample ORDER BY account_field, customer_field, key, position")
	if err != nil {
		return nil, statementError(ctx, "sample", err)
	}
	samples := map[[3]int][][2]string{}
	err = each(rows, func(scan func(...any) error) error {
		var of [3]int
		var pair [2]string
		if err := scan(&of[0], &of[1], &of[2], &pair[0], &pair[1]); err != nil {
			return err
		}
		samples[of] = append(samples[of], pair)
		return nil
	})
	return samples, statementError(ctx, "sample", err)
}

// each reads every row and closes them.
func each(rows *sql.Rows, read func(scan func(...any) error) error) error {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
