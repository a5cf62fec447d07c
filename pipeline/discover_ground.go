package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"crosswalk/extract"
	"crosswalk/extract/erp"
	"crosswalk/extract/salesforce"
	"crosswalk/transform"

	"github.com/sourcegraph/conc/pool"
)

// ground is what a search goes over: a stage, and what is known of the fields in it.
type ground struct {
	stage     *recorded
	runDate   string // of a recorded stage; empty for one of the moment
	accounts  transform.Relation
	customers transform.Relation
	fields    map[string]salesforce.Field
	described bool // fields have their lengths and flags
}

func (g *ground) holdsRecordIDs(field string) bool {
	kind := g.fields[field].Type
	return kind == "id" || kind == "reference" || strings.EqualFold(field, "Id")
}

// ground is the recorded stage of the date, or a stage of every field that is read now.
func (d *discovery) ground(ctx context.Context) (*ground, error) {
	date := d.options.RunDate
	if date == "" && !d.options.AllFields {
		date = newestStage(d.run.stagesDirectory())
	}
	if date == "" {
		return d.extract(ctx)
	}
	stage, err := extract.OpenStage(filepath.Join(d.run.stagesDirectory(), partitionPrefix+date))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UsageError{Problem: "--run-date " + date + ": no stage was recorded", Fix: "leave --run-date out for the newest one, or search every field with --all-fields"}
	}
	if err != nil {
		return nil, err
	}
	if err := stage.Prove(ctx); err != nil {
		return nil, err
	}
	g := &ground{stage: &recorded{Stage: stage}, runDate: date}
	if err := g.relate(); err != nil {
		return nil, err
	}
	return g, g.recall()
}

// newestStage is the date of the newest recorded stage, empty where there is none.
func newestStage(dir string) string {
	dates, err := datesIn(dir)
	if err != nil || len(dates) == 0 {
		return ""
	}
	return dates[len(dates)-1]
}

func (g *ground) relate() error {
	for _, want := range []struct {
		source, name string
		relation     *transform.Relation
	}{{sourceSalesforce, objectAccount, &g.accounts}, {sourceERP, tableCustomers, &g.customers}} {
		table, err := g.stage.Table(want.source, want.name)
		if err != nil {
			return err
		}
		*want.relation = relationOf(g.stage, table)
	}
	return nil
}

// recall reads from the stage what the describe said of its fields.
func (g *ground) recall() (err error) {
	g.fields, g.described, err = recordedFields(g.accounts)
	return err
}

// extract reads every field of Account that can be discovered, and the snapshot with every column as text, into a stage
// of its own.
func (d *discovery) extract(ctx context.Context) (found *ground, err error) {
	done := d.run.progress.step("extract")
	if err := erp.Check(ctx, d.snapshotOptions()); err != nil {
		return nil, err
	}
	org, closeOrg, err := openOrg(ctx, d.config, d.options.Version, d.options.Logger)
	if err != nil {
		return nil, err
	}
	defer closeOrg()
	stage, err := d.stageInTheMaking(ctx, org)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err = errors.Join(err, stage.Close()); err != nil {
			discardJobs(ctx, org, stage)
		}
	}()
	describe, err := org.Describe(ctx, objectAccount)
	if err != nil {
		return nil, err
	}
	g := &ground{stage: &recorded{Stage: stage}, fields: map[string]salesforce.Field{}, described: true}
	var names []string
	for _, field := range describe.Fields {
		if isDiscoverable(field) {
			names, g.fields[field.Name] = append(names, field.Name), field
		}
	}
	schema, err := org.Schema(ctx, describe, names, nil)
	if err != nil {
		return nil, err
	}
	work := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	work.Go(func(ctx context.Context) error {
		_, err := erp.Read(ctx, d.snapshotOptions(), stage)
		return err
	})
	work.Go(func(ctx context.Context) error {
		return d.run.extractObjects(ctx, org, []salesforce.Request{{
			Object: objectAccount, Fields: names, Schema: schema, API: d.config.Salesforce.API, Progress: d.run.progress.meter(objectAccount),
		}}, stage)
	})
	if err := work.Wait(); err != nil {
		return nil, err
	}
	rows, bytes := stageSize(stage)
	done(rows, bytes)
	return g, g.relate()
}

// snapshotOptions read the snapshot as a run does, but want no column that a rule names, which may be the mistake.
func (d *discovery) snapshotOptions() erp.Options {
	options := d.run.snapshotOptions()
	options.Required, options.Identifiers, options.Types = []string{d.config.ERP.CustomerID}, []string{d.config.ERP.CustomerID}, nil
	options.MaxAge = 0 // an old snapshot tells as well where its identifiers stand
	return options
}

// longestIdentifier is the longest text field that is searched, in characters: more is a text area, or a formula that
// puts sentences together.
const longestIdentifier = 255

// isDiscoverable tells a field of text, number, id or reference, formula or not, from what is no identifier whatever it
// holds. Formulas of text are described with a length of 1,300.
func isDiscoverable(field salesforce.Field) bool {
	switch field.Type {
	case "id", "reference", "phone", "url", "email", "picklist", "combobox", "encryptedstring", "double", "int", "long", "currency", "percent":
		return true
	case "string", "textarea":
		return field.Length <= longestIdentifier || field.Calculated
	}
	return false
}

// name is how the search tells what it went over.
func (g *ground) name() string {
	if g.runDate == "" {
		return "every field of Account, read just now"
	}
	return fmt.Sprintf("the recorded stage of %s", g.runDate)
}
