package load

import "bytes"

// sortKey is one value of a column that the rows are ordered by: by bytes, NULL last.
type sortKey struct {
	text []byte
	null bool
}

func (k *sortKey) set(text []byte, null bool) {
	k.text, k.null = append(k.text[:0], text...), null
}

func (k *sortKey) compare(text []byte, null bool) int {
	switch {
	case k.null && null:
		return 0
	case k.null:
		return 1
	case null:
		return -1
	}
	return bytes.Compare(k.text, text)
}

// orderColumns is how many leading columns of the order are checked: the two that are promised to a reader.
const orderColumns = 2

// groupOrder checks the order of the rows of one row group, a column at a time: first the column that decides, then
// the one that decides where the first is equal to that of the row before.
type groupOrder struct {
	first, last [orderColumns]sortKey
	ties        []bool
	unsorted    bool
}

// visit gives the visitor of the column at position of the order. Position 0 must be read before position 1.
func (g *groupOrder) visit(position int) visitor {
	row, first, last := 0, &g.first[position], &g.last[position]
	return func(text []byte, null bool) {
		comparison := -1
		if row == 0 {
			first.set(text, null)
		} else if position == 0 || g.ties[row] {
			comparison = last.compare(text, null)
		}
		if comparison > 0 {
			g.unsorted = true
		}
		if position == 0 {
			g.ties = append(g.ties, comparison == 0)
		}
		if comparison != 0 {
			last.set(text, null)
		}
		row++
	}
}

// precedes tells whether the rows of g may stand before those of next, going by the first columns of the order.
func (g *groupOrder) precedes(next *groupOrder, columns int) bool {
	for i := range columns {
		comparison := g.last[i].compare(next.first[i].text, next.first[i].null)
		if comparison != 0 {
			return comparison < 0
		}
	}
	return true
}
