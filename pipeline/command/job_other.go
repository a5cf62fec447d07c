//go:build !linux

package command

import (
	"context"
	"errors"
	"os"
)

// watch needs a kernel that ends the job with its watcher: elsewhere the work is done in this process.
func (s *settings) watch(context.Context) (jobEnd, error) {
	return jobEnd{}, errors.ErrUnsupported
}

// divertLastWords is for jobs, and there are none.
func divertLastWords(*os.File) error { return errors.ErrUnsupported }
