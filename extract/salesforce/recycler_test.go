package salesforce

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/sourcegraph/conc/pool"
)

func TestRecyclerReusesBlocks(t *testing.T) {
	t.Parallel()
	r := newRecycler(leakChecked(t))
	small, large := r.Allocate(100), r.Allocate(1000)
	r.Free(small)
	r.Free(large)
	if got := r.Allocate(90); &got[0] != &small[0] {
		t.Error("the smallest block that fits was not taken")
	} else {
		r.Free(got)
	}
	got := r.Allocate(500)
	if &got[0] != &large[0] || len(got) < 500 {
		t.Error("the large block was not taken")
	}
	got[0] = 7
	if got = r.Reallocate(5000, got); len(got) < 5000 || got[0] != 7 {
		t.Error("a moved block lost its content")
	}
	if same := r.Reallocate(10, got); &same[0] != &got[0] {
		t.Error("a block moved to shrink")
	}
	r.close()
	r.Free(got) // later than close, as of a batch that is still held
}

func TestRecyclerIsBounded(t *testing.T) {
	t.Parallel()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	r := newRecycler(mem)
	blocks := make([][]byte, 5)
	for i := range blocks {
		blocks[i] = r.Allocate(maxKeptBytes / 4)
	}
	for _, block := range blocks {
		r.Free(block)
	}
	if mem.CurrentAlloc() != maxKeptBytes {
		t.Errorf("%d bytes kept, want %d", mem.CurrentAlloc(), maxKeptBytes)
	}
	r.close()
	mem.AssertSize(t, 0)
}

func TestRecyclerFromManyGoroutines(t *testing.T) {
	t.Parallel()
	r := newRecycler(leakChecked(t))
	workers := pool.New()
	for worker := range byte(8) {
		workers.Go(func() {
			for i := range 500 {
				block := r.Allocate(64 + i)
				block[0], block[63] = worker, worker
				if block = r.Reallocate(200+i, block); block[0] != worker || block[63] != worker {
					t.Error("a block has two owners")
				}
				r.Free(block)
			}
		})
	}
	workers.Wait()
	r.close()
}

func TestDecodersShareARecycler(t *testing.T) {
	t.Parallel()
	r := newRecycler(leakChecked(t))
	_, own := recyclerOn(r)
	same, _ := recyclerOn(r)
	if own || same != r {
		t.Error("a recycler was put on a recycler")
	}
	r.close()
}
