package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/zeebo/xxh3"
)

// Checksum is the XXH3 of the bytes of a part's file, or of what stage.json says; 0 where its writer kept none. As text it is 16 hexadecimal digits. It
// guards against accidents, not against an adversary.
type Checksum uint64

// MarshalText writes the digits.
func (c Checksum) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "%016x", uint64(c)), nil }

// UnmarshalText reads them.
func (c *Checksum) UnmarshalText(text []byte) error {
	sum, err := strconv.ParseUint(string(text), 16, 64)
	if err != nil || len(text) != checksumDigits {
		return fmt.Errorf("checksum: %q is not %d hexadecimal digits", text, checksumDigits)
	}
	*c = Checksum(sum)
	return nil
}

// Prove reads every byte of every part and holds it against what its writer noted: a row that was lost, repeated or altered
// since then is found, also where size and number of rows are what they were. Errors are *StageError, of exit code 5 where a
// part is another one and 8 where it cannot be read, or the cause of ctx.
func (s *Stage) Prove(ctx context.Context) error {
	for _, table := range s.Tables() {
		for _, part := range table.Parts {
			path := filepath.Join(s.dir, part.File)
			err := part.prove(path)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			var disk *fs.PathError
			switch {
			case errors.As(err, &disk):
				return &StageError{Op: "read part", Path: path, Err: disk.Err}
			case err != nil:
				return &StageError{Op: "check", Path: path, Err: err}
			}
		}
	}
	return nil
}

func (p Part) prove(path string) error {
	if p.Checksum == 0 {
		return errors.New("it was recorded without a checksum, by an older crosswalk")
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // nothing was written
	hash := xxh3.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if Checksum(hash.Sum64()) != p.Checksum {
		return errors.New("the bytes are others than those that were recorded: their checksum differs")
	}
	return nil
}
