package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// identifier follows what a record has under a rule: as it stands, through each step, to whom it meets. Nil where the
// publication lacks the column.
func (e *explanation) identifier(ctx context.Context, rule Rule, side string, record int64) (*ExplainedIdentifier, error) {
	_, field, _ := strings.Cut(rule.Salesforce, ".")
	account, customer := e.column("accounts", field), e.column("customers", "erp_"+rule.ERP)
	own, other, otherSide := account, customer, "customers"
	found := &ExplainedIdentifier{rule: rule, Rule: rule.Salesforce + "=" + rule.ERP, Column: rule.Salesforce, Other: rule.ERP, Steps: []ExplainedStep{}, Met: []ExplainedParty{}, Shared: []ExplainedParty{}}
	if side == "customers" {
		own, other, otherSide = customer, account, "accounts"
		found.Column, found.Other = rule.ERP, rule.Salesforce
	}
	if own == "" || other == "" {
		return nil, nil
	}
	raw, there, err := e.published.Identifier(ctx, side, own, record)
	if err != nil {
		return nil, err
	}
	found.Raw, found.Visible, found.Remarks = raw, visible(raw), remarks(raw)
	if found.Blank, err = e.isBlank(ctx, raw, there); err != nil || found.Blank {
		return found, err
	}
	if err := e.follow(ctx, rule, found); err != nil || found.Key == "" {
		return found, err
	}
	if found.Met, found.MetCount, err = e.carriers(ctx, otherSide, other, rule, found.Key, -1); err != nil {
		return nil, err
	}
	found.Shared, found.SharedCount, err = e.carriers(ctx, side, own, rule, found.Key, record)
	return found, err
}

// column is the published column of that name, in its spelling, or "".
func (e *explanation) column(table, name string) string {
	output, _ := e.output(table)
	for _, column := range output.Columns {
		if strings.EqualFold(column.Name, name) {
			return column.Name
		}
	}
	return ""
}

// follow takes the steps one by one.
func (e *explanation) follow(ctx context.Context, rule Rule, found *ExplainedIdentifier) error {
	value, there := found.Raw, true
	for _, step := range rule.Key {
		became, ok, err := e.published.Step(ctx, step, value)
		if err != nil {
			return err
		}
		found.Steps = append(found.Steps, ExplainedStep{Step: step, Value: became, Changed: became != value || ok != there})
		if value, there = became, ok; !ok {
			return nil
		}
	}
	found.Key = value
	return nil
}

// isBlank tells what the link takes for no identifier: nothing, and what blank_identifiers lists. An empty text is as any other.
func (e *explanation) isBlank(ctx context.Context, value string, there bool) (bool, error) {
	if !there {
		return true, nil
	}
	if e.blanks == nil {
		for _, blank := range e.config.BlankIdentifiers {
			folded, err := e.fold(ctx, blank)
			if err != nil {
				return false, err
			}
			e.blanks = append(e.blanks, folded)
		}
	}
	folded, err := e.fold(ctx, value)
	return slices.Contains(e.blanks, folded), err
}

// fold is the form in which identifiers are compared with the blank ones.
func (e *explanation) fold(ctx context.Context, value string) (folded string, err error) {
	err = e.published.Ask(ctx, "folded", func(scan func(...any) error) error { return scan(&folded) }, value)
	return folded, err
}

func (e *explanation) carriers(ctx context.Context, side, column string, rule Rule, key string, except int64) ([]ExplainedParty, int64, error) {
	found, all, err := e.published.Carriers(ctx, side, column, rule.Key, key, except, carriersShown)
	parties := make([]ExplainedParty, 0, len(found))
	object := map[string]string{"accounts": objectOfAccount, "customers": objectCustomer}[side]
	for _, carrier := range found {
		parties = append(parties, ExplainedParty{Object: object, ID: carrier.ID, Name: carrier.Name, Identifier: carrier.Identifier, Status: carrier.Status})
	}
	return parties, all, err
}

// longestRemarks is how many odd characters of an identifier are named.
const longestRemarks = 5

// remarks name the characters of an identifier that are not what they seem: those that cannot be seen, and letters and
// digits that are not ASCII in an identifier that is mostly so.
func remarks(value string) []string {
	told, plain := []string{}, 0
	for _, r := range value {
		if r < unicode.MaxASCII {
			plain++
		}
	}
	for i, r := range []rune(value) {
		odd := !isSeen(r) || r > unicode.MaxASCII && plain*2 > len([]rune(value))
		if !odd {
			continue
		}
		if len(told) == longestRemarks {
			return append(told, "and more")
		}
		told = append(told, fmt.Sprintf("character %d is U+%04X, %s", i+1, r, strings.ToLower(runenames.Name(r))))
	}
	return told
}
