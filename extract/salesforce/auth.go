package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// grant is one way of getting a token: a client's credentials, a signed assertion, or a refresh token.
type grant func(context.Context) (*oauth2.Token, error)

// session is an access token and the origin it is for.
type session struct {
	token  Secret
	base   *url.URL
	serial int
}

// sessions keeps the one session of a client. Salesforce's token answers carry no expires_in, so a session counts as
// good until an answer says that it ended; then it is dropped and the grant asked once, whoever noticed first.
type sessions struct {
	grant  grant
	accept func(*oauth2.Token) (*url.URL, error)

	turn    chan struct{} // capacity 1: held while current is looked at or replaced
	current *session
	serial  int
}

func newSessions(g grant, accept func(*oauth2.Token) (*url.URL, error)) *sessions {
	return &sessions{grant: g, accept: accept, turn: make(chan struct{}, 1)}
}

// session is the current one, or a new one. Callers that come while the grant is asked wait for its answer.
func (s *sessions) session(ctx context.Context) (*session, error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave()
	if s.current != nil {
		return s.current, nil
	}
	token, err := s.grant(ctx)
	if err != nil {
		return nil, err
	}
	base, err := s.accept(token)
	if err != nil {
		return nil, err
	}
	s.serial++
	s.current = &session{token: Secret(token.AccessToken), base: base, serial: s.serial}
	return s.current, nil
}

// drop forgets a session that ended. A newer one stays.
func (s *sessions) drop(ctx context.Context, ended *session) {
	if s.enter(ctx) != nil {
		return
	}
	defer s.leave()
	if s.current == ended {
		s.current = nil
	}
}

// peek is the current session without asking for one, or nil; it does not wait for a grant under way.
func (s *sessions) peek() *session {
	select {
	case s.turn <- struct{}{}:
		defer s.leave()
		return s.current
	default:
		return nil
	}
}

func (s *sessions) enter(ctx context.Context) error {
	select {
	case s.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *sessions) leave() { <-s.turn }

// clientCredentials asks for a token as the app itself, run as the user chosen in its policies
// (https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm). Scopes stay
// empty: Salesforce refuses the parameter here. The secret goes into the body, as the documentation shows.
func clientCredentials(o Options, base *url.URL, transport http.RoundTripper, limit time.Duration) grant {
	config := clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(),
		TokenURL: base.JoinPath("/services/oauth2/token").String(), AuthStyle: oauth2.AuthStyleInParams,
	}
	client := &http.Client{Transport: transport, CheckRedirect: refuseRedirect, Timeout: limit}
	return func(ctx context.Context) (*oauth2.Token, error) {
		token, err := config.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
		if err != nil {
			return nil, tokenRefused(err, o.ClientSecret)
		}
		return token, nil
	}
}

// tokenRefused judges an error of package oauth2, which prints whole bodies, so that nothing of its text is kept.
func tokenRefused(err error, secret Secret) error {
	const op = "sign-in"
	var refused *oauth2.RetrieveError
	var location *url.Error
	switch {
	case errors.As(err, &refused):
		failure := &Error{Op: op, Status: refused.Response.StatusCode, RequestID: requestID(refused.Response.Header)}
		failure.Code, failure.Message = readComplaint(redact(refused.Body, secret))
		verdict := judge(failure, refused.Response.Header)
		if failure.Status < http.StatusInternalServerError && failure.Status >= http.StatusBadRequest && isHTML(refused.Body) {
			failure.exit, failure.hint = exitUnavailable, hintProxy // an edge server or a proxy, not the token endpoint
			return &repeat{cause: failure, because: damaged}
		}
		if failure.Status < http.StatusInternalServerError && failure.exit == exitRefused {
			return failure // a token that is refused once is refused always: asking again locks users out
		}
		return verdict
	case errors.As(err, &location):
		return unreached(op, "", err)
	}
	failure := &Error{
		Op: op, Status: http.StatusOK, Message: "the token endpoint answered with something that is no token", exit: exitUnavailable,
		hint: hintProxy,
	}
	return &repeat{cause: failure, because: overloaded}
}

// accept takes the instance_url of a token, once it is checked, as an origin that requests may go to.
func (c *Client) accept(token *oauth2.Token, configured *url.URL) (*url.URL, error) {
	raw, ok := token.Extra("instance_url").(string)
	if !ok || raw == "" {
		return nil, &Error{Op: "sign-in", Code: "INSTANCE_URL", Message: "the token answer names no instance_url", exit: exitRefused, hint: "check salesforce.instance_url: is it the My Domain of the org?"}
	}
	base, err := answeredInstance(raw, configured, c.options.AllowedHosts)
	if err != nil {
		return nil, err
	}
	if kind := token.Type(); kind != "Bearer" {
		return nil, &Error{Op: "sign-in", Message: fmt.Sprintf("token of type %q, want Bearer", clip(kind)), exit: exitRefused}
	}
	c.origins.allow(base)
	return base, nil
}
