package pipeline

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"strings"

	"crosswalk/extract"
	"crosswalk/extract/erp"
	"crosswalk/extract/salesforce"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/sourcegraph/conc/pool"
)

const (
	sourceSalesforce = "salesforce"
	sourceERP        = "erp"
	tableCustomers   = "customers"
)

// extract reads the ERP snapshot and the objects of Salesforce side by side into a stage at dir, which is new or goes on
// with what a dead run left. The snapshot is looked at first, so that a missing or stale one costs no call to Salesforce.
func (r *run) extract(ctx context.Context, dir string) (*extract.Stage, error) {
	done := r.progress.step("extract")
	if err := erp.Check(ctx, r.snapshotOptions()); err != nil {
		return nil, err
	}
	org, closeOrg, err := openOrg(ctx, r.config, r.options.Version, r.options.Logger)
	if err != nil {
		return nil, err
	}
	defer closeOrg()
	stage, err := r.stageInTheMaking(ctx, org, dir)
	if err != nil && !mayBeTakenUp(r.cause(ctx, err)) {
		err = errors.Join(err, r.removeStage(dir))
	}
	if err != nil {
		return nil, err
	}
	if err := r.fill(ctx, org, stage); err != nil {
		return nil, errors.Join(err, r.abandonStage(ctx, org, stage, err))
	}
	debug.FreeOSMemory() // what the pages were decoded in: DuckDB needs the room next
	usage := org.Usage()
	r.manifest.API = APIUsage{Calls: usage.Calls, Retries: usage.Retries, Used: usage.Used, Limit: usage.Limit}
	rows, bytes := stageSize(stage)
	r.finish(done, rows, bytes)
	return stage, nil
}

// fill brings every table into the stage.
func (r *run) fill(ctx context.Context, org *salesforce.Client, stage *extract.Stage) error {
	requests, err := r.requests(ctx, org)
	if err != nil {
		return err
	}
	work := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	work.Go(func(ctx context.Context) error {
		_, err := erp.Read(ctx, r.snapshotOptions(), stage)
		return err
	})
	work.Go(func(ctx context.Context) error { return r.extractObjects(ctx, org, requests, stage) })
	if err := work.Wait(); err != nil {
		return err
	}
	return r.endNotes(ctx, org, requests, stage)
}

// requests describes each object and plans its query, before the first row of any.
func (r *run) requests(ctx context.Context, org *salesforce.Client) ([]salesforce.Request, error) {
	objects := []string{objectAccount, objectContact}
	if r.config.Contacts.Owner {
		objects = append(objects, objectUser)
	}
	var requests []salesforce.Request
	var problems error
	add := func(objects []string) {
		for _, object := range objects {
			request, err := r.request(ctx, org, object)
			if err != nil {
				problems = errors.Join(problems, err)
				continue
			}
			requests = append(requests, request)
		}
	}
	add(objects)
	notes, err := r.notesOf(ctx, org) // after the describes, against which its list is held
	if err != nil {
		return nil, errors.Join(problems, err)
	}
	add(notes)
	return requests, problems
}

func (r *run) request(ctx context.Context, org *salesforce.Client, object string) (salesforce.Request, error) {
	describe, err := org.Describe(ctx, object)
	if err != nil {
		return salesforce.Request{}, err
	}
	api := r.config.Salesforce.API
	var fields []string
	switch object {
	case objectUser:
		fields = wantedUserFields(r.config, describe)
	case objectContentNote:
		api = "rest" // what Bulk API 2.0 gives of a note that is a file is documented nowhere
		fields = wantedNoteFields(object, describe)
	case objectNote:
		fields = wantedNoteFields(object, describe)
	default:
		fields = wantedFields(r.config, object, describe)
	}
	schema, err := org.Schema(ctx, describe, fields, identifierFields(r.config, object))
	if err != nil {
		return salesforce.Request{}, err
	}
	if object == objectAccount {
		err = lookupProblem(r.config, describe)
	}
	return salesforce.Request{
		Object: object, Fields: fieldNames(schema), Schema: schema, API: api, All: describe.Has(fieldIsDeleted),
		Progress: r.progress.meter(object),
	}, err
}

// extractObjects counts the rows of every object before it asks for the first row of any, so that a quota that does not
// reach for all of them is told before anything is spent.
func (r *run) extractObjects(ctx context.Context, org *salesforce.Client, requests []salesforce.Request, stage *extract.Stage) error {
	tables := make([]*extract.TableWriter, len(requests))
	extractions := make([]*salesforce.Extraction, len(requests))
	err := eachRequest(ctx, requests, func(ctx context.Context, i int) (err error) {
		if tables[i], err = stage.ResumeTable(sourceSalesforce, requests[i].Object, requests[i].Schema); err != nil {
			return err
		}
		extractions[i], err = org.Begin(ctx, requests[i], tables[i])
		return err
	})
	if err != nil {
		return err
	}
	if err := discardOrphans(ctx, org, stage, tables); err != nil {
		return err
	}
	if err := org.Forecast(extractions...); err != nil {
		return err
	}
	return eachRequest(ctx, requests, func(ctx context.Context, i int) error {
		query, err := extractions[i].Read(ctx)
		if err != nil {
			return err
		}
		return tables[i].CommitQuery(query)
	})
}

// eachRequest does something for all requests side by side. The first error ends the others.
func eachRequest(ctx context.Context, requests []salesforce.Request, do func(ctx context.Context, i int) error) error {
	work := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	for i := range requests {
		work.Go(func(ctx context.Context) error { return do(ctx, i) })
	}
	return work.Wait()
}

func (r *run) snapshotOptions() erp.Options {
	config := r.config.ERP
	required := []string{config.CustomerID, config.CustomerName}
	var identifiers []string
	for _, rule := range r.config.Link {
		identifiers = append(identifiers, rule.ERP)
	}
	for _, column := range config.Attributes {
		required = append(required, column)
	}
	required = slices.DeleteFunc(append(required, identifiers...), func(name string) bool { return name == "" })
	slices.Sort(required)
	meter := r.progress.meter("ERP")
	return erp.Options{
		Path: config.Source.Path, Format: config.Source.Format, Delimiter: config.Source.Delimiter, Encoding: config.Source.Encoding,
		Types: config.Types, Required: slices.Compact(required), Identifiers: append(identifiers, config.CustomerID),
		MaxAge: config.MaxAge, Settle: config.Settle, Now: r.options.Now(), AllowEmpty: r.config.Guards.AllowEmpty, Logger: r.options.Logger,
		FinalNewline: config.Source.FinalNewline, DecimalComma: config.Source.DecimalComma,
		Progress: func(rows int64) { meter(rows, 0) },
	}
}

func fieldNames(schema *arrow.Schema) []string {
	names := make([]string, 0, schema.NumFields())
	for _, field := range schema.Fields() {
		names = append(names, field.Name)
	}
	return names
}

func stageSize(stage *extract.Stage) (rows, bytes int64) {
	for _, table := range stage.Tables() {
		rows, bytes = rows+table.Rows, bytes+table.Bytes()
	}
	return rows, bytes
}

// identifierFields are the fields of object that a rule compares: they stay text whatever their type.
func identifierFields(config *Config, object string) map[string]bool {
	fields := map[string]bool{}
	for _, rule := range config.Link {
		if of, field, ok := strings.Cut(rule.Salesforce, "."); ok && of == object {
			fields[field] = true
		}
	}
	return fields
}
