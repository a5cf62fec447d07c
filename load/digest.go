package load

import "github.com/zeebo/xxh3"

// digest stands for the values of one column in their order: a polynomial, modulo 2^64, over the hashes of the
// values' text. A value that is lost, repeated, altered, moved, or NULL on one side and empty on the other changes
// it. It is made so that the digests of neighbouring row groups combine, so they can be computed in any order, and
// it guards against accidents, not against an adversary.
type digest struct {
	rows  int64
	nulls int64
	sum   uint64
}

const (
	digestBase = 0x9e3779b97f4a7c15 // odd, so no power of it vanishes and no single difference cancels
	nullHash   = 0xd6e8feb86659fd93
)

func (d *digest) add(text []byte) {
	d.sum = d.sum*digestBase + xxh3.Hash(text)
	d.rows++
}

func (d *digest) addNull() {
	d.sum = d.sum*digestBase + nullHash
	d.rows++
	d.nulls++
}

// append makes d stand for its own values followed by those of next.
func (d *digest) append(next digest) {
	d.sum = d.sum*power(digestBase, next.rows) + next.sum
	d.rows += next.rows
	d.nulls += next.nulls
}

func power(base uint64, exponent int64) uint64 {
	result := uint64(1)
	for ; exponent > 0; exponent >>= 1 {
		if exponent&1 == 1 {
			result *= base
		}
		base *= base
	}
	return result
}

func (d *digest) visit(text []byte, null bool) {
	if null {
		d.addNull()
		return
	}
	d.add(text)
}
