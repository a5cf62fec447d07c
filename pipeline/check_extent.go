package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"crosswalk/extract/salesforce"
)

// count is COUNT() of an object, asked once.
func (c *check) count(ctx context.Context, object string) (int64, error) {
	if rows, ok := c.counts[object]; ok {
		return rows, nil
	}
	rows, err := c.probe.Count(ctx, object)
	if err == nil {
		c.counts[object] = rows
	}
	return rows, err
}

// longestJob is how long a job of one row may stand in Salesforce's queue.
const longestJob = 2 * time.Minute

func (c *check) askBulk(ctx context.Context) finding {
	if c.config.Salesforce.API == "rest" {
		return unknown("not asked: salesforce.api is rest")
	}
	limited, cancel := context.WithTimeout(ctx, longestJob)
	defer cancel()
	trial, err := c.probe.TryBulk(limited, objectAccount)
	switch {
	case err != nil && limited.Err() != nil && ctx.Err() == nil:
		return unknown("job %s waits in Salesforce's queue for more than %s", trial.JobID, longestJob)
	case err != nil:
		failed := finding{err: err, asked: "POST " + c.path("jobs", "query"), fix: pathJobs}
		if hidden(err) {
			failed.exit = exitRefused
		}
		return failed
	}
	return passed("job %s of %d %s was created, read and deleted", trial.JobID, trial.Rows, plural("row", int(trial.Rows)))
}

// askQuota holds what a run takes against what is left of the org's daily calls.
func (c *check) askQuota(ctx context.Context) finding {
	var needed int64
	for _, object := range []string{objectAccount, objectContact} {
		if c.describe[object] == nil {
			continue
		}
		rows, err := c.count(ctx, object)
		if err != nil {
			return finding{err: err, asked: "SELECT COUNT() FROM " + object}
		}
		needed += salesforce.CallsNeeded(c.config.Salesforce.API, rows)
	}
	usage := c.probe.Usage()
	if usage.Limit == 0 {
		return unknown("the org does not tell how many calls it has used; a run takes about %s", thousands(needed))
	}
	share := c.config.Limits.APIQuota
	if share == 0 {
		share = 1
	}
	allowed := int64(share * float64(usage.Limit))
	detail := fmt.Sprintf("%s; a run takes about %s, and limits.api_quota ends at %s", c.spent(), thousands(needed), thousands(allowed))
	if usage.Used+needed <= allowed {
		return passed("%s", detail)
	}
	return finding{outcome: Fail, detail: detail, asked: "Sforce-Limit-Info", fix: pathUsage, exit: exitUnavailable}
}

// spent is the org's account of its calls.
func (c *check) spent() string {
	usage := c.probe.Usage()
	if usage.Limit == 0 {
		return "the calls of 24 hours are used up; how many there are the org does not tell"
	}
	return fmt.Sprintf("%s of %s calls are used in 24 hours", thousands(usage.Used), thousands(usage.Limit))
}

// leastShare is how much of what the org holds a user must see: the org's own count is some hours old.
const leastShare = 0.95

// askVisibility tells what sharing leaves the user. Nobody but the org can say what is missing, and it tells few.
func (c *check) askVisibility(ctx context.Context) finding {
	var seen []string
	for _, object := range []string{objectAccount, objectContact} {
		rows, err := c.count(ctx, object)
		if err != nil {
			return finding{err: err, asked: "SELECT COUNT() FROM " + object}
		}
		seen = append(seen, fmt.Sprintf("%s %s", thousands(rows), strings.ToLower(object)+"s"))
		if rows == 0 && !c.config.Guards.AllowEmpty {
			return finding{outcome: Fail, detail: "not one " + object + " is visible", asked: "SELECT COUNT() FROM " + object, fix: pathViewAll, exit: exitRefused}
		}
	}
	private, err := c.probe.CountFilled(ctx, objectContact, "AccountId", false)
	if err != nil {
		return finding{err: err, asked: "SELECT COUNT() FROM Contact WHERE AccountId = null"}
	}
	detail := fmt.Sprintf("%s, %s of them private (without an account)", strings.Join(seen, " and "), thousands(private))
	all, err := c.probe.RecordCounts(ctx, objectAccount, objectContact)
	if err != nil && c.culprit("visibility", err) != "visibility" {
		return finding{err: err, asked: "GET " + c.path("limits", "recordCount")}
	}
	if err != nil || len(all) < len(seen) {
		return unknown("%s are visible; how many there are the org tells only to a user with View Setup and Configuration", detail)
	}
	for _, object := range []string{objectAccount, objectContact} {
		if float64(c.counts[object]) < leastShare*float64(all[object]) {
			return finding{
				outcome: Fail, asked: "GET " + c.path("limits", "recordCount"), fix: pathViewAll, exit: exitRefused,
				detail: fmt.Sprintf("%s of %s %ss are visible: sharing hides the others", thousands(c.counts[object]), thousands(all[object]), strings.ToLower(object)),
			}
		}
	}
	return passed("%s: all that the org counts", detail)
}

// askGrants names what gives the user its access, where it may look.
func (c *check) askGrants(ctx context.Context) finding {
	wanted := []string{objectAccount, objectContact}
	var fields []string
	for _, rule := range c.config.Link {
		if !strings.EqualFold(rule.Salesforce, "Account.Id") && !slices.Contains(fields, rule.Salesforce) {
			fields = append(fields, rule.Salesforce)
		}
	}
	grants, err := c.probe.Grants(ctx, c.identity.UserID, wanted, fields)
	if err != nil && c.culprit("grants", err) != "grants" {
		return finding{err: err, asked: "SELECT PermissionSetId FROM PermissionSetAssignment"}
	}
	if err != nil {
		return unknown("only a user with View Setup and Configuration may ask")
	}
	by := map[string][]string{}
	for _, grant := range grants {
		kind := "permission set "
		if grant.Profile {
			kind = "profile "
		}
		by[strings.ToLower(grant.Of)] = append(by[strings.ToLower(grant.Of)], kind+grant.By)
	}
	var lines []string
	for _, of := range append(wanted, fields...) {
		sets := by[strings.ToLower(of)]
		slices.Sort(sets)
		if sets = slices.Compact(sets); len(sets) == 0 {
			sets = []string{"nothing"}
		}
		lines = append(lines, of+": by "+strings.Join(sets, ", "))
	}
	return passed("%s", strings.Join(lines, "; "))
}
