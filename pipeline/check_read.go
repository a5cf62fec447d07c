package pipeline

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"crosswalk/extract/salesforce"
)

func (c *check) askObject(ctx context.Context, object string) finding {
	asked := "GET " + c.path("sobjects", object, "describe")
	found, err := c.probe.Describe(ctx, object)
	if err != nil {
		failed := finding{err: err, asked: asked, fix: fmt.Sprintf(pathObject, object)}
		if hidden(err) {
			failed.exit = exitRefused
		}
		return failed
	}
	if !found.Queryable {
		return finding{outcome: Fail, detail: object + " is not queryable for the user", asked: asked, fix: fmt.Sprintf(pathObject, object), exit: exitRefused}
	}
	c.describe[object] = found
	return passed("%d fields are visible", len(found.Fields))
}

// askFields holds the configured fields against the describes. Those that a rule compares have an item of their own.
func (c *check) askFields(ctx context.Context) finding {
	var seen, problems, fixes []string
	outcome := Pass
	for _, object := range []string{objectAccount, objectContact} {
		describe := c.describe[object]
		if describe == nil {
			seen = append(seen, object+": not asked, for it cannot be read")
			outcome = Unknown
			continue
		}
		fields := c.fieldsOf(object, describe)
		err := c.probe.CheckFields(ctx, describe, fields, nil)
		var refused *salesforce.Error
		switch {
		case err == nil:
			seen = append(seen, fmt.Sprintf("%s: %d visible", object, len(fields)))
		case errors.As(err, &refused) && refused.ExitCode() == exitUsage:
			problems = append(problems, fieldProblem(refused))
			for _, owner := range ownersOf(refused) {
				fixes = append(fixes, fmt.Sprintf(pathField, owner, owner+"s"))
			}
		default:
			return finding{err: err, asked: "GET " + c.path("sobjects", object, "describe")}
		}
	}
	if err := c.sourceProblem(ctx); err != nil {
		problems = append(problems, firstLine(err.Error()))
		fixes = append(fixes, Hint(err))
	}
	if len(problems) == 0 {
		return finding{outcome: outcome, detail: strings.Join(seen, "; ")}
	}
	return finding{
		outcome: Fail, detail: strings.Join(problems, "; "), asked: "the fields of salesforce.objects in GET " + c.path("sobjects", "*", "describe"),
		fix: strings.Join(fixes, "; "), exit: exitUsage,
	}
}

// sourceProblem tells of a source of contacts that cannot be had: a lookup that leads to none, owners that are hidden.
func (c *check) sourceProblem(ctx context.Context) error {
	if account := c.describe[objectAccount]; account != nil {
		if err := lookupProblem(c.config, account); err != nil {
			return err
		}
	}
	if !c.config.Contacts.Owner {
		return nil
	}
	_, err := c.probe.Describe(ctx, objectUser)
	return err
}

var fieldNamed = regexp.MustCompile(`(?:^|; )([A-Za-z][A-Za-z0-9_]*)\.[A-Za-z0-9_]+: `)

// ownersOf are the objects whose fields a message speaks of: of a path such as Owner.Name, that is User.
func ownersOf(refused *salesforce.Error) []string {
	var owners []string
	for _, found := range fieldNamed.FindAllStringSubmatch(refused.Message, -1) {
		if !slices.Contains(owners, found[1]) {
			owners = append(owners, found[1])
		}
	}
	if len(owners) == 0 {
		return []string{refused.Object}
	}
	return owners
}

// fieldProblem names the object where the message does not: that of a parent which is hidden as a whole.
func fieldProblem(refused *salesforce.Error) string {
	if strings.Contains(refused.Message, refused.Object+".") {
		return refused.Message
	}
	return refused.Object + ": " + refused.Message
}

func (c *check) fieldsOf(object string, describe *salesforce.Describe) []string {
	rules := identifierFields(c.config, object)
	return slices.DeleteFunc(wantedFields(c.config, object, describe), func(field string) bool {
		for rule := range rules {
			if strings.EqualFold(rule, field) && !strings.EqualFold(field, "Id") {
				return true
			}
		}
		return false
	})
}

