package salesforce

import (
	"sync"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// maxKeptBytes bounds what a recycler keeps: the columns of one batch and the smaller blocks they grew out of.
const maxKeptBytes = 64 << 20

// recycler is an allocator that hands the blocks of a released batch to the next one. Fresh memory is cleared and
// faulted in page by page, which for batches of 16 MiB costs as much as parsing them.
//
// A block comes back only when the last reference to its buffer is released, so a batch that the caller still holds is
// never written to. It is safe for use from several goroutines, since batches may be released anywhere.
type recycler struct {
	mem memory.Allocator

	mu     sync.Mutex
	kept   [][]byte
	bytes  int // of kept
	closed bool
}

// newRecycler keeps blocks of mem until it is closed.
func newRecycler(mem memory.Allocator) *recycler { return &recycler{mem: mem} }

// recyclerOn is a recycler for one decoder. Where mem is a recycler itself, as for the pages of one query, the decoders
// share what it keeps.
func recyclerOn(mem memory.Allocator) (blocks *recycler, own bool) {
	if shared, ok := mem.(*recycler); ok {
		return shared, false
	}
	return newRecycler(mem), true
}

// Allocate gives the smallest kept block of at least size bytes, or a fresh one. Its content is arbitrary.
func (r *recycler) Allocate(size int) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	best := -1
	for i, block := range r.kept {
		if len(block) >= size && (best < 0 || len(block) < len(r.kept[best])) {
			best = i
		}
	}
	if best < 0 {
		return r.mem.Allocate(size)
	}
	block := r.kept[best]
	last := len(r.kept) - 1
	r.kept[best] = r.kept[last]
	r.kept = r.kept[:last]
	r.bytes -= len(block)
	return block
}

// Reallocate moves b to a block of at least size bytes.
func (r *recycler) Reallocate(size int, b []byte) []byte {
	if size <= len(b) {
		return b
	}
	block := r.Allocate(size)
	copy(block, b)
	r.Free(b)
	return block
}

// Free keeps the block for the next batch.
func (r *recycler) Free(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || len(b) == 0 || r.bytes+len(b) > maxKeptBytes {
		r.mem.Free(b)
		return
	}
	r.kept = append(r.kept, b)
	r.bytes += len(b)
}

// close gives back what is kept. Batches that are still held give their blocks back when they are released.
func (r *recycler) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, block := range r.kept {
		r.mem.Free(block)
	}
	r.kept, r.bytes = nil, 0
}
