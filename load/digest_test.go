package load

import (
	"testing"

	"pgregory.net/rapid"
)

func digestOf(values []string) (d digest) {
	for _, value := range values {
		d.visit([]byte(value), value == "NULL")
	}
	return d
}

func TestDigestCombines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.SampledFrom([]string{"", "NULL", "a", "b", "0"})).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		left, right := digestOf(values[:cut]), digestOf(values[cut:])
		left.append(right)
		if whole := digestOf(values); left != whole {
			t.Fatalf("cut at %d: %+v, whole %+v", cut, left, whole)
		}
	})
}

func TestDigestTellsApart(t *testing.T) {
	t.Parallel()
	base := []string{"a", "b", "", "NULL", "b"}
	cases := []struct {
		why   string
		other []string
	}{
		{"one altered", []string{"a", "c", "", "NULL", "b"}},
		{"two swapped", []string{"b", "a", "", "NULL", "b"}},
		{"NULL and empty swapped", []string{"a", "b", "NULL", "", "b"}},
		{"empty for NULL", []string{"a", "b", "", "", "b"}},
		{"one lost", []string{"a", "b", "", "NULL"}},
		{"one twice", []string{"a", "b", "", "NULL", "b", "b"}},
		{"cut elsewhere", []string{"ab", "", "", "NULL", "b"}},
	}
	for _, c := range cases {
		if digestOf(base) == digestOf(c.other) {
			t.Errorf("%s: the digest is the same", c.why)
		}
	}
}