// askIdentifier proves that the fields which the rules compare are there, and that accounts carry something in them:
// without that nothing links.
func (c *check) askIdentifier(ctx context.Context) finding {
	total, err := c.count(ctx, objectAccount)
	if err != nil {
		return finding{err: err, asked: "SELECT COUNT() FROM Account"}
	}
	var seen, problems, names []string
	carried, uncounted := false, false
	for _, rule := range c.config.Link {
		_, name, _ := strings.Cut(rule.Salesforce, ".")
		if strings.EqualFold(name, "Id") {
			seen = append(seen, "Account.Id: every account has one; what counts is "+rule.ERP+" in the ERP")
			carried = true
			continue
		}
		names = append(names, rule.Salesforce)
		err := c.probe.CheckFields(ctx, c.describe[objectAccount], []string{name}, map[string]bool{name: true})
		var refused *salesforce.Error
		if errors.As(err, &refused) && refused.ExitCode() == exitUsage {
			problems = append(problems, refused.Message)
			continue
		}
		if err != nil {
			return finding{err: err, asked: "GET " + c.path("sobjects", objectAccount, "describe")}
		}
		carriers, counted, err := c.carriers(ctx, name)
		if err != nil {
			return finding{err: err, asked: "SELECT COUNT() FROM Account WHERE " + name + " != null"}
		}
		carried, uncounted = carried || carriers > 0, uncounted || !counted
		seen = append(seen, c.tellField(name, carriers, total, counted))
	}
	if len(problems) > 0 {
		return finding{
			outcome: Fail, detail: strings.Join(problems, "; "), asked: "the fields of link in GET " + c.path("sobjects", objectAccount, "describe"),
			fix: fmt.Sprintf(pathField, objectAccount, "Accounts"), exit: exitUsage,
		}
	}
	detail := strings.Join(seen, "; ")
	switch {
	case carried:
		return passed("%s", detail)
	case total == 0:
		return unknown("no account is visible: see visibility")
	case uncounted:
		return unknown("%s", detail)
	}
	return finding{
		outcome: Fail, detail: detail, asked: "SELECT COUNT() FROM Account WHERE … != null", answered: "0",
		fix: fmt.Sprintf(pathFillField, strings.Join(names, ", ")), exit: exitInput,
	}
}

// carriers counts the accounts with a value in a field. A field that cannot be filtered, such as a long text or some
// formulas, cannot be counted, nor one that takes the org too long.
func (c *check) carriers(ctx context.Context, name string) (rows int64, counted bool, err error) {
	field, ok := c.describe[objectAccount].Field(name)
	if !ok || !field.Filterable {
		return 0, false, nil
	}
	rows, err = c.probe.CountFilled(ctx, objectAccount, field.Name, true)
	if code, _ := codeOf(err); code == "QUERYTIMEOUT" {
		return 0, false, nil
	}
	return rows, err == nil, err
}

// tellField is such as "Account.ERP_Customer_ID__c: string(40), unique, external id; 8 of 12 accounts carry it".
func (c *check) tellField(name string, carriers, total int64, counted bool) string {
	field, ok := c.describe[objectAccount].Field(name)
	if !ok {
		return name
	}
	traits := []string{field.Type}
	switch {
	case field.Length > 0:
		traits[0] = fmt.Sprintf("%s(%d)", field.Type, field.Length)
	case field.Precision > 0:
		traits[0] = fmt.Sprintf("%s(%d,%d)", field.Type, field.Precision, field.Scale)
	}
	for _, trait := range []struct {
		has  bool
		text string
	}{
		{field.Unique, "unique"},
		{!field.Unique, "not unique"},
		{field.ExternalID, "external id"},
		{field.CaseSensitive, "case-sensitive"},
		{field.Calculated, "formula"},
		{field.Encrypted, "encrypted"},
		{field.Type == "double" || field.Type == "int" || field.Type == "currency", "a number has no leading zeros"},
	} {
		if trait.has {
			traits = append(traits, trait.text)
		}
	}
	text := "Account." + field.Name + ": " + strings.Join(traits, ", ") + "; "
	if !counted {
		return text + "how many accounts carry it cannot be counted, for it cannot be filtered"
	}
	return text + fmt.Sprintf("%s of %s accounts carry it", thousands(carriers), thousands(total))
}
