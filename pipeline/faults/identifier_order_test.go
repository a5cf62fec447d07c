package faults

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// F125: the same rows in another order give the same bytes.

// shuffledPoints change the order of the rows of each input, and that of the pages.
func shuffledPoints() []point {
	var points []point
	for seed := range uint64(3) {
		bulk := []string{"CROSSWALK_SALESFORCE_API=bulk"}
		points = append(points,
			point{name: fmt.Sprintf("Bulk, rows and pages, seed %d", seed), env: bulk, want: recovered(), before: func(w *world) {
				w.shuffle("org/Account.csv", seed)
				w.shuffle("org/Contact.csv", seed)
				w.pagesShuffled(seed)
			}},
			point{name: fmt.Sprintf("REST, seed %d", seed), want: recovered(), before: func(w *world) {
				w.shuffle("org/Account.csv", seed)
				w.shuffle("org/Contact.csv", seed)
			}},
			point{name: fmt.Sprintf("the snapshot, seed %d", seed), want: same(), after: sameRows, before: func(w *world) { w.shuffle("customers.csv", seed) }})
	}
	return points
}

// shuffle puts the rows of a file in another order until the point is over.
func (w *world) shuffle(file string, seed uint64) {
	w.v.t.Helper()
	text := string(w.read(file))
	w.replaceText(file, rowsShuffled(text, seed))
	if string(w.read(file)) == text {
		w.v.errorf("%s is in the order that it was in", file)
	}
	w.org.arm(nil)
}

func rowsShuffled(text string, seed uint64) string {
	records := rawRecords(text)
	rows := records[1:]
	rand.New(rand.NewPCG(seed, 125)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return joined(records, ",", "\n")
}

// pagesShuffled lists the pages of a result from the last to the first, and sends the rows of each in an order of its
// own. That there were several pages is held when the point is over.
func (w *world) pagesShuffled(seed uint64) {
	var mutex sync.Mutex
	turned, sent := 0, 0
	w.org.intercept(func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		list, page := strings.HasSuffix(r.URL.Path, "/resultPages"), strings.HasSuffix(r.URL.Path, "/results")
		if !list && !page {
			next.ServeHTTP(rw, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		text := answer.Body.String()
		mutex.Lock()
		if list && answer.Code == http.StatusOK {
			var pages int
			text, pages = pagesReversed(text)
			turned = max(turned, pages)
		} else if page && answer.Code == http.StatusOK {
			sent++
			text = rowsShuffled(text, seed+uint64(sent))
		}
		mutex.Unlock()
		for name, values := range answer.Header() {
			rw.Header()[name] = values
		}
		rw.Header().Set("Content-Length", strconv.Itoa(len(text)))
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write([]byte(text)) // whoever is gone has no use for it
	})
	w.later(func() {
		if turned < 2 || sent < 4 {
			w.v.errorf("%d pages were listed the other way round, the rows of %d shuffled: the point proves nothing", turned, sent)
		}
	})
}

// pagesReversed turns the list of pages of an answer round, and tells how many it has.
func pagesReversed(text string) (string, int) {
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return text, 0
	}
	for name, value := range answer {
		if pages, is := value.([]any); is && strings.EqualFold(name, "resultPages") {
			slices.Reverse(pages)
			turned, err := json.Marshal(answer)
			if err != nil {
				return text, 0
			}
			return string(turned), len(pages)
		}
	}
	return text, 0
}
