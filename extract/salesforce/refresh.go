package salesforce

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptrace"
	"strconv"
	"strings"
	"time"

	"crosswalk/extract/salesforce/tokenstore"

	"golang.org/x/oauth2"
)

// renewal is the grant of somebody who signed in through the browser: it turns the stored refresh token into a session.
// Where tokens rotate, each is good for one use and the use of an old one ends the whole grant. So one process refreshes
// at a time and looks at the store again once it is its turn; that a refresh is under way is durable before it is sent;
// the new token is durable before it is used. Sessions calls it from one goroutine at a time.
type renewal struct {
	store *tokenstore.Store
	door  *door
	log   *slog.Logger
	limit time.Duration

	patience time.Duration // with an answer that does not come, when the run is over
	started  bool
	seen     string             // access token that was stored when this process began, or that it used last
	unsaved  *tokenstore.Tokens // could not be kept: the disk has what it came from
	spent    string             // the refresh token that unsaved came from
}

// token gives the session that another process got meanwhile, or refreshes.
func (r *renewal) token(ctx context.Context) (*oauth2.Token, error) {
	if !r.started {
		stored, err := r.store.Load(ctx)
		if err != nil {
			return nil, err
		}
		r.started, r.seen = true, stored.AccessToken
	}
	held, err := r.store.Lock(ctx)
	if err != nil {
		return nil, err
	}
	token, err := r.turn(ctx, held)
	if unlock := held.Release(); err == nil && unlock != nil {
		return nil, unlock
	}
	return token, err
}

// turn is what to do while no other process can refresh.
func (r *renewal) turn(ctx context.Context, held *tokenstore.Locked) (*oauth2.Token, error) {
	stored, err := r.stored(held)
	if err != nil {
		return nil, err
	}
	switch {
	case stored.AccessToken != "" && stored.AccessToken != r.seen:
		r.seen = stored.AccessToken
		return fromStore(stored), nil
	case stored.Refused != "":
		return nil, &Error{
			Op: "sign-in", Code: "invalid_grant", exit: exitRefused, hint: hintConnect,
			Message: "Salesforce refused the stored refresh token for good: " + clip(stored.Refused),
		}
	case !stored.Pending.IsZero() && stored.Rotation != tokenstore.RotationOff:
		return nil, interrupted(stored.Pending, nil)
	}
	return r.refresh(ctx, held, stored)
}

// stored is what the store has, with what could not be kept last time.
func (r *renewal) stored(held *tokenstore.Locked) (tokenstore.Tokens, error) {
	stored, err := held.Load()
	if err != nil || r.unsaved == nil {
		return stored, err
	}
	if stored.RefreshToken != r.spent {
		r.unsaved = nil // somebody signed in again meanwhile
		return stored, nil
	}
	if err := held.Save(*r.unsaved); err != nil {
		return tokenstore.Tokens{}, err // no second refresh on top of a token that only this process has
	}
	stored, r.unsaved = *r.unsaved, nil
	return stored, nil
}

// refresh asks for a session. Once the request is on its way, the end of ctx does not stop it at once: the answer may be
// the only copy of the next refresh token. It is waited for as long as a run that is told to stop may.
func (r *renewal) refresh(ctx context.Context, held *tokenstore.Locked, stored tokenstore.Tokens) (*oauth2.Token, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := held.Begin(stored, time.Now()); err != nil {
		return nil, err
	}
	r.door.vault.keep(Secret(stored.RefreshToken), Secret(stored.AccessToken))
	own, hush := lingering(ctx, r.patience)
	defer hush()
	own, cancel := context.WithTimeout(own, r.limit)
	defer cancel()
	became := &fate{}
	answer, err := r.ask(own, stored.RefreshToken, became)
	if err != nil {
		return nil, r.failed(held, stored, became, tokenRefused(err, r.door.vault.all()...))
	}
	next := stored
	next.AccessToken, next.Pending = answer.AccessToken, time.Time{}
	next.InstanceURL, next.Identity, next.Scope = extra(answer, "instance_url"), extra(answer, "id"), extra(answer, "scope")
	next.IssuedAt = issued(answer)
	next.Rotation = tokenstore.RotationOff
	if answer.RefreshToken != stored.RefreshToken {
		next.RefreshToken, next.Rotation = answer.RefreshToken, tokenstore.RotationOn
	}
	r.seen = next.AccessToken
	r.keep(own, held, stored.RefreshToken, next)
	return answer, nil
}

// ask sends the refresh token and notes what became of the request.
func (r *renewal) ask(ctx context.Context, refreshToken string, became *fate) (*oauth2.Token, error) {
	ctx = context.WithValue(ctx, fateKey{}, became)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(wrote httptrace.WroteRequestInfo) {
		if wrote.Err == nil {
			became.sent.Store(true)
		}
	}})
	return r.door.config("").TokenSource(r.door.within(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
}

// keep makes the answer durable. Where that fails, this process goes on with what it has, and says what it will cost.
func (r *renewal) keep(ctx context.Context, held *tokenstore.Locked, spent string, next tokenstore.Tokens) {
	const tries = 3
	var err error
	for range tries {
		if err = held.Save(next); err == nil {
			return
		}
	}
	r.unsaved, r.spent = &next, spent
	r.log.WarnContext(ctx, "new tokens not saved: unless the store can be written before this run refreshes again, the next run needs crosswalk connect",
		"store", r.store.String(), "error", err)
}

// failed takes back the mark of a refresh that did nothing. Any answer but 2xx, and a request that never left, did
// nothing; an answer that got lost may have.
func (r *renewal) failed(held *tokenstore.Locked, stored tokenstore.Tokens, became *fate, err error) error {
	if became.unknown() && stored.Rotation != tokenstore.RotationOff {
		return interrupted(time.Now(), settled(err))
	}
	var refused *Error
	if errors.As(err, &refused) && normalCode(refused.Code) == "INVALIDGRANT" {
		if strings.Contains(refused.Message, "expired access/refresh token") {
			stored.Refused = refused.Message // the next run need not ask
		}
		if !strings.Contains(refused.hint, "connect") {
			refused.hint += "; then sign in again with `crosswalk connect`"
		}
	}
	stored.Pending = time.Time{}
	if saved := held.Save(stored); saved != nil {
		return errors.Join(saved, settled(err))
	}
	return err
}

const hintConnect = "sign in again with `crosswalk connect`"

// interrupted is a refresh whose answer nobody has.
func interrupted(begun time.Time, cause error) error {
	return &Error{
		Op: "sign-in", Code: "REFRESH_INTERRUPTED", exit: exitRefused, hint: hintConnect, cause: cause,
		Message: "the refresh of " + begun.UTC().Format(time.DateTime) +
			" UTC was interrupted before its answer was kept; its refresh token may be used up, and a used one is never sent again",
	}
}

// issued is issued_at, which Salesforce sends as a text of milliseconds; else the time of this machine.
func issued(token *oauth2.Token) time.Time {
	milliseconds, err := strconv.ParseInt(extra(token, "issued_at"), 10, 64)
	if err != nil || milliseconds <= 0 {
		return time.Now()
	}
	return time.UnixMilli(milliseconds)
}

// fromStore is a stored session in the form of an answer, so that it passes the same checks.
func fromStore(stored tokenstore.Tokens) *oauth2.Token {
	token := &oauth2.Token{AccessToken: stored.AccessToken, TokenType: "Bearer", RefreshToken: stored.RefreshToken}
	return token.WithExtra(map[string]any{"instance_url": stored.InstanceURL, "id": stored.Identity, "scope": stored.Scope})
}
