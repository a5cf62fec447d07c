package pipeline

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// entries are the values of a mapping by key. names are the keys it may have; nil takes any. Nothing at all, as of a
// section whose keys are all commented out, is an empty mapping.
func (r *configReader) entries(key string, node ast.Node, names []string) map[string]ast.Node {
	node, ok := r.plain(key, node)
	if !ok || node == nil {
		return nil
	}
	mapping, is := node.(*ast.MappingNode)
	_, empty := node.(*ast.NullNode)
	switch {
	case empty:
		return nil
	case !is && key == "":
		line, column := position(node)
		r.broken(line, column, "got "+kind(node)+"; want a mapping of keys to values")
		return nil
	case !is:
		r.note(key, node, "")
		r.refuse(key, "got %s; want a mapping", kind(node))
		return nil
	}
	found := map[string]ast.Node{}
	lines := map[string]int{}
	var meant []string
	for _, entry := range mapping.Values {
		name, ok := r.entryName(key, entry)
		if !ok {
			continue
		}
		line, column := position(entry.Key)
		path := join(key, name)
		switch first, repeated := lines[name]; {
		case repeated:
			r.at(line, column, path, "repeated; the first is in line %d", first)
			continue
		case names != nil && !slices.Contains(names, name):
			meant = append(meant, r.unknown(key, name, line, column, names))
		default:
			r.origins[path] = origin{line: line, column: column}
			found[name] = entry.Value
		}
		lines[name] = line
	}
	for _, name := range meant { // what is misspelt is not missing as well
		r.unusable[join(key, name)] = name != "" && found[name] == nil
	}
	return found
}

// entryName is the key of an entry as it is written, or a problem.
func (r *configReader) entryName(key string, entry *ast.MappingValueNode) (string, bool) {
	line, column := position(entry.Key)
	switch entry.Key.(type) {
	case *ast.MergeKeyNode:
		r.at(line, column, key, "a merge key (<<) is not supported; write the keys out")
	case *ast.MappingKeyNode, *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.at(line, column, key, "a key that is no plain text; write it as key: value")
	default:
		return entry.Key.GetToken().Value, true
	}
	return "", false
}

// unknown is a problem with the key of the section that was probably meant, if any.
func (r *configReader) unknown(section, name string, line, column int, names []string) (meant string) {
	if meant = nearest(name, names); meant != "" {
		r.at(line, column, join(section, name), "unknown key; did you mean %s?", meant)
		return meant
	}
	for _, known := range configKeys() {
		if strings.HasSuffix(known.path, "."+name) || known.path == name {
			r.at(line, column, join(section, name), "unknown key; did you mean %s?", known.path)
			return ""
		}
	}
	r.at(line, column, join(section, name), "unknown key; want %s", oneOf(names))
	return ""
}

// elements are the values of a list.
func (r *configReader) elements(key string, node ast.Node) ([]ast.Node, bool) {
	node, ok := r.plain(key, node)
	if !ok {
		return nil, false
	}
	sequence, is := node.(*ast.SequenceNode)
	if !is {
		r.note(key, node, "")
		r.refuse(key, "got %s; want a list, such as [a, b]", kind(node))
		return nil, false
	}
	for i, element := range sequence.Values {
		r.note(indexed(key, i), element, "")
	}
	return sequence.Values, true
}

// plain refuses what YAML has for sharing values and naming types. A value behind an anchor or a tag is still checked.
func (r *configReader) plain(key string, node ast.Node) (ast.Node, bool) {
	for {
		line, column := position(node)
		switch wrapped := node.(type) {
		case *ast.AnchorNode:
			r.at(line, column, key, "an anchor (&) is not supported; write the value where it is used")
			node = wrapped.Value
		case *ast.TagNode:
			r.at(line, column, key, "a tag (!) is not supported; write the value alone")
			node = wrapped.Value
		case *ast.AliasNode:
			r.at(line, column, key, "an alias (*) is not supported; write the value out")
			r.unusable[key] = true
			return nil, false
		default:
			return node, true
		}
	}
}

// note keeps where the value of a key stands and how a message may quote it.
func (r *configReader) note(key string, node ast.Node, shown string) {
	line, column := position(node)
	r.origins[key] = origin{line: line, column: column, shown: shown}
}

// position is the line and column of a node. A block mapping's own token is its first colon, so it starts at its key.
func position(node ast.Node) (line, column int) {
	if mapping, is := node.(*ast.MappingNode); is && len(mapping.Values) > 0 && !mapping.IsFlowStyle {
		return position(mapping.Values[0].Key)
	}
	if node == nil || node.GetToken() == nil || node.GetToken().Position == nil {
		return 0, 0 // which no parser that is well leaves behind
	}
	at := node.GetToken().Position
	return at.Line, at.Column
}

// kind says what a node is, in the words of a message.
func kind(node ast.Node) string {
	switch node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.BoolNode:
		return "a boolean"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.NullNode:
		return "nothing"
	}
	return "text"
}
