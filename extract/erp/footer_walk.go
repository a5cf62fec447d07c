package erp

import (
	"encoding/binary"
	"errors"
	"math"
)

// Bounds of what a footer may describe, where the limits of a plan say nothing.
const (
	footerDepth   = 64      // structs, lists and groups within each other; arrow-go skips no deeper
	footerMemory  = 1 << 30 // bytes that arrow-go takes for the structs and lists; an honest footer of 64 MiB takes half
	structMemory  = 128     // bytes of one struct, and of the pointer to it
	elementMemory = 16      // bytes of one element of another list
	groupsAColumn = 4       // elements of the schema for a column; a map has four
)

var (
	errFooterEnds = errors.New("the footer ends inside a value")
	errFooterForm = errors.New("the footer is not of Parquet's form")
	errFooterDeep = errors.New("the footer is nested too deep")
	errFooterTree = errors.New("the schema's groups do not add up")
	errFooterLong = errors.New("the footer takes too much memory")
)

// The types of Thrift's compact protocol:
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	typeStop = iota
	typeTrue
	typeFalse
	typeByte
	typeInt16
	typeInt32
	typeInt64
	typeDouble
	typeBinary
	typeList
	typeSet
	typeMap
	typeStruct
	typeUUID
)

// thriftStruct lists the fields of a struct that lead to a list. arrow-go reads the elements of a list that it knows by
// Parquet's definition, whatever type the file gives them; the two must be the same, or it sees another footer than the
// walk does.
type thriftStruct []thriftField

type thriftField struct {
	id      int16
	wire    byte
	element byte // of a list, 0 for any
	of      thriftStruct
}

// https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
var (
	sizeStatistics = thriftStruct{{id: 2, wire: typeList, element: typeInt64}, {id: 3, wire: typeList, element: typeInt64}}
	geoStatistics  = thriftStruct{{id: 2, wire: typeList, element: typeInt32}}
	columnMetaData = thriftStruct{
		{id: 2, wire: typeList, element: typeInt32},  // encodings
		{id: 3, wire: typeList, element: typeBinary}, // path_in_schema
		{id: 8, wire: typeList, element: typeStruct}, // key_value_metadata
		{id: 13, wire: typeList, element: typeStruct},
		{id: 16, wire: typeStruct, of: sizeStatistics},
		{id: 17, wire: typeStruct, of: geoStatistics},
	}
	columnKey    = thriftStruct{{id: 1, wire: typeList, element: typeBinary}}
	columnCrypto = thriftStruct{{id: 2, wire: typeStruct, of: columnKey}}
	columnChunk  = thriftStruct{{id: 3, wire: typeStruct, of: columnMetaData}, {id: 8, wire: typeStruct, of: columnCrypto}}
	rowGroup     = thriftStruct{{id: 1, wire: typeList, element: typeStruct, of: columnChunk}, {id: 4, wire: typeList, element: typeStruct}}
	fileMetaData = thriftStruct{{id: 5, wire: typeList, element: typeStruct}, {id: 7, wire: typeList, element: typeStruct}}
)

func (s thriftStruct) field(id int16, wire byte) thriftField {
	for _, field := range s {
		if field.id == id && field.wire == wire {
			return field
		}
	}
	return thriftField{}
}

// footerWalk goes once over a footer without keeping anything.
type footerWalk struct {
	plan   *plan
	rest   []byte
	memory int64 // that arrow-go would take so far
}

// walkFooter proves that a footer can be given to arrow-go, which trusts its counts: memory that is not there ends the
// process, and no recover helps.
func walkFooter(plan *plan, footer []byte) error {
	walk := footerWalk{plan: plan, rest: footer}
	err := walk.fileMetaData()
	if err == nil || isRefusal(err) {
		return err
	}
	return damagedParquet(plan, err)
}

func (w *footerWalk) fileMetaData() error {
	for id := int16(0); ; {
		wire, err := w.field(&id)
		switch {
		case err != nil || wire == typeStop:
			return err
		case id == 2 && wire == typeList:
			err = w.schema()
		case id == 4 && wire == typeList:
			err = w.rowGroups()
		default:
			err = w.value(wire, fileMetaData.field(id, wire), 1)
		}
		if err != nil {
			return err
		}
	}
}

func (w *footerWalk) rowGroups() error {
	_, count, err := w.list(typeStruct)
	if err == nil && count > rowGroupsLimit {
		return tooManyGroups(w.plan, count)
	}
	for ; err == nil && count > 0; count-- {
		err = w.structure(rowGroup, 1)
	}
	return err
}

// schema reads the tree of columns, which is written from the root down, each group before its children.
func (w *footerWalk) schema() error {
	_, count, err := w.list(typeStruct)
	if err == nil && int64(count)-1 > groupsAColumn*int64(w.plan.Limits.Columns) {
		return tooManyColumns(w.plan, count-1)
	}
	var tree schemaTree
	for ; err == nil && count > 0; count-- {
		var children int32
		var name int
		if children, name, err = w.schemaElement(); err == nil {
			err = tree.add(children, name, count-1)
		}
	}
	if err != nil {
		return err
	}
	return tree.complete()
}

// schemaElement gives the number of children and the bytes of the name.
func (w *footerWalk) schemaElement() (children int32, name int, err error) {
	for id := int16(0); ; {
		wire, err := w.field(&id)
		switch {
		case err != nil || wire == typeStop:
			return children, name, err
		case id == 4 && wire == typeBinary:
			name, err = w.binary()
		case id == 5 && wire == typeInt32:
			children, err = w.int32()
		default:
			err = w.value(wire, thriftField{}, 2)
		}
		if err != nil {
			return 0, 0, err
		}
	}
}

