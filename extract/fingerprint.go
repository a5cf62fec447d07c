package extract

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"
)

// Fingerprint identifies a set of rows whatever their order and however they are cut into parts: the sum, modulo
// 2^128, of a 128-bit hash of each row. A row that is lost, repeated or altered changes it. It guards against
// accidents, not against an adversary.
type Fingerprint struct{ high, low uint64 }

func (f *Fingerprint) merge(other Fingerprint) {
	var carry uint64
	f.low, carry = bits.Add64(f.low, other.low, 0)
	f.high, _ = bits.Add64(f.high, other.high, carry)
}

// String is 32 hexadecimal digits.
func (f Fingerprint) String() string { return fmt.Sprintf("%016x%016x", f.high, f.low) }

// MarshalText is String.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads String's form.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	var raw [16]byte
	if len(text) != 2*len(raw) {
		return fmt.Errorf("fingerprint: %d characters, want %d", len(text), 2*len(raw))
	}
	if _, err := hex.Decode(raw[:], text); err != nil {
		return fmt.Errorf("fingerprint: %w", err)
	}
	f.high, f.low = binary.BigEndian.Uint64(raw[:8]), binary.BigEndian.Uint64(raw[8:])
	return nil
}

// fingerprintOf hashes a batch column by column, so that the type is looked at once a column and not once a value.
func fingerprintOf(batch arrow.RecordBatch) Fingerprint {
	rows := make([]rowHash, batch.NumRows())
	for _, column := range batch.Columns() {
		mixColumn(rows, column)
	}
	var sum Fingerprint
	for i := range rows {
		sum.merge(rows[i].finish())
	}
	return sum
}

// rowHash chains the values of one row; the position of a value counts, so equal values in other columns differ.
type rowHash struct{ a, b uint64 }

const (
	nullMark = 0x9e3779b97f4a7c15 // NULL is no value's hash: the golden ratio, as good as any constant
	oddMulA  = 0xa0761d6478bd642f // odd multipliers of full width, from wyhash
	oddMulB  = 0xe7037ed1a0b428db
)

func (r *rowHash) mix(value uint64) {
	hi, lo := bits.Mul64(r.a^value, oddMulA)
	r.a = hi ^ lo
	r.b = bits.RotateLeft64(r.b, 23)*oddMulB + value
}

func (r *rowHash) finish() Fingerprint {
	hi, lo := bits.Mul64(r.b^nullMark, oddMulB)
	return Fingerprint{high: r.a, low: hi ^ lo ^ r.a}
}

func mixColumn(rows []rowHash, column arrow.Array) {
	switch values := column.(type) {
	case *array.String:
		mixText(rows, values)
	case *array.Boolean:
		mixValues(rows, values, func(i int) uint64 {
			if values.Value(i) {
				return 1
			}
			return 2
		})
	case *array.Int32:
		mixValues(rows, values, func(i int) uint64 { return uint64(values.Value(i)) })
	case *array.Int64:
		mixValues(rows, values, func(i int) uint64 { return uint64(values.Value(i)) })
	case *array.Date32:
		mixValues(rows, values, func(i int) uint64 { return uint64(values.Value(i)) })
	case *array.Timestamp:
		mixValues(rows, values, func(i int) uint64 { return uint64(values.Value(i)) })
	case *array.Time64:
		mixValues(rows, values, func(i int) uint64 { return uint64(values.Value(i)) })
	case *array.Decimal128:
		mixValues(rows, values, func(i int) uint64 {
			number := values.Value(i)
			return number.LowBits() + uint64(number.HighBits())*oddMulB // not xor: -1 is all ones in both halves
		})
	default:
		mixValues(rows, values, func(i int) uint64 { return xxh3.HashString(values.ValueStr(i)) })
	}
}

func mixText(rows []rowHash, values *array.String) {
	offsets, data := values.ValueOffsets(), values.ValueBytes()
	if len(offsets) == 0 {
		return
	}
	base := offsets[0]
	nulls := values.NullN() > 0
	for i := range rows {
		if nulls && values.IsNull(i) {
			rows[i].mix(nullMark)
			continue
		}
		rows[i].mix(xxh3.Hash(data[offsets[i]-base : offsets[i+1]-base]))
	}
}

func mixValues(rows []rowHash, values arrow.Array, hash func(int) uint64) {
	nulls := values.NullN() > 0
	for i := range rows {
		if nulls && values.IsNull(i) {
			rows[i].mix(nullMark)
			continue
		}
		rows[i].mix(hash(i) * oddMulA)
	}
}
