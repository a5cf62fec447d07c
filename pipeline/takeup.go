package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosswalk/extract"
	"crosswalk/extract/salesforce"
)

// takenUpWithin is how old a stage may be that a run goes on with: Salesforce keeps the results of a job for seven days
// (https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_bulkapi.htm),
// and the last hour is left to read them.
const takenUpWithin = 7*24*time.Hour - time.Hour

// deadStage is what a run left that ended before it published.
type deadStage struct {
	dir      string
	recorded bool // whole, at the place of its date
	journal  *extract.Journal
	damage   error // of the journal
}

// deadStages are those that dead runs left, the newest first.
func (r *run) deadStages() ([]deadStage, error) {
	entries, err := os.ReadDir(r.stagesDirectory())
	if err != nil {
		return nil, &StorageError{Op: "read", Path: r.stagesDirectory(), Err: err}
	}
	var dead []deadStage
	for _, entry := range entries {
		recorded := strings.HasPrefix(entry.Name(), partitionPrefix)
		if !recorded && !strings.HasPrefix(entry.Name(), incomingPrefix) {
			continue
		}
		dir := filepath.Join(r.stagesDirectory(), entry.Name())
		journal, err := extract.ReadJournal(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a stage whose run ended well
		}
		dead = append(dead, deadStage{dir: dir, recorded: recorded, journal: journal, damage: err})
	}
	slices.SortStableFunc(dead, func(a, b deadStage) int { return strings.Compare(b.lastRun(), a.lastRun()) })
	return dead, nil
}

func (d deadStage) lastRun() string {
	if d.journal == nil {
		return ""
	}
	return d.journal.LastRun
}

// stageInTheMaking is where the extract goes: on with what a dead run of this date left, where it is of the same org,
// user, API version and crosswalk, else from the beginning. What other dead runs left is removed, and their jobs at
// Salesforce with it.
func (r *run) stageInTheMaking(ctx context.Context, org *salesforce.Client, dir string) (*extract.Stage, error) {
	if r.config.Salesforce.Source == "fixtures" {
		stage, err := extract.CreateStage(dir) // an org that ends with the process
		if err != nil {
			return nil, err
		}
		stage.SetOrg(extract.Org{Source: r.config.Salesforce.Source})
		return stage, nil
	}
	who, err := org.Identity(ctx)
	if err != nil {
		return nil, err
	}
	origin := r.origin(who)
	dead, err := r.deadStages()
	if err != nil {
		return nil, err
	}
	var stage *extract.Stage
	for _, left := range dead {
		if stage == nil && r.isOurs(left, origin) {
			if stage, err = r.takeUp(ctx, left, dir); err != nil {
				return nil, err
			}
			continue
		}
		if err := r.dispose(ctx, org, left, origin); err != nil {
			return nil, errors.Join(err, closeStage(stage))
		}
	}
	if stage == nil {
		if stage, err = extract.BeginStage(dir, origin); err != nil {
			return nil, err
		}
	}
	stage.SetOrg(extract.Org{Source: r.config.Salesforce.Source, Host: hostOf(r.config.Salesforce), OrganizationID: who.OrganizationID})
	return stage, nil
}

func closeStage(stage *extract.Stage) error {
	if stage == nil {
		return nil
	}
	return stage.Close()
}

func (r *run) origin(who salesforce.Identity) extract.Origin {
	return extract.Origin{
		RunID: r.manifest.RunID, RunDate: r.date, ToolVersion: r.options.Version, BegunAt: r.manifest.StartedAt,
		Source: who.InstanceURL + " " + who.OrganizationID + " " + who.UserID, APIVersion: r.config.Salesforce.APIVersion,
	}
}

// isOurs tells whether this run may go on with what a dead one left.
func (r *run) isOurs(left deadStage, origin extract.Origin) bool {
	if r.options.Fresh || left.damage != nil {
		return false
	}
	found := left.journal.Origin
	age := origin.BegunAt.Sub(found.BegunAt)
	same := found.RunDate == origin.RunDate && found.Source == origin.Source && found.APIVersion == origin.APIVersion && found.ToolVersion == origin.ToolVersion
	return same && age >= 0 && age < takenUpWithin && !r.isPublished(left)
}