// schemaTree adds the elements of a schema up. The bytes of the paths count, because arrow-go keeps the path of every
// column: a group with a long name and many columns would be gigabytes of them.
type schemaTree struct {
	open  [footerDepth]openGroup
	depth int
	begun bool
	paths int64
}

type openGroup struct {
	left int32 // children that are still to come
	path int64 // bytes of its path
}

// add takes the next element; left is the number of elements behind it.
func (t *schemaTree) add(children int32, name, left int) error {
	for t.depth > 0 && t.open[t.depth-1].left == 0 {
		t.depth--
	}
	path := int64(0) // the root's name is in no path
	switch {
	case t.depth > 0:
		parent := &t.open[t.depth-1]
		parent.left--
		path = parent.path + int64(name) + 1
	case t.begun:
		return errFooterTree
	}
	t.begun = true
	switch {
	case children < 0 || int64(children) > int64(left):
		return errFooterTree
	case children == 0:
		if t.paths += path; t.paths > footerLimit {
			return errFooterLong
		}
		return nil
	case t.depth == len(t.open):
		return errFooterDeep
	}
	t.open[t.depth] = openGroup{children, path}
	t.depth++
	return nil
}

// complete proves that no group waits for children.
func (t *schemaTree) complete() error {
	for _, group := range t.open[:t.depth] {
		if group.left != 0 {
			return errFooterTree
		}
	}
	if !t.begun {
		return errFooterTree
	}
	return nil
}

// structure walks a struct to its end; depth counts what it lies in.
func (w *footerWalk) structure(of thriftStruct, depth int) error {
	if w.memory += structMemory; w.memory > footerMemory {
		return errFooterLong
	}
	for id := int16(0); ; {
		wire, err := w.field(&id)
		if err != nil || wire == typeStop {
			return err
		}
		if err := w.value(wire, of.field(id, wire), depth+1); err != nil {
			return err
		}
	}
}

// value walks over one value of a field. What is not known of it may be anything that ends inside the footer.
func (w *footerWalk) value(wire byte, known thriftField, depth int) error {
	if depth > footerDepth {
		return errFooterDeep
	}
	switch wire {
	case typeTrue, typeFalse: // the type is the value
		return nil
	case typeByte:
		return w.skip(1)
	case typeInt16, typeInt32, typeInt64:
		_, err := w.varint()
		return err
	case typeDouble:
		return w.skip(8)
	case typeUUID:
		return w.skip(16)
	case typeBinary:
		_, err := w.binary()
		return err
	case typeStruct:
		return w.structure(known.of, depth)
	case typeList, typeSet:
		return w.elements(known, depth)
	}
	return errFooterForm // Parquet has no map
}

func (w *footerWalk) elements(known thriftField, depth int) error {
	wire, count, err := w.list(known.element)
	if err != nil {
		return err
	}
	switch wire {
	case typeTrue, typeFalse: // a byte each, other than in a field
		return w.skip(count)
	case typeStruct:
	default:
		if w.memory += elementMemory * int64(count); w.memory > footerMemory {
			return errFooterLong
		}
	}
	for range count {
		if err := w.value(wire, thriftField{of: known.of}, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// field reads the head of a struct's next field; id is that of the one before.
func (w *footerWalk) field(id *int16) (wire byte, err error) {
	if len(w.rest) == 0 {
		return 0, errFooterEnds
	}
	head := w.rest[0]
	w.rest = w.rest[1:]
	wire = head & 0x0f
	switch {
	case wire == typeStop:
	case head>>4 != 0:
		*id += int16(head >> 4)
	default:
		written, err := w.int32()
		if err != nil || written < math.MinInt16 || written > math.MaxInt16 {
			return 0, errFooterForm
		}
		*id = int16(written)
	}
	return wire, nil
}

// list reads the head of a list or set. Elements take a byte at least, so that their number is bounded by the footer.
func (w *footerWalk) list(element byte) (wire byte, count int, err error) {
	if len(w.rest) == 0 {
		return 0, 0, errFooterEnds
	}
	head := w.rest[0]
	w.rest = w.rest[1:]
	wire, count = head&0x0f, int(head>>4)
	if count == 15 {
		long, err := w.varint()
		if err != nil || long > math.MaxInt32 {
			return 0, 0, errFooterForm
		}
		count = int(long)
	}
	switch {
	case count > len(w.rest):
		return 0, 0, errFooterEnds
	case count > 0 && element != 0 && wire != element:
		return 0, 0, errFooterForm
	}
	return wire, count, nil
}

func (w *footerWalk) binary() (length int, err error) {
	long, err := w.varint()
	if err != nil || long > math.MaxInt32 {
		return 0, errFooterForm
	}
	return int(long), w.skip(int(long))
}

func (w *footerWalk) int32() (int32, error) {
	zigzag, err := w.varint()
	if err != nil || zigzag > math.MaxUint32 {
		return 0, errFooterForm
	}
	return int32(zigzag>>1) ^ -int32(zigzag&1), nil
}

func (w *footerWalk) varint() (uint64, error) {
	value, length := binary.Uvarint(w.rest)
	if length <= 0 {
		return 0, errFooterForm
	}
	w.rest = w.rest[length:]
	return value, nil
}

func (w *footerWalk) skip(length int) error {
	if length > len(w.rest) {
		return errFooterEnds
	}
	w.rest = w.rest[length:]
	return nil
}
