package salesforce

import (
	"bytes"
	"encoding/json"
	"strings"
)

// repeatsKey tells whether an object anywhere in valid JSON has a key twice. Which of the two counts, RFC 8259 leaves
// open: package json takes the last one, whatever its case, and a proxy that looks at the answer may take the first.
func repeatsKey(text []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var open []nesting
	for {
		token, err := decoder.Token()
		if err != nil {
			return false // the end: the text is valid
		}
		if n := len(open); n > 0 && open[n-1].awaitsKey {
			if key, isKey := token.(string); isKey {
				if open[n-1].has(key) {
					return true
				}
				open[n-1].awaitsKey = false
				continue
			}
		}
		switch token {
		case json.Delim('{'):
			open = append(open, nesting{keys: map[string]bool{}, awaitsKey: true})
			continue
		case json.Delim('['):
			open = append(open, nesting{})
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		}
		if n := len(open); n > 0 && open[n-1].keys != nil {
			open[n-1].awaitsKey = true // a value ended
		}
	}
}

// nesting is an object or a list, which has no keys, around the place that is read.
type nesting struct {
	keys      map[string]bool
	awaitsKey bool
}

func (n nesting) has(key string) bool {
	key = strings.ToLower(key)
	known := n.keys[key]
	n.keys[key] = true
	return known
}
