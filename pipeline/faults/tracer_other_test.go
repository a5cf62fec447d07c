//go:build !linux || !amd64

package faults

import (
	"fmt"
	"os"
)

// asTracer cannot trace here: the cases that need it fail and say so.
func asTracer(args []string) (code int, is bool) {
	if len(args) > 1 && args[1] == tracerArgument {
		fmt.Fprintln(os.Stderr, "striking single calls of a run needs Linux on amd64")
		return 97, true
	}
	return 0, false
}
