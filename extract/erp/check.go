package erp

import "context"

// Check looks at the snapshot without reading its rows: that it is there, fresh, readable, of a known form, and has
// the columns that are needed. It reads no more than the header, or the footer of a Parquet file, whatever the size of
// the file, so it comes before the first call to anybody else. The checksum is left to Read. Errors are those of Read.
func Check(ctx context.Context, options Options) error {
	plan, err := newPlan(options)
	if err != nil {
		return err
	}
	file, err := openSnapshot(ctx, plan)
	if err != nil {
		return err
	}
	defer file.close()
	file.glance = true
	from, err := openSource(plan, file)
	if err != nil {
		return file.blame(err)
	}
	from.close()
	return nil
}
