package pipeline

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"crosswalk/transform"
)

// Directions of a pair: which system's identifier the other one keeps.
const (
	directionSalesforce = "salesforce_holds_erp_id"
	directionERP        = "erp_holds_salesforce_id"
)

// Candidate is one pair of an Account field and an ERP column, under the key that suits it best. Its JSON is part of the
// contract: keys are added, never changed. Shares are from 0 to 1.
type Candidate struct {
	Rank       int    `json:"rank"`
	Direction  string `json:"direction"`  // salesforce_holds_erp_id or erp_holds_salesforce_id
	Salesforce string `json:"salesforce"` // Account.<Field>
	ERP        string `json:"erp"`        // column
	Key        Key    `json:"key"`        // as the configuration takes it
	Many       string `json:"many"`       // the side on which sharing looks legitimate
	Configured bool   `json:"configured"` // the configuration has a rule of this pair
	// Likely is false where a warning says that this is no identifier.
	Likely bool `json:"likely"`
	// Linked are the customers that the rule would link, OneToOne those of them that share their account, or have
	// several, not.
	Linked   int64 `json:"linked"`
	OneToOne int64 `json:"one_to_one"`
	// Estimated says that the counts were scaled up from a sample of the identifiers.
	Estimated bool  `json:"estimated"`
	Accounts  Sided `json:"accounts"`
	Customers Sided `json:"customers"`
	// Tried are the keys that were tried, with what each would link.
	Tried    []Tried   `json:"tried"`
	Warnings []Warning `json:"warnings"`
	Samples  []Sample  `json:"samples"`

	field  string // without "Account."
	chosen transform.TrialFacts
}

// Sided is how an identifier stands on one side.
type Sided struct {
	Records  int64   `json:"records"`
	Filled   int64   `json:"filled"`   // with an identifier that is not blank
	Coverage float64 `json:"coverage"` // filled of records
	Unique   float64 `json:"unique"`   // different keys of filled
	Collided int64   `json:"collided"` // records whose key has several spellings
}

// Tried is what a pair would link under one key.
type Tried struct {
	Key      Key   `json:"key"`
	Linked   int64 `json:"linked"`
	OneToOne int64 `json:"one_to_one"`
}

// Sample is one link, as it stands in Salesforce and in the ERP.
type Sample struct {
	Salesforce string `json:"salesforce"`
	ERP        string `json:"erp"`
}

// judge knows what was found of the columns, and ranks the pairs by it.
type judge struct {
	config  *Config
	ground  *ground
	looked  *transform.Discovery
	columns map[string]transform.ColumnFacts // by side and name
}

func newJudge(config *Config, ground *ground, looked *transform.Discovery) *judge {
	j := &judge{config: config, ground: ground, looked: looked, columns: map[string]transform.ColumnFacts{}}
	for _, column := range looked.Columns {
		j.columns[column.Side+" "+column.Name] = column
	}
	return j
}

// rank puts the pairs that link anybody, and those that the configuration has, into their order.
func (j *judge) rank(pairs []transform.PairFacts) []Candidate {
	ranked := []Candidate{}
	for _, pair := range pairs {
		if candidate := j.candidate(pair); candidate.Linked > 0 || candidate.Configured {
			ranked = append(ranked, candidate)
		}
	}
	slices.SortStableFunc(ranked, func(a, b Candidate) int {
		for _, criterion := range criteria {
			if order := cmp.Compare(criterion.value(j, &b), criterion.value(j, &a)); order != 0 {
				return order
			}
		}
		return cmp.Or(strings.Compare(a.Salesforce, b.Salesforce), strings.Compare(a.ERP, b.ERP))
	})
	for i := range ranked {
		ranked[i].Rank = i + 1
	}
	return ranked
}

// criterion is one of the things that a pair is ranked by. More is better; says tells a value.
type criterion struct {
	value func(j *judge, c *Candidate) float64
	says  func(j *judge, c *Candidate) string
}

