package salesforce

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// class says how failures of one kind are repeated.
type class struct {
	name     string
	attempts int  // in all, the first included
	shared   bool // the whole client waits, because the org is what is overloaded
	prompt   bool // at once, without a wait
}

// The waits of eight attempts are about 0.5, 1, 2, 4, 8, 16 and 30 s, each by half shorter or longer: a minute.
var (
	broken     = class{name: "connection", attempts: 8}
	overloaded = class{name: "overloaded", attempts: 8, shared: true}
	unresolved = class{name: "name not resolved", attempts: 3}
	damaged    = class{name: "damaged answer", attempts: 3}
	signedOut  = class{name: "session ended", attempts: 2, prompt: true}
)

// do runs an attempt until it succeeds, fails for good, or has been repeated often enough. An attempt is a request and
// the whole of its answer: a body that breaks off is asked for again like a request that was refused. This is the only
// place where anything is repeated.
func (c *Client) do(ctx context.Context, op, object string, attempt func(context.Context) error) error {
	return c.vault.scrub(c.persist(ctx, op, object, attempt))
}

func (c *Client) persist(ctx context.Context, op, object string, attempt func(context.Context) error) error {
	waits := c.waits()
	made := map[string]int{}
	for {
		if err := c.pacer.enter(ctx); err != nil {
			return stopped(ctx, op, object)
		}
		err := attempt(ctx)
		if err == nil {
			c.pacer.succeed()
			return nil
		}
		if ctx.Err() != nil {
			return stopped(ctx, op, object)
		}
		var again *repeat
		if !errors.As(err, &again) {
			return err
		}
		made[again.because.name]++
		if made[again.because.name] >= again.because.attempts {
			return again.cause
		}
		if err := c.pause(ctx, op, object, again, waits); err != nil {
			return err
		}
	}
}

// pause waits before the next attempt, or says that there is no time or budget for one.
func (c *Client) pause(ctx context.Context, op, object string, again *repeat, waits *backoff.ExponentialBackOff) error {
	if !c.pacer.spend() {
		return exhausted(again, "too many requests fail to repeat them all")
	}
	wait := time.Duration(0)
	switch {
	case again.asked:
		wait = again.wait + jitter(time.Second)
	case !again.because.prompt:
		wait = waits.NextBackOff()
	}
	if again.wait > c.limits.retryAfter || beyond(ctx, wait+wait/4) { // whoever waits with others leaves up to a quarter later, see enter
		return exhausted(again, "the next attempt is due in "+wait.Round(time.Second).String()+", later than this run may wait")
	}
	c.usage.retries.Add(1)
	c.log.DebugContext(ctx, "request repeated", "operation", op, "object", object, "reason", again.because.name,
		"wait_seconds", wait.Seconds())
	if again.because.shared {
		c.pacer.hold(wait)
		return nil // enter waits
	}
	if err := sleep(ctx, wait); err != nil {
		return stopped(ctx, op, object)
	}
	return nil
}

func (c *Client) waits() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval: c.limits.firstRetry, MaxInterval: c.limits.lastRetry, Multiplier: 2, RandomizationFactor: 0.5,
	}
}

// exhausted is the last failure, with the reason why it was not repeated.
func exhausted(again *repeat, reason string) error {
	last := &Error{}
	if !errors.As(again.cause, &last) {
		return again.cause
	}
	gaveUp := *last
	gaveUp.Message = strings.TrimPrefix(gaveUp.Message+"; "+reason, "; ")
	gaveUp.exit = exitUnavailable
	if again.because.shared || gaveUp.hint == "" {
		gaveUp.hint = "run again later: Salesforce, or the way to it, is overloaded"
	}
	return &gaveUp
}

func beyond(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && wait > time.Until(deadline)
}

func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	alarm := time.NewTimer(wait)
	defer alarm.Stop()
	select {
	case <-alarm.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func jitter(most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return rand.N(most) //nolint:gosec // spreads load, guards nothing
}

// The retry budget of a client. Every repeat costs one token, every success earns half of one back, so however many
// workers there are, an org that is down is asked at most workers + 30 times, and one that fails for a while is not
// asked more than twice as often as it answers.
const (
	budgetFull = 30.0
	budgetEarn = 0.5
)

// pacer is shared by all requests of a client: it holds them all back while the org is overloaded.
type pacer struct {
	mutex  sync.Mutex
	resume time.Time
	spent  float64
}

// enter waits while the client is held back. The waiters leave one after the other, not all at once.
func (p *pacer) enter(ctx context.Context) error {
	for {
		p.mutex.Lock()
		wait := time.Until(p.resume)
		p.mutex.Unlock()
		if wait <= 0 {
			return ctx.Err()
		}
		if err := sleep(ctx, wait+jitter(wait/4)); err != nil {
			return err
		}
	}
}

func (p *pacer) hold(wait time.Duration) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if resume := time.Now().Add(wait); resume.After(p.resume) {
		p.resume = resume
	}
}

func (p *pacer) spend() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.spent+1 > budgetFull {
		return false
	}
	p.spent++
	return true
}

func (p *pacer) succeed() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.spent = max(0, p.spent-budgetEarn)
}

// retryAfter reads Retry-After, seconds or a date (RFC 9110, 10.2.3). A date is held against the server's own clock
// where it tells it, so that a wrong clock on either side does not matter. A date in the past is no wait; a negative or
// unreadable value was not asked for.
func retryAfter(header http.Header, now time.Time) (wait time.Duration, asked bool) {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, maximumWaitSeconds)) * time.Second, true
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		now = date
	}
	return max(0, until.Sub(now)), true
}

// maximumWaitSeconds is a century: longer than any wait, short enough for a time.Duration.
const maximumWaitSeconds = 100 * 366 * 24 * 3600
