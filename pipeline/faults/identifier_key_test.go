package faults

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"crosswalk/transform"
)

// F122 at its size: a million identifiers, many to a statement, since planning a key costs more than taking it.

// keysAtOnce is how many identifiers one statement takes.
const keysAtOnce = 50_000

// manyKeys draws identifiers, a million with -whole, and takes each through the standard key twice, in SQL and in Go.
func manyKeys(w *world) outcome {
	w.v.t.Helper()
	random := rand.New(rand.NewPCG(122, 2))
	key := w.keyStatement()
	changed := 0
	for range many(1, 20) {
		identifiers := make([]string, many(20_000, keysAtOnce))
		for i := range identifiers {
			identifiers[i] = oddText(random)
		}
		keys := key(identifiers)
		again := key(keys)
		for i, identifier := range identifiers {
			if want := standardKey(identifier); keys[i] != want {
				w.v.errorf("the key of %+q is %+q, in Go %+q", identifier, keys[i], want)
			}
			if again[i] != keys[i] {
				w.v.errorf("the key of %+q is %+q, whose key is %+q", identifier, keys[i], again[i])
			}
			if keys[i] != identifier {
				changed++
			}
		}
		w.v.plays += len(identifiers)
	}
	if changed < w.v.plays/2 {
		w.v.errorf("only %d of %d identifiers are no keys already: the case proves little", changed, w.v.plays)
	}
	return outcome{}
}

// keyStatement takes texts through the standard key as the statements of a run do: each step is a projection of its own.
func (w *world) keyStatement() func([]string) []string {
	w.v.t.Helper()
	db, query := w.engine(), w.keyQuery()
	return func(texts []string) []string {
		keys := make([]string, len(texts))
		rows, err := db.QueryContext(w.v.t.Context(), query, texts)
		if err != nil {
			w.v.fatalf("keys: %v", err)
		}
		defer func() { _ = rows.Close() }()
		read := 0
		for ; rows.Next(); read++ {
			var place int
			var key *string
			if err := rows.Scan(&place, &key); err != nil || key == nil {
				w.v.fatalf("key of %+q: %v, %v", texts[place], key, err)
			}
			keys[place] = *key
		}
		if err := rows.Err(); err != nil || read != len(texts) {
			w.v.fatalf("%d keys of %d texts: %v", read, len(texts), err)
		}
		return keys
	}
}

// keyQuery takes a list of texts, with their places, through the standard key.
func (w *world) keyQuery() string {
	w.v.t.Helper()
	steps, err := transform.KeySteps("standard")
	if err != nil {
		w.v.fatalf("%v", err)
	}
	query := "SELECT place, value FROM (SELECT unnest(CAST($1 AS VARCHAR[])) AS value, unnest(range(len(CAST($1 AS VARCHAR[])))) AS place)"
	for _, step := range steps {
		query = fmt.Sprintf("SELECT place, key_%s(value) AS value FROM (%s)", step, query)
	}
	return query
}

// hardTexts take long to normalise where that is done badly.
var hardTexts = []string{"a" + strings.Repeat("\u0301", 10_000), strings.Repeat("ﷺ", 3_000), strings.Repeat(" ", 10_000) + "x", strings.Repeat("İ", 5_000)}

// hardKeys are theirs. They are not taken in Go, whose norm puts a joiner after 30 marks.
var hardKeys = []string{"á" + strings.Repeat("\u0301", 9_999), strings.Repeat("صلى الله عليه وسلم", 3_000), "x", hardTexts[3]}

// keysInTime takes each hard text through the standard key, each in less than a second.
func keysInTime(w *world) outcome {
	w.v.t.Helper()
	key := w.keyStatement()
	key([]string{"é"}) // plans the statement
	for i, text := range hardTexts {
		began := time.Now()
		got := key([]string{text})[0]
		if took := time.Since(began); took > time.Second {
			w.v.errorf("the key of hard text %d took %s", i, took)
		}
		if got != hardKeys[i] {
			w.v.errorf("the key of hard text %d has %d bytes and begins with %+q, want %d bytes", i, len(got), got[:min(len(got), 20)], len(hardKeys[i]))
		}
		w.v.plays++
	}
	return outcome{}
}
