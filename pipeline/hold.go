package pipeline

import (
	"context"
	"fmt"
	"strings"

	"crosswalk/extract"
	"crosswalk/extract/erp"
	"crosswalk/extract/salesforce"
	"crosswalk/transform"

	"github.com/apache/arrow-go/v18/arrow"
)

// exitStage is that of a recorded stage which is refused.
const exitStage = 5

// hold refuses a recorded stage that a run by this configuration would not have recorded: one of another org, or with
// columns of other types.
func (r *run) hold(ctx context.Context, stage *recorded) error {
	if err := r.holdOrg(ctx, stage); err != nil {
		return err
	}
	accounts, err := stage.Table(sourceSalesforce, objectAccount)
	if err != nil {
		return err
	}
	if err := holdAccounts(r.config, relationOf(stage, accounts)); err != nil {
		return err
	}
	customers, err := stage.Table(sourceERP, tableCustomers)
	if err != nil {
		return err
	}
	return r.holdSnapshot(stage, customers)
}

// holdOrg holds whose rows they are against whose they are to be. The id of the org decides where the configuration has
// it, for an org may get another address.
func (r *run) holdOrg(ctx context.Context, stage *recorded) error {
	org, known := stage.Org()
	if !known {
		r.options.Logger.WarnContext(ctx, "stage of an older crosswalk: it does not say of which org it is, so nobody can tell whether that is the configured one",
			"run_date", r.date, "stage", stage.Directory())
		return nil
	}
	config := r.config.Salesforce
	problem := ""
	switch host := hostOf(config); {
	case org.Source != config.Source:
		problem = fmt.Sprintf("salesforce.source was %s, and is %s", org.Source, config.Source)
	case config.Source == "fixtures":
	case config.OrganizationID != "":
		if !sameOrganization(org.OrganizationID, config.OrganizationID) {
			problem = fmt.Sprintf("its rows are of org %s, and salesforce.organization_id is %s", orUnnamed(org.OrganizationID), config.OrganizationID)
		}
	case org.Host != host:
		problem = fmt.Sprintf("its rows are of %s, and salesforce.instance_url is at %s", org.Host, host)
	}
	if problem != "" {
		return &OtherOrgError{RunDate: r.date, Problem: problem}
	}
	return nil
}

// sameOrganization compares ids of 15 and of 18 characters.
func sameOrganization(a, b string) bool {
	const short = 15
	return len(a) >= short && len(b) >= short && a[:short] == b[:short]
}

// hostOf is host and port of the configured org, as they are written in only one way.
func hostOf(config SalesforceConfig) string {
	base, err := salesforce.CheckInstanceURL(config.InstanceURL, config.AllowedHosts)
	if err != nil {
		return config.InstanceURL // refused with the configuration
	}
	return base.Host
}

// holdAccounts holds the fields of the staged accounts against the rules and the lookups.
func holdAccounts(config *Config, staged transform.Relation) error {
	accounts, err := asConfigured(config, objectAccount, staged)
	if err != nil {
		return err
	}
	fields, _, err := recordedFields(accounts)
	if err != nil {
		return err
	}
	for _, lookup := range config.Contacts.Lookups {
		field := fields[stagedName(accounts, lookup)]
		if field.Type == "" || field.Type == "reference" && len(field.ReferenceTo) == 0 {
			continue // no rows, or of an older version, which did not say where a lookup leads
		}
		if err := leadsElsewhere(field); err != nil {
			return err
		}
	}
	for _, column := range accounts.Columns {
		field := fields[column.Name]
		isText, wanted := column.Type == arrow.BinaryTypes.String.String(), identifies(config, column.Name) || field.IsText()
		if field.Type == "" || isText == wanted {
			continue
		}
		problem := fmt.Sprintf("column %q is text in the stage, as an identifier is, and no rule compares it any more", column.Name)
		if wanted {
			problem = fmt.Sprintf("column %q is %s in the stage, and an identifier is text", column.Name, column.Type)
		}
		return &transform.PlanError{Subject: "accounts", Problem: problem, Code: exitStage}
	}
	return nil
}

func identifies(config *Config, field string) bool {
	for name := range identifierFields(config, objectAccount) {
		if strings.EqualFold(name, field) {
			return true
		}
	}
	return false
}

// holdSnapshot holds the columns of the staged customers against what the configuration says of the ERP's file.
func (r *run) holdSnapshot(stage *recorded, customers extract.Table) error {
	delimited := false
	if files := stage.Files(customers); len(files) > 0 {
		schema, err := partSchema(files[0])
		if err != nil {
			return &extract.StageError{Op: "check", Path: files[0], Err: err}
		}
		delimited = erp.IsDelimited(schema)
	}
	problem, err := erp.Differs(r.snapshotOptions(), customers.Columns, delimited)
	if err == nil && problem != "" {
		err = &transform.PlanError{Subject: "customers", Problem: problem, Code: exitStage}
	}
	return err
}
