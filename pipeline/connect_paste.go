package pipeline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"crosswalk/extract/salesforce"

	"golang.org/x/sys/unix"
)

const (
	pasteTries   = 5
	longestPaste = 8 << 10 // bytes
)

// connectByPaste is for a machine without a browser: the person opens the address elsewhere, and brings back the one
// where that browser could not go on.
func connectByPaste(ctx context.Context, attempt *salesforce.Authorization, callback string, options ConnectOptions) (salesforce.Identity, error) {
	_, err := fmt.Fprintf(options.Notes, "sign in to Salesforce in a browser on any machine:\n\n  %s\n\nit ends at a page that cannot be reached; paste that page's whole address, which begins with %s, here:\n", attempt.URL(), callback)
	if err != nil {
		return salesforce.Identity{}, err
	}
	lines := bufio.NewReaderSize(&patientReader{ctx: func() context.Context { return ctx }, from: options.Input}, longestPaste)
	for range pasteTries {
		line, err := lines.ReadSlice('\n')
		if ctx.Err() != nil {
			return salesforce.Identity{}, context.Cause(ctx)
		}
		code, wrong := pasted(string(line), attempt, callback)
		switch {
		case wrong == nil:
			return attempt.Exchange(ctx, code)
		case !errors.Is(wrong, salesforce.ErrForeign):
			return salesforce.Identity{}, wrong
		case err != nil:
			return salesforce.Identity{}, &UsageError{
				Problem: "connect: no address of this sign-in was pasted", Fix: "run crosswalk connect --no-browser again and paste the whole address that begins with " + callback,
			}
		}
		if _, err := fmt.Fprintln(options.Notes, "that is no answer to this sign-in; paste the whole address, with code and state:"); err != nil {
			return salesforce.Identity{}, err
		}
	}
	return salesforce.Identity{}, &UsageError{Problem: fmt.Sprintf("connect: %d pasted addresses were none of this sign-in", pasteTries), Fix: "run crosswalk connect --no-browser again"}
}

// pasted reads an address as the callback would have received it.
func pasted(line string, attempt *salesforce.Authorization, callback string) (salesforce.Secret, error) {
	text := strings.Trim(strings.TrimSpace(line), `"'<>`)
	if strings.HasPrefix(text, strings.TrimPrefix(callback, "http://")) {
		text = "http://" + text // browsers do not show it
	}
	address, err := url.Parse(text)
	switch {
	case err != nil:
		return "", salesforce.ErrForeign
	case strings.HasPrefix(address.String(), callback+"?"):
		return attempt.Answer(address.Query())
	case address.Scheme == "https" && address.Query().Has("error"):
		return "", salesforce.RefusedAt(address.Query()) // the browser stayed at a page of Salesforce's
	}
	return "", salesforce.ErrForeign
}

// patientReader reads a terminal or pipe without being stuck in it when the time is up.
type patientReader struct {
	ctx  func() context.Context
	from io.Reader
}

const pollMilliseconds = 100

// Read waits until there is something to read or the context ends.
func (r *patientReader) Read(p []byte) (int, error) {
	file, ok := r.from.(*os.File)
	for ok {
		if r.ctx().Err() != nil {
			return 0, context.Cause(r.ctx())
		}
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(file.Fd()), Events: unix.POLLIN}}, pollMilliseconds) // a descriptor is small
		if err != nil && !errors.Is(err, unix.EINTR) || ready > 0 {
			break
		}
	}
	return r.from.Read(p)
}