// criteria decide in their order. Links are compared in whole percent of the customers, so that among a million of them
// a handful of stray ones does not outweigh what follows.
var criteria = []criterion{
	{func(_ *judge, c *Candidate) float64 { return truth(c.Likely) }, func(_ *judge, c *Candidate) string {
		if c.Likely {
			return "holds identifiers"
		}
		return "is no likely identifier (" + c.doubt() + ")"
	}},
	{func(j *judge, c *Candidate) float64 { return wholePercent(c.Linked, j.looked.Customers) }, func(j *judge, c *Candidate) string {
		return fmt.Sprintf("links %s of %s customers", thousands(c.Linked), thousands(j.looked.Customers))
	}},
	{func(j *judge, c *Candidate) float64 { return wholePercent(c.OneToOne, j.looked.Customers) }, func(_ *judge, c *Candidate) string {
		return fmt.Sprintf("links %s customers one to one", thousands(c.OneToOne))
	}},
	{func(_ *judge, c *Candidate) float64 {
		return math.Round(100 * min(c.Accounts.Unique, c.Customers.Unique))
	}, func(_ *judge, c *Candidate) string {
		return fmt.Sprintf("is unique in %.0f%% of the accounts and %.0f%% of the customers that carry it", 100*c.Accounts.Unique, 100*c.Customers.Unique)
	}},
	{func(_ *judge, c *Candidate) float64 { return math.Round(100 * c.Customers.Coverage) }, func(_ *judge, c *Candidate) string {
		return fmt.Sprintf("is filled for %.0f%% of the customers", 100*c.Customers.Coverage)
	}},
	{func(_ *judge, c *Candidate) float64 { return math.Round(100 * c.Accounts.Coverage) }, func(_ *judge, c *Candidate) string {
		return fmt.Sprintf("is filled for %.0f%% of the accounts", 100*c.Accounts.Coverage)
	}},
	{func(_ *judge, c *Candidate) float64 { return -float64(len(c.Warnings)) }, func(_ *judge, c *Candidate) string {
		return fmt.Sprintf("has %d warnings", len(c.Warnings))
	}},
	{func(_ *judge, c *Candidate) float64 { return nameHint(c) }, func(_ *judge, c *Candidate) string {
		if nameHint(c) > 0 {
			return "is named like an identifier"
		}
		return "is not named like an identifier"
	}},
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func wholePercent(n, of int64) float64 {
	if of == 0 {
		return 0
	}
	return math.Round(100 * float64(n) / float64(of))
}

// identifying are words that the names of identifiers are made of. They only break ties.
var identifying = regexp.MustCompile(`(?i)(^|_|[a-z])(id|no|nr|num|number|code|key|ref|erp|ext|external|customer|cust|debtor|debitor|kunnr|kunden|account)([_A-Z]|$)`)

func nameHint(c *Candidate) float64 {
	hint := 0.0
	for _, name := range []string{strings.TrimSuffix(c.field, "__c"), c.ERP} {
		if identifying.MatchString(name) {
			hint++
		}
	}
	return hint
}

// candidate judges one pair under the key that suits it.
func (j *judge) candidate(pair transform.PairFacts) Candidate {
	c := Candidate{Salesforce: objectAccount + "." + pair.AccountField, ERP: pair.CustomerColumn, Direction: directionSalesforce, field: pair.AccountField}
	if j.ground.holdsRecordIDs(pair.AccountField) {
		c.Direction = directionERP
	}
	many := "" // of each trial the better side
	if c.Salesforce == accountID {
		many = "customers"
	} else if strings.EqualFold(c.ERP, j.config.ERP.CustomerID) {
		many = "accounts"
	}
	trial, side := choose(pair.Trials, many, j.ground.holdsRecordIDs(pair.AccountField))
	c.chosen, c.Many, c.Key = trial, side, keyOf(trial)
	c.Linked, c.OneToOne, c.Estimated = linkedBy(trial, side), trial.OneToOne, trial.Estimated
	c.Accounts = sided(j.looked.Accounts, trial.AccountFilled, trial.AccountUnique, trial.AccountCollided)
	c.Customers = sided(j.looked.Customers, trial.CustomerFilled, trial.CustomerUnique, trial.CustomerCollided)
	for _, tried := range pair.Trials {
		c.Tried = append(c.Tried, Tried{Key: keyOf(tried), Linked: linkedBy(tried, side), OneToOne: tried.OneToOne})
	}
	for _, rule := range j.config.Link {
		c.Configured = c.Configured || strings.EqualFold(rule.Salesforce, c.Salesforce) && rule.ERP == c.ERP
	}
	c.Warnings = j.warn(&c, j.ground.fields[pair.AccountField])
	c.Likely = c.doubt() == ""
	return c
}

// doubt is the warning that says that this is no identifier, or "".
func (c *Candidate) doubt() string {
	for _, warning := range c.Warnings {
		if warning.Doubt {
			return warning.Code
		}
	}
	return ""
}

// worthwhile is by how much more a key must link than one that changes less: dirt in a few identifiers is for whoever
// keeps them, and no reason to compare all of them loosely.
const worthwhile = 1.10

// choose is the key that changes least among those that link about as many as any, and the side that may share.
func choose(trials []transform.TrialFacts, many string, areRecordIDs bool) (chosen transform.TrialFacts, side string) {
	trials = slices.Clone(trials)
	slices.SortStableFunc(trials, func(a, b transform.TrialFacts) int {
		return cmp.Compare(preference(a.Key, areRecordIDs), preference(b.Key, areRecordIDs))
	})
	for i, trial := range trials {
		better := many
		if better == "" {
			better = "accounts"
			if trial.ByCustomers > trial.ByAccounts {
				better = "customers"
			}
		}
		if i == 0 || float64(linkedBy(trial, better)) > worthwhile*float64(linkedBy(chosen, side)) && linkedBy(trial, better) > linkedBy(chosen, side)+1 {
			chosen, side = trial, better
		}
	}
	return chosen, side
}

// preference is smaller for the key to try first. standard comes before exact, which only a difference of case or form
// that means something makes better; ids of records are compared as such.
func preference(key string, areRecordIDs bool) int {
	order := []string{"standard", "exact", "salesforce_id"}
	if areRecordIDs {
		order = []string{"salesforce_id", "exact", "standard"}
	}
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

func linkedBy(trial transform.TrialFacts, side string) int64 {
	if side == "customers" {
		return trial.ByCustomers
	}
	return trial.ByAccounts
}

func sided(records, filled, unique, collided int64) Sided {
	s := Sided{Records: records, Filled: min(filled, records), Collided: collided}
	if records > 0 {
		s.Coverage = round(float64(s.Filled) / float64(records))
	}
	if filled > 0 {
		s.Unique = round(float64(unique) / float64(filled))
	}
	return s
}

// keyOf writes the key of a trial as the configuration takes it.
func keyOf(trial transform.TrialFacts) Key {
	switch trial.Key {
	case "exact", "standard", "salesforce_id":
		return Key{trial.Key}
	}
	key := slices.Clone(standardSteps)
	for _, step := range strings.Split(trial.Key, ", ") {
		if step == "strip_prefix" {
			step = stepPrefix + trial.Prefix
		}
		key = append(key, step)
	}
	return key
}
