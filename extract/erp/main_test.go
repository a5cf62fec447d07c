package erp

import (
	"testing"

	"go.uber.org/goleak"
)

// No reader, decoder or writer outlives its snapshot, refused or not.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
