package salesforce

import "testing"

// F085: a key that stands twice in one object, at any depth, and nothing else.
func TestF085RepeatedKeys(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want bool
	}{
		{`{}`, false}, {`[]`, false}, {`"a"`, false}, {`{"a":1,"b":1}`, false}, {`{"a":"a","b":"a"}`, false}, {`{"a":{"a":{"a":[]}}}`, false},
		{`[{"a":1},{"a":1}]`, false}, {`{"a":["a","a",{"a":"b"}],"b":{}}`, false},
		{`{"a":1,"a":1}`, true}, {`{"a":1,"b":{},"a":[]}`, true}, {`{"state":"InProgress","State":"JobComplete"}`, true},
		{`[1,[{"x":{"a":null,"b":[{}],"a":null}}]]`, true}, {`{"a":{"b":1},"c":{"b":1,"\u0062":2}}`, true},
	} {
		if got := repeatsKey([]byte(test.text)); got != test.want {
			t.Errorf("%s: %t", test.text, got)
		}
	}
}
