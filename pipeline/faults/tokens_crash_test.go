package faults

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
)

// F006 to F008: what becomes of a refresh token that is good for one use, when the run is killed or the disk refuses.

// inTokens are the calls on the file that keeps the tokens. The first fsync of its folder makes the mark durable that a
// refresh is under way: the calls after it keep the answer.
const (
	inTokens   = `^state/tokens(/|$)`
	markSynced = "fsync state/tokens"
)

// rotated is a run that leaves another refresh token on the disk than it found: the newest.
func rotated(name string) point {
	var found string
	return point{
		name: name, want: recovered(),
		before: func(w *world) { found = w.tokenOnDisk() },
		after: func(w *world, o outcome) {
			if kept := w.tokenOnDisk(); kept == found || kept != w.org.newest() {
				w.v.errorf("the refresh token on the disk changed: %t, is the newest: %t; want both", kept != found, kept == w.org.newest())
			}
			neverReused(w, o)
		},
	}
}

func (w *world) tokenOnDisk() string {
	w.v.t.Helper()
	var kept struct {
		RefreshToken string `json:"refresh_token"`
	}
	if text, err := os.ReadFile(w.tokenFile()); err != nil || json.Unmarshal(text, &kept) != nil || kept.RefreshToken == "" {
		w.v.errorf("I9: the token file of %d bytes cannot be read (%v)", len(text), err)
	}
	return kept.RefreshToken
}

// refreshTrail is what an ordinary run calls on the token file, and how many of the calls come before the refresh.
func (w *world) refreshTrail() (trail []string, before int) {
	w.v.t.Helper()
	o, report := w.struckRun(strike{Path: inTokens}, "run", "--run-date", faultDate)
	marked := slices.Index(report.Trail, markSynced)
	if o.code != 0 || marked < 0 || marked+1 == len(report.Trail) {
		w.v.fatalf("a run that is only watched ends with %d, and keeps its tokens by %v", o.code, report.Trail)
	}
	return report.Trail, marked + 1
}

// killedAtTokenCalls kills a run at calls on the token file, before its refresh and after it.
func killedAtTokenCalls(w *world) {
	trail, _ := w.refreshTrail()
	chosen := sample(len(trail), 6)
	if !*whole {
		chosen = chosen[len(chosen)-1:] // the others are those of F139
	}
	w.v.planned += len(chosen)
	for _, at := range chosen {
		if w.killed(strike{Path: inTokens, At: at, Do: killAll}) {
			w.recovers()
			neverReused(w, outcome{})
		}
	}
}

// fullBefore has no space for the mark that a refresh is under way: none is sent.
func fullBefore() point {
	var calls int64
	return point{
		name: "full before the refresh", want: refused(exitStorage, "no space left on device"),
		before: func(w *world) {
			w.fillTokens()
			calls = w.org.now().Calls("token")
		},
		after: func(w *world, o outcome) {
			if now := w.org.now().Calls("token"); now != calls {
				w.v.errorf("%d refreshes were sent, whose answer had no place; want none", now-calls)
			}
			neverReused(w, o)
		},
	}
}

// fsyncRefused lets each fsync of the tokens fail once: before the refresh, nobody is asked and the run says so; after
// it, the token is kept all the same, by another try.
func fsyncRefused(w *world) (last outcome) {
	w.v.t.Helper()
	trail, before := w.refreshTrail()
	for i, call := range trail {
		if !strings.HasPrefix(call, "fsync ") || !*whole && i < before {
			continue
		}
		w.v.where = fmt.Sprintf("EIO at call %d of %d, %s", i+1, len(trail), call)
		w.v.plays++
		calls := w.org.now().Calls("token")
		last, _ = w.struckRun(strike{Path: inTokens, At: i + 1, Do: fail, Errno: syscall.EIO}, "run", "--run-date", faultDate)
		sent := w.org.now().Calls("token") - calls
		if i >= before {
			if last.code != 0 || sent != 1 {
				w.v.errorf("it ends with %d after %d refreshes, want 0 and one: %s", last.code, sent, oneLine(last.stderr))
			}
			w.tokensKept()
			continue
		}
		if last.code != exitStorage || sent != 0 || !strings.Contains(last.stderr, "input/output error") {
			w.v.errorf("it ends with %d after %d refreshes, want 8 and none: %s", last.code, sent, oneLine(last.stderr))
		}
		w.recovers()
	}
	return last
}

// neverSaved has no space for anything once the answer is there: the run goes on with what it has, and warns of the next,
// which asks nobody.
func neverSaved(w *world) outcome {
	w.v.t.Helper()
	_, before := w.refreshTrail()
	manifest := w.published()["run_date="+faultDate+"/manifest.json"]
	o, _ := w.struckRun(strike{Path: inTokens, At: before + 1, Forever: true, Do: fail, Errno: syscall.ENOSPC}, "run", "--run-date", faultDate)
	if o.code != 0 || w.published()["run_date="+faultDate+"/manifest.json"] == manifest {
		w.v.errorf("it ends with %d, want 0 and a new publication: %s", o.code, oneLine(o.stderr))
	}
	if !strings.Contains(o.stderr, "new tokens not saved") || !strings.Contains(o.stderr, "no space left on device") {
		w.v.errorf("it does not warn that the new token is lost: %s", oneLine(o.stderr))
	}
	if w.tokenOutlived() {
		w.v.errorf("the new token is on the disk all the same: the case proves nothing")
	}
	w.recovers()
	return w.run()
}
