package faults

import (
	"bytes"
	"encoding/json"
	"os"

	"crosswalk/fixtures"
)

// rotatingBulk is a world where a run has the journal of a Bulk job to lose, and refresh tokens that are good for one use.
var rotatingBulk = setting{
	api: "bulk", login: "web_server", furnish: (*world).signIn, config: replaced("threads: 2", "threads: 1"),
	options: fixtures.Options{BulkPage: 47, RefreshRotation: true},
}

// jobAndTokens are the tokens, and the stage in the making with its journal.
const jobAndTokens = `^state/(tokens|stages)(/|$)`

// beside plays in a world of another kind, for the same verdict.
func (w *world) beside(s setting, play func(*world)) {
	w.v.t.Helper()
	other := newWorld(w.v.t, w.v, s)
	play(other)
	neverReused(other, outcome{})
}

// recovers is the run after one that was struck. Where the only copy of a refresh token went with that, or nobody can know
// whether it is used up, the run sends nothing and says so, and a person signs in again.
func (w *world) recovers() {
	w.v.t.Helper()
	if w.setting.login == "web_server" && !w.tokenOutlived() {
		calls, before := w.org.now().Calls("token"), w.published()
		w.judge(refused(exitRefused, "crosswalk connect"), before, w.run())
		if now := w.org.now().Calls("token"); now != calls {
			w.v.errorf("I9: a token was sent whose fate nobody knows")
		}
		w.signIn()
	}
	w.clean()
}

// tokenOutlived tells whether the newest refresh token is on the disk: in its file, or whole in the one that was about to
// take its place. A file without the mark of a refresh under way must have it.
func (w *world) tokenOutlived() bool {
	w.v.t.Helper()
	type tokens struct {
		RefreshToken string `json:"refresh_token"`
		Begun        string `json:"refresh_begun_at"`
	}
	var kept, next tokens
	path := w.tokenFile()
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.RefreshToken == "" {
		w.v.errorf("I9: the token file of %d bytes cannot be read", len(text))
		return false
	}
	if kept.Begun == "" {
		if kept.RefreshToken != w.org.newest() {
			w.v.errorf("I9: the token file has not the newest refresh token, and no mark of a refresh")
		}
		return true
	}
	text, err = os.ReadFile(path + ".next")
	return err == nil && json.Unmarshal(bytes.TrimRight(text, "\x00"), &next) == nil && next.Begun == "" && next.RefreshToken == w.org.newest()
}
