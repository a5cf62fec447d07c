package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"crosswalk/extract/salesforce"
)

// Outcomes of an item. An item is unknown where it could not be asked, because another failed, or because only a user
// who sees more could tell; it never counts as failed.
const (
	Pass    = "pass"
	Fail    = "fail"
	Unknown = "unknown"
)

// CheckOptions are what a caller of CheckSetup decides beside the configuration.
type CheckOptions struct {
	// Version is crosswalk's own, for Salesforce's logs.
	Version string
	Logger  *slog.Logger
	// Now is the clock of this machine, time.Now where nil.
	Now func() time.Time
}

// CheckItem is one line of the checklist. Its JSON is part of the contract: keys are added, never changed.
type CheckItem struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Outcome string `json:"outcome"` // pass, fail or unknown
	// Detail is what was seen, or why it was not asked.
	Detail string `json:"detail"`
	// Asked, Answered and Fix stand where the item failed: the question, the answer, and the click path that mends it.
	Asked    string `json:"asked,omitempty"`
	Answered string `json:"answered,omitempty"`
	Fix      string `json:"fix,omitempty"`
	// Section is the place in the setup guide.
	Section string `json:"section"`

	exit int    // of a failed item
	root string // the failed item because of which this one is unknown
}

// Checklist is the outcome of a check, in the order of the setup guide.
type Checklist struct {
	SchemaVersion int         `json:"schema_version"`
	ToolVersion   string      `json:"tool_version"`
	Config        string      `json:"config"` // as it was named
	Outcome       string      `json:"outcome"`
	ExitCode      int         `json:"exit_code"`
	Items         []CheckItem `json:"items"`
}

// CheckError is a check of which at least one item failed. Its exit code is that of the first.
type CheckError struct {
	First  CheckItem
	Failed []string // ids
}

// Error names the failed items.
func (e *CheckError) Error() string {
	text := "check: " + e.First.ID + ": " + e.First.Detail
	if others := len(e.Failed) - 1; others > 0 {
		text += fmt.Sprintf(" (and %d more failed)", others)
	}
	return text
}

// Hint is the fix of the first failed item.
func (e *CheckError) Hint() string { return e.First.Fix }

// ExitCode is 2 (configuration), 3 (sign-in or permission), 4 (Salesforce unavailable or out of quota) or 5 (input).
func (e *CheckError) ExitCode() int { return e.First.exit }

// longestCheck bounds the whole: what takes longer is told as unanswered.
const longestCheck = 5 * time.Minute

// CheckSetup goes through the setup guide against the org, the snapshot and this machine. It reads no stage, takes no lock
// and publishes nothing; what it writes is a one-row Bulk job, which it deletes, and empty folders to try where a run writes.
// The checklist is whole whatever failed; the error is *CheckError where an item failed, or the cause of ctx.
func CheckSetup(ctx context.Context, config *Config, options CheckOptions) (*Checklist, error) {
	c := newCheck(config, options)
	ctx, cancel := context.WithTimeoutCause(ctx, longestCheck, &DeadlineError{Limit: longestCheck})
	defer cancel()
	defer func() { c.stop() }()
	for _, step := range guide {
		c.settle(ctx, step)
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
	}
	return c.list(config.Path)
}

// CheckUnread is the checklist of a configuration that could not be read: its first item fails with every problem, the
// others were not asked. The error is a *CheckError.
func CheckUnread(ctx context.Context, path string, problem error, options CheckOptions) (*Checklist, error) {
	c := newCheck(nil, options)
	c.refused = problem
	for _, step := range guide {
		c.settle(ctx, step)
	}
	return c.list(path)
}

// check is one check under way: the items so far, and what was learnt for those that follow.
type check struct {
	config  *Config
	options CheckOptions
	refused error // why there is no configuration
	items   map[string]*CheckItem
	silent  string // the item at which Salesforce ceased to answer

	probe    *salesforce.Probe
	stop     func()
	greeting salesforce.Greeting
	signedIn error
	identity salesforce.UserInfo
	describe map[string]*salesforce.Describe
	counts   map[string]int64
}

func newCheck(config *Config, options CheckOptions) *check {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	return &check{
		config: config, options: options, items: map[string]*CheckItem{}, stop: func() {},
		describe: map[string]*salesforce.Describe{}, counts: map[string]int64{},
	}
}

