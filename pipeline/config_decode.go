package pipeline

import (
	"bytes"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// configReader fills a Config from YAML and the environment and collects every problem on the way. It walks the
// struct, not the file, so that what has no key in the struct cannot be in the file, and a key that the file leaves
// out can still come from the environment.
type configReader struct {
	report
	lookupEnv  func(string) (string, bool)
	connection *airflowConnection // nil where there is none, or none is wanted
}

func newConfigReader(lookupEnv func(string) (string, bool)) *configReader {
	return &configReader{
		report:    report{origins: map[string]origin{}, unusable: map[string]bool{}},
		lookupEnv: lookupEnv,
	}
}

// read is the configuration in text over the defaults, as far as it can be taken.
func (r *configReader) read(text []byte) *Config {
	config := defaults()
	root, readable := r.parse(text)
	if !readable {
		return config
	}
	r.section("", root, reflect.ValueOf(config).Elem())
	return config
}

// parse is the one document of the file; nil is an empty one. Where the YAML itself is broken, nothing else is told.
func (r *configReader) parse(text []byte) (root ast.Node, readable bool) {
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	if line, valid := invalidLine(text); !valid {
		r.broken(line, 1, "not UTF-8, or a NUL byte in it")
		return nil, false
	}
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	var wrong yaml.Error
	switch {
	case errors.As(err, &wrong):
		at := wrong.GetToken().Position
		r.broken(at.Line, at.Column, "not YAML: "+strings.ReplaceAll(wrong.GetMessage(), "\t", `\t`))
		return nil, false
	case err != nil:
		r.broken(0, 0, "not YAML: "+err.Error())
		return nil, false
	}
	return r.document(file.Docs), true
}

// document refuses directives and every document but the first.
func (r *configReader) document(documents []*ast.DocumentNode) ast.Node {
	var root ast.Node
	seen := 0
	for _, document := range documents {
		if directive, is := document.Body.(*ast.DirectiveNode); is {
			at := directive.GetToken().Position
			r.at(at.Line, at.Column, "", "a YAML directive is not supported")
			continue
		}
		if seen++; seen == 1 {
			root = document.Body
			continue
		}
		line, column := 0, 0
		if document.Start != nil {
			line, column = document.Start.Position.Line, document.Start.Position.Column
		} else if document.Body != nil {
			line, column = position(document.Body)
		}
		r.at(line, column, "", "a second YAML document; want one")
	}
	return root
}

// invalidLine is the first line that is not text.
func invalidLine(text []byte) (line int, valid bool) {
	for i, content := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
			return i + 1, false
		}
	}
	return 0, true
}

// section fills a struct from a mapping; a nil node is one that is not in the file.
func (r *configReader) section(key string, node ast.Node, target reflect.Value) {
	entries := r.entries(key, node, yamlNames(target.Type()))
	for i := range target.NumField() {
		name := target.Type().Field(i).Tag.Get("yaml")
		if name == "-" {
			continue
		}
		path := join(key, name)
		r.value(path, entries[name], target.Field(i))
		if path == "salesforce.source" { // the first key of its section: what follows may come from Airflow
			r.connect(target.Field(i).String())
		}
	}
}

// value fills one field. The environment comes first: what it overrides in the file is not even expanded.
func (r *configReader) value(key string, node ast.Node, target reflect.Value) {
	if isScalar(target.Type()) {
		if text, ok := r.override(key); ok {
			r.set(key, text, target)
			return
		}
	}
	if target.Kind() == reflect.Struct {
		r.section(key, node, target)
		return
	}
	if objects, is := target.Addr().Interface().(*map[string]ObjectConfig); is {
		r.objects(key, node, *objects)
		return
	}
	if node == nil {
		return
	}
	switch taken := target.Addr().Interface().(type) {
	case *map[string]string:
		r.texts(key, node, taken)
	case *[]string:
		r.list(key, node, taken)
	case *Key:
		r.key(key, node, taken)
	case *[]Rule:
		r.rules(key, node, taken)
	default:
		if text, ok := r.scalar(key, node); ok {
			r.set(key, text, target)
		}
	}
}

// objects fills the objects that the defaults know, each over its default.
func (r *configReader) objects(key string, node ast.Node, target map[string]ObjectConfig) {
	names := slices.Sorted(maps.Keys(target))
	entries := r.entries(key, node, names)
	for _, name := range names {
		object := target[name]
		r.section(join(key, name), entries[name], reflect.ValueOf(&object).Elem())
		target[name] = object
	}
}

// texts fills a mapping whose keys are names of the user's.
func (r *configReader) texts(key string, node ast.Node, target *map[string]string) {
	*target = map[string]string{}
	entries := r.entries(key, node, nil)
	for name, entry := range entries {
		var text string
		r.value(join(key, name), entry, reflect.ValueOf(&text).Elem())
		(*target)[name] = text
	}
}

// list fills a list of texts.
func (r *configReader) list(key string, node ast.Node, target *[]string) {
	elements, ok := r.elements(key, node)
	if !ok {
		return
	}
	list := make([]string, len(elements))
	for i, element := range elements {
		r.value(indexed(key, i), element, reflect.ValueOf(&list[i]).Elem())
	}
	*target = list
}

// key fills the key of a rule: one name, or a list of steps.
func (r *configReader) key(key string, node ast.Node, target *Key) {
	if _, is := node.(*ast.SequenceNode); is {
		r.list(key, node, (*[]string)(target))
		return
	}
	var name string
	if text, ok := r.scalar(key, node); ok {
		r.set(key, text, reflect.ValueOf(&name).Elem())
		*target = Key{name}
	}
}

func (r *configReader) rules(key string, node ast.Node, target *[]Rule) {
	elements, ok := r.elements(key, node)
	if !ok {
		return
	}
	*target = make([]Rule, len(elements))
	for i, element := range elements {
		r.section(indexed(key, i), element, reflect.ValueOf(&(*target)[i]).Elem())
	}
}

// yamlNames are the keys of a section.
func yamlNames(section reflect.Type) []string {
	var names []string
	for i := range section.NumField() {
		if name := section.Field(i).Tag.Get("yaml"); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func join(key, name string) string { return strings.TrimPrefix(key+"."+name, ".") }

func indexed(key string, i int) string { return key + "[" + strconv.Itoa(i) + "]" }
