package salesforce

import "strings"

const (
	notARecord    problem = "not a record: an object is expected"
	missingField  problem = "missing in the record"
	repeatedField problem = "twice in the record"
	wrongType     problem = "JSON value of another type than the describe says"
)

// shape is what a record, or a parent in it, is expected to hold: Owner.Name is the name Name in the shape of the
// parent Owner.
type shape struct {
	names   []string
	columns []int    // of each name; -1 where it is a parent
	parents []*shape // of each name; nil where it is a column
	seen    []int64  // the last record that had the name
	leaves  []int    // all columns below
}

func newShape(paths []string) *shape {
	root := &shape{}
	for column, path := range paths {
		root.add(strings.Split(path, "."), column)
	}
	return root
}

func (s *shape) add(path []string, column int) {
	s.leaves = append(s.leaves, column)
	if len(path) == 1 {
		s.append(path[0], column, nil)
		return
	}
	for i, name := range s.names {
		if name == path[0] && s.parents[i] != nil {
			s.parents[i].add(path[1:], column)
			return
		}
	}
	parent := &shape{}
	parent.add(path[1:], column)
	s.append(path[0], -1, parent)
}

func (s *shape) append(name string, column int, parent *shape) {
	s.names = append(s.names, name)
	s.columns = append(s.columns, column)
	s.parents = append(s.parents, parent)
	s.seen = append(s.seen, 0)
}

// find is the index of the name, which is most likely at guess since fields come in the order of the SELECT; -1 where
// it is not expected.
func (s *shape) find(name []byte, guess int) int {
	if guess < len(s.names) && s.names[guess] == string(name) {
		return guess
	}
	for i, known := range s.names {
		if known == string(name) {
			return i
		}
	}
	return -1
}

// record decodes the object at the text's position into a row: a record, or a parent in it. What was not asked for, such
// as the attributes, is passed over.
func (d *jsonDecoder) record(s *shape, row int) problem {
	var others keySet
	guess, found := 0, 0
	if d.text.peek() != '{' {
		return d.text.unless(notARecord)
	}
	p := d.text.object(func(key []byte) problem {
		i := s.find(key, guess)
		if i < 0 {
			if !others.add(key) {
				return repeatedKey
			}
			return d.text.skip(0)
		}
		if s.seen[i] == d.records {
			d.field = s.names[i]
			return repeatedField
		}
		s.seen[i] = d.records
		guess = i + 1
		found++
		if parent := s.parents[i]; parent != nil {
			return d.parent(parent, row)
		}
		return d.value(s.columns[i], row)
	})
	if p == "" && found < len(s.names) {
		return d.missing(s)
	}
	return p
}

func (d *jsonDecoder) missing(s *shape) problem {
	for i, seen := range s.seen {
		if seen != d.records {
			d.field = s.names[i]
			if s.parents[i] == nil {
				d.field = d.columns[s.columns[i]].name
			}
			break
		}
	}
	return missingField
}

// parent decodes a parent record; without one, all that was asked of it is NULL.
func (d *jsonDecoder) parent(s *shape, row int) problem {
	if d.text.peek() != 'n' {
		return d.record(s, row)
	}
	for _, column := range s.leaves {
		d.columns[column].setNull(row)
	}
	return d.text.literal("null")
}

// value decodes one field. Empty text is NULL: Salesforce stores none, and Bulk cannot tell the two apart, so the stage
// is the same whichever of the two APIs filled it.
func (d *jsonDecoder) value(column, row int) problem {
	c := &d.columns[column]
	kind := d.text.peek()
	start := d.text.pos
	text, null, p := d.spelling(c, kind)
	switch {
	case p != "":
	case null && c.flag:
		p = noFlag
	case null:
		c.setNull(row)
	case c.copies:
		c.putText(row, text) // which was checked to be UTF-8
	default:
		p = c.set(row, text)
	}
	if p != "" {
		d.field = c.name
	}
	if p != "" && p != notJSON {
		d.text.pos = start
	}
	return p
}

// spelling is the text of the scalar at the text's position, which begins with kind, where a column may be spelled so.
func (d *jsonDecoder) spelling(c *column, kind byte) (text []byte, null bool, p problem) {
	start := d.text.pos
	switch {
	case kind == 'n':
		return nil, true, d.text.literal("null")
	case kind == '"':
		text, p = d.text.text()
		if p == "" && len(text) == 0 {
			return nil, true, ""
		}
		return text, false, d.allow(p, c.spelledAsText())
	case kind == 't' || kind == 'f':
		p = d.text.scalar(kind)
		return d.text.bytes[start:d.text.pos], false, d.allow(p, c.reading == readBoolean || c.reading == readLiteral)
	case kind == '-' || kind >= '0' && kind <= '9':
		text, p = d.text.number()
		return text, false, d.allow(p, c.spelledAsNumber())
	case kind == '{' || kind == '[':
		return nil, false, scalarExpected
	default:
		return nil, false, notJSON
	}
}

func (d *jsonDecoder) allow(p problem, allowed bool) problem {
	if p == "" && !allowed {
		return wrongType
	}
	return p
}

func (c *column) spelledAsText() bool {
	switch c.reading {
	case readText, readLiteral, readMomentText, readDate, readTimestamp, readTime:
		return true
	default:
		return false
	}
}

func (c *column) spelledAsNumber() bool {
	switch c.reading {
	case readNumberText, readLiteral, readInt32, readInt64, readDecimal:
		return true
	default:
		return false
	}
}