// settle gives a step its outcome, those that it builds on first.
func (c *check) settle(ctx context.Context, step *step) {
	if c.items[step.id] != nil || ctx.Err() != nil {
		return
	}
	for _, id := range step.needs {
		c.settle(ctx, stepOf(id))
		if root := c.failedRoot(id); root != "" && c.items[step.id] == nil {
			c.put(step, CheckItem{Outcome: Unknown, Detail: "not asked: " + root + " failed", root: root})
		}
	}
	if step.remote && c.silent != "" && c.items[step.id] == nil {
		c.put(step, CheckItem{Outcome: Unknown, Detail: "not asked: Salesforce ceased to answer at " + c.silent, root: c.silent})
	}
	if c.items[step.id] != nil {
		return
	}
	found := step.ask(c, ctx)
	if ctx.Err() == nil && c.items[step.id] == nil {
		c.conclude(step, found)
	}
}

// failedRoot is the item that failed because of which nothing that builds on id can be asked.
func (c *check) failedRoot(id string) string {
	item := c.items[id]
	switch {
	case item == nil:
		return ""
	case item.Outcome == Fail:
		return id
	}
	return item.root
}

func (c *check) put(step *step, item CheckItem) {
	item.ID, item.Title, item.Section = step.id, step.title, "docs/setup.md#"+step.id
	item.Detail, item.Asked, item.Fix = oneLine(item.Detail), oneLine(item.Asked), oneLine(item.Fix)
	item.Answered = printable(item.Answered)
	c.items[step.id] = &item
}

// list puts the items into the order of the guide.
func (c *check) list(path string) (*Checklist, error) {
	list := &Checklist{SchemaVersion: 1, ToolVersion: c.options.Version, Config: path, Outcome: Pass}
	var failed *CheckError
	for _, step := range guide {
		item := *c.items[step.id]
		list.Items = append(list.Items, item)
		if item.Outcome != Fail {
			continue
		}
		if failed == nil {
			failed = &CheckError{First: item}
		}
		failed.Failed = append(failed.Failed, item.ID)
	}
	if failed == nil {
		return list, nil
	}
	list.Outcome, list.ExitCode = Fail, failed.ExitCode()
	return list, failed
}

// finding is what asking an item gave: an error fails it, or another item that is the cause.
type finding struct {
	outcome string // empty is pass
	detail  string
	asked   string
	fix     string
	exit    int // of the failure; 0 is that of err, else 3
	err     error

	answered string // where there is no err; empty is the detail
}

func passed(format string, args ...any) finding {
	return finding{outcome: Pass, detail: fmt.Sprintf(format, args...)}
}

func unknown(format string, args ...any) finding {
	return finding{outcome: Unknown, detail: fmt.Sprintf(format, args...)}
}

// conclude turns a finding into the item's outcome.
func (c *check) conclude(step *step, found finding) {
	if found.err == nil && found.outcome != Fail {
		c.put(step, CheckItem{Outcome: found.outcome, Detail: found.detail})
		return
	}
	culprit := c.culprit(step.id, found.err)
	if culprit != step.id {
		c.put(step, CheckItem{Outcome: Unknown, Detail: "not known: " + culprit + " failed", root: culprit})
		step = stepOf(culprit)
		found = finding{err: found.err, asked: found.asked, fix: c.fixOf(culprit), exit: step.exit}
		if culprit == "quota" {
			found.detail = c.spent()
		}
	}
	c.fail(step, found)
}

func (c *check) fail(step *step, found finding) {
	item := CheckItem{Outcome: Fail, Detail: found.detail, Asked: found.asked, Answered: cmp.Or(found.answered, found.detail), Fix: found.fix, exit: found.exit}
	if found.err != nil {
		item.Answered = answered(found.err)
		if item.Detail == "" {
			item.Detail = item.Answered
		}
		if item.exit == 0 {
			item.exit = ExitCode(found.err)
		}
		if item.exit == exitUnavailable && step.id != "quota" {
			item.Fix = "" // no click mends an outage
		}
		item.Fix = cmp.Or(fixFor(found.err), item.Fix, Hint(found.err))
	}
	if item.exit == 0 {
		item.exit = exitRefused
	}
	if item.exit == exitUnavailable && step.remote && step.id != "quota" {
		c.silent = step.id
	}
	c.put(step, item)
}

// Exit codes that items end a check with.
const (
	exitUsage       = 2
	exitRefused     = 3
	exitUnavailable = 4
	exitInput       = 5
)

// answered is an error as the org's answer to a question: status, code and message.
func answered(err error) string {
	var refused *salesforce.Error
	if !errors.As(err, &refused) {
		return err.Error()
	}
	text := refused.Code
	if refused.Status != 0 {
		text = fmt.Sprint(refused.Status)
		if refused.Code != "" {
			text += " " + refused.Code
		}
	}
	for _, part := range []string{refused.Message, causeText(refused)} {
		switch {
		case part == "":
		case text == "":
			text = part
		default:
			text += ": " + part
		}
	}
	return text
}

func causeText(err error) string {
	if cause := errors.Unwrap(err); cause != nil {
		return cause.Error()
	}
	return ""
}