// isPublished tells whether the run that left a recorded stage died after it had published it.
func (r *run) isPublished(left deadStage) bool {
	manifest, err := readManifest(filepath.Join(r.config.Output.Directory, partitionPrefix+r.date))
	return left.recorded && err == nil && manifest.RunID == left.journal.LastRun
}

// takeUp makes what a dead run left the stage of this one. A recorded stage stays what it is until it is replaced. Which of
// its jobs are of use is known once the tables have begun: see discardOrphans.
func (r *run) takeUp(ctx context.Context, left deadStage, dir string) (*extract.Stage, error) {
	if left.recorded {
		if err := extract.LinkStage(left.dir, dir); err != nil {
			return nil, err
		}
	} else if err := os.Rename(left.dir, dir); err != nil {
		return nil, &StorageError{Op: "take up", Path: left.dir, Err: err}
	}
	stage, err := extract.TakeUpStage(dir, r.manifest.RunID)
	if err != nil {
		return nil, err
	}
	r.manifest.ResumedFrom = left.journal.LastRun
	objects := []string{}
	var rows, expected int64
	for _, name := range left.journal.Tables() {
		kept := left.journal.Kept(name)
		if kept.Asked == nil {
			continue
		}
		objects = append(objects, strings.TrimPrefix(name, sourceSalesforce+"/"))
		rows, expected = rows+kept.Rows(), expected+max(kept.Asked.Count, kept.Rows())
	}
	r.options.Logger.InfoContext(ctx, "run taken up", "run_id", left.journal.LastRun, "objects", objects, "rows_kept", rows, "rows_left", expected-rows)
	return stage, nil
}

// discardOrphans aborts and deletes the jobs of dead runs whose objects begin anew or are not asked for any more. Until
// then the journal names them, for another run where this one is killed.
func discardOrphans(ctx context.Context, org *salesforce.Client, stage *extract.Stage, tables []*extract.TableWriter) error {
	jobs, err := stage.Orphans(tables)
	if err == nil {
		org.Discard(ctx, jobs)
	}
	return err
}

// dispose removes what a dead run left and nobody goes on with. Jobs of another org, or of another user, are not ours to
// delete.
func (r *run) dispose(ctx context.Context, org *salesforce.Client, left deadStage, origin extract.Origin) error {
	if left.journal != nil && left.journal.Origin.Source == origin.Source {
		org.Discard(ctx, left.journal.Jobs())
	}
	if ctx.Err() != nil {
		return context.Cause(ctx) // it may not have come to all of them
	}
	if left.recorded {
		return extract.DropJournal(left.dir)
	}
	r.options.Logger.InfoContext(ctx, "unfinished stage of a dead run removed", "run_id", left.lastRun())
	return r.removeStage(left.dir)
}

func (r *run) removeStage(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return &StorageError{Op: "remove", Path: dir, Err: err}
	}
	return nil
}

// abandonStage is the end of an extract that failed. Where another run may succeed without anybody's help, what came of
// it stays for that one to go on with; else it goes, and so do its jobs.
func (r *run) abandonStage(ctx context.Context, org *salesforce.Client, stage *extract.Stage, why error) error {
	err := stage.Close()
	if err == nil && mayBeTakenUp(r.cause(ctx, why)) && r.config.Salesforce.Source != "fixtures" {
		return nil
	}
	discardJobs(ctx, org, stage)
	return errors.Join(err, r.removeStage(stage.Directory()))
}

// discardJobs aborts and deletes the jobs of a stage that nobody goes on with.
func discardJobs(ctx context.Context, org *salesforce.Client, stage *extract.Stage) {
	if journal, err := extract.ReadJournal(stage.Directory()); journal != nil && err == nil {
		org.Discard(ctx, journal.Jobs())
	}
}

// mayBeTakenUp tells an end that nobody has to mend anything after: a signal, the deadline, an outage.
func mayBeTakenUp(err error) bool {
	code := ExitCode(err)
	return code == 4 || interrupted(err)
}

// settle ends the recorded stage's life as one that another run goes on with, unless this one was stopped in the middle
// and nothing is wrong with what it recorded, or an outage ended it before it recorded anything.
func (r *run) settle(err error) error {
	var late *DeadlineError
	if r.options.Replay || interrupted(err) || errors.As(err, &late) || !r.extracted && mayBeTakenUp(err) {
		return nil
	}
	return extract.DropJournal(r.stageDirectory())
}
