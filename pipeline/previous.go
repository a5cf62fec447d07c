package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"crosswalk/load"
	"crosswalk/transform"
)

// publication is one that stands in the output folder, and the file of it that tells each customer's outcome.
type publication struct {
	*Manifest
	directory string
	customers load.Output
}

// lastPublication finds the newest publication before date, nil where there is none. Those that do not hold are passed
// over and named: what cannot be trusted is nothing to compare with. One that the system does not let be read is an error,
// a *StorageError: without the last publication no guard would trip.
func lastPublication(ctx context.Context, output, date string) (last *publication, skipped []string, err error) {
	names, err := load.Partitions(output)
	if err != nil {
		return nil, nil, err
	}
	for _, earlier := range slices.Backward(names) {
		if earlier >= partitionPrefix+date {
			continue
		}
		found, err := openPublication(ctx, filepath.Join(output, earlier))
		switch {
		case err == nil:
			return found, skipped, nil
		case ctx.Err() != nil:
			return nil, nil, context.Cause(ctx)
		case refusedBySystem(err):
			return nil, nil, &StorageError{Op: "read", Path: filepath.Join(output, earlier), Err: err}
		}
		skipped = append(skipped, strings.TrimPrefix(earlier, partitionPrefix))
	}
	return nil, skipped, nil
}

// openPublication reads a manifest and holds the file of the customers against it.
func openPublication(ctx context.Context, directory string) (*publication, error) {
	manifest, err := readManifest(directory)
	if err != nil {
		return nil, err
	}
	if err := manifest.holds(directory); err != nil {
		return nil, &VerifyError{Path: directory, Err: err} // a guard that is held against wrong counts does not trip
	}
	found := &publication{Manifest: manifest, directory: directory}
	for _, output := range manifest.Outputs {
		if output.Name == "customers.parquet" || output.Name == "customers.csv" && found.customers.Name == "" {
			found.customers = output
		}
	}
	if found.customers.Name == "" {
		return nil, &VerifyError{Path: directory, Err: errors.New("the manifest lists no customers")}
	}
	if missing := found.lacks(); missing != "" {
		return nil, &VerifyError{Path: directory, Err: errors.New(found.customers.Name + " has no column " + missing)}
	}
	if err := found.holds(ctx, found.customers); err != nil {
		return nil, &VerifyError{Path: directory, Err: err}
	}
	return found, nil
}

// lacks is the first column that the comparison reads and the file of the customers, written by another crosswalk, has
// not; empty where it has all of them.
func (p *publication) lacks() string {
	for _, name := range []string{"customer_id", "status", "account_id", "account_ids"} {
		if !slices.ContainsFunc(p.customers.Columns, func(column load.Column) bool { return column.Name == name }) {
			return name
		}
	}
	return ""
}

// table is a published table as the link reads it; without files where the publication has no such file, or another one
// than its manifest says.
func (p *publication) table(ctx context.Context, name string) transform.Relation {
	for _, form := range []string{".parquet", ".csv"} {
		for _, output := range p.Outputs {
			if output.Name != name+form {
				continue
			}
			if p.holds(ctx, output) == nil {
				return p.relation(output)
			}
		}
	}
	return transform.Relation{}
}

// relation is a published file as the link reads it.
func (p *publication) relation(output load.Output) transform.Relation {
	relation := transform.Relation{Files: []string{filepath.Join(p.directory, output.Name)}}
	for _, column := range output.Columns {
		relation.Columns = append(relation.Columns, transform.Column{Name: column.Name, Type: "utf8"})
	}
	return relation
}

// holds tells whether a file is still the one that the manifest lists, with the rows and columns that it lists.
func (p *publication) holds(ctx context.Context, output load.Output) (err error) {
	path := filepath.Join(p.directory, output.Name)
	file, size, err := openRegular(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	changed := errors.New(output.Name + " is not the file of the manifest")
	if size != output.Bytes {
		return changed
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if hex.EncodeToString(hash.Sum(nil)) != output.SHA256 {
		return changed
	}
	return load.VerifyContent(ctx, path, output)
}

// openRegular opens a file and nothing else: a pipe that somebody put in its place would be waited for, a device read
// without end, and a link leads to where DuckDB may not read. The size is in bytes.
func openRegular(path string) (file *os.File, size int64, err error) {
	file, err = os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: errors.New("not a regular file")}
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, 0, err
	}
	return file, info.Size(), nil
}

// lookBack finds what this run is compared with and gives it to the plan.
func (r *run) lookBack(ctx context.Context) error {
	last, skipped, err := lastPublication(ctx, r.config.Output.Directory, r.date)
	if err != nil {
		return err
	}
	r.manifest.Previous = &Previous{Skipped: skipped}
	if len(skipped) > 0 {
		r.options.Logger.Warn("publications that do not hold are passed over", "run_dates", strings.Join(skipped, ","))
	}
	if last == nil {
		return nil
	}
	r.previous = last
	r.manifest.Previous.RunID, r.manifest.Previous.RunDate = last.RunID, last.RunDate
	r.plan.Previous = last.relation(last.customers)
	return nil
}
