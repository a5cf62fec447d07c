package pipeline

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

const variablePrefix = "CROSSWALK_"

// otherVariables are read elsewhere than in the configuration: which one to take, and for which date.
var otherVariables = []string{"CROSSWALK_CONFIG", "CROSSWALK_RUN_DATE"}

// configKey is one key that the file may have. A scalar one can be overridden by the environment.
type configKey struct {
	path   string
	scalar bool
}

// configKeys are the keys of Config in its order, without those of list elements.
var configKeys = sync.OnceValue(func() []configKey {
	return keysBelow("", reflect.ValueOf(defaults()).Elem())
})

func keysBelow(key string, section reflect.Value) []configKey {
	var keys []configKey
	for i := range section.NumField() {
		name := section.Type().Field(i).Tag.Get("yaml")
		if name == "-" {
			continue
		}
		path, field := join(key, name), section.Field(i)
		keys = append(keys, configKey{path: path, scalar: isScalar(field.Type())})
		if field.Kind() == reflect.Struct {
			keys = append(keys, keysBelow(path, field)...)
		}
		if objects, is := field.Interface().(map[string]ObjectConfig); is {
			for _, object := range slices.Sorted(maps.Keys(objects)) {
				keys = append(keys, configKey{path: join(path, object)})
				keys = append(keys, keysBelow(join(path, object), reflect.ValueOf(objects[object]))...)
			}
		}
	}
	return keys
}

// variableName is CROSSWALK_OUTPUT_DIRECTORY of output.directory.
func variableName(key string) string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// variableOf is the variable that overrides a key, if there is one.
func variableOf(key string) (name string, known bool) {
	return variableName(key), slices.Contains(configKeys(), configKey{path: key, scalar: true})
}

// refuseUnknownVariables finds misspelt CROSSWALK_ variables in an environment of NAME=value.
func (r *configReader) refuseUnknownVariables(environ []string) {
	names := slices.Clone(otherVariables)
	lists := map[string]string{}
	for _, key := range configKeys() {
		if key.scalar {
			names = append(names, variableName(key.path))
		} else {
			lists[variableName(key.path)] = key.path
		}
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, variablePrefix) || value == "" || slices.Contains(names, name) {
			continue
		}
		meant := nearest(name, names)
		switch {
		case lists[name] != "":
			r.at(0, 0, name, "%s is not a single value; set it in the file", lists[name])
		case meant != "":
			r.at(0, 0, name, "unknown variable; did you mean %s?", meant)
		default:
			r.at(0, 0, name, "unknown variable; a key such as output.directory is %s", variableName("output.directory"))
		}
	}
}

// nearest is the name that was probably meant, or empty: at most a third of the characters differ, or the same ones
// stand in another order.
func nearest(name string, names []string) string {
	best, distance := "", max(1, len(name)/3)+1
	for _, candidate := range names {
		if strings.EqualFold(name, candidate) {
			return candidate
		}
		d := edits(name, candidate)
		if sortedBytes(name) == sortedBytes(candidate) {
			d = 1
		}
		if d < distance && d < len(candidate) {
			best, distance = candidate, d
		}
	}
	return best
}

func sortedBytes(text string) string {
	letters := []byte(text)
	slices.Sort(letters)
	return string(letters)
}

// edits is the Levenshtein distance in bytes.
func edits(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

// oneOf is "a, b or c"; a word of punctuation stands in quotes.
func oneOf(words []string) string {
	words = slices.Clone(words)
	for i, word := range words {
		if !strings.ContainsFunc(word, unicode.IsLetter) {
			words[i] = strconv.Quote(word)
		}
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
