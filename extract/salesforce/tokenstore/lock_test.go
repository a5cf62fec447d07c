package tokenstore

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestLockIsExclusive(t *testing.T) {
	t.Parallel()
	for kind, first := range stores(t) {
		second := *first
		var count atomic.Int64 // the kernel's lock is not one that the race detector knows
		var group sync.WaitGroup
		for i := range 20 {
			store := first
			if i%2 == 0 {
				store = &second
			}
			group.Go(func() {
				held, err := store.Lock(t.Context())
				if err != nil {
					t.Error(kind, err)
					return
				}
				was := count.Load()
				time.Sleep(time.Millisecond)
				count.Store(was + 1)
				if err := held.Release(); err != nil {
					t.Error(kind, err)
				}
			})
		}
		group.Wait()
		if count.Load() != 20 {
			t.Errorf("%s: %d of 20 were alone", kind, count.Load())
		}
	}
}

func TestLockHonoursItsContext(t *testing.T) {
	t.Parallel()
	store := File(filepath.Join(t.TempDir(), "tokens"), "x")
	held, err := store.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Release() }()
	stop := errors.New("signal")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(stop) })
	if _, err := store.Lock(ctx); !errors.Is(err, stop) {
		t.Errorf("got %v, want the cause of the context", err)
	}
}

// A reader that polls while another writes never sees half of a file.
func TestReaderNeverSeesHalf(t *testing.T) {
	t.Parallel()
	store := File(filepath.Join(t.TempDir(), "tokens"), "x")
	if err := store.Save(t.Context(), someTokens()); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		for i := range 50 {
			tokens := someTokens()
			tokens.AccessToken = strings.Repeat("x", i*100)
			if err := store.Save(t.Context(), tokens); err != nil {
				t.Error(err)
			}
		}
	})
	for range 500 {
		if _, err := store.peek(); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
}
