package pipeline

import (
	"context"
	"os"
	"path/filepath"

	"crosswalk/extract"
	"crosswalk/extract/salesforce"
)

// searchStage is the stage of a search, in the folder that it works in.
const searchStage = "stage"

// clearSearches removes what dead searches left. Where one has jobs at Salesforce its journal stays, until a search comes
// that asks Salesforce anyway: see disposeSearches.
func clearSearches(base string) error {
	dead, err := worksIn(base)
	if err != nil {
		return err
	}
	for _, work := range dead {
		if err := clearSearch(work); err != nil {
			return &StorageError{Op: "clear", Path: base, Err: err}
		}
	}
	return nil
}

func clearSearch(work string) error {
	stage := filepath.Join(work, searchStage)
	journal, _ := extract.ReadJournal(stage) // nil where there is none, or none that can be read
	if journal == nil || len(journal.Jobs()) == 0 {
		return os.RemoveAll(work)
	}
	entries, err := os.ReadDir(work)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name() == searchStage {
			continue
		}
		if err := os.RemoveAll(filepath.Join(work, entry.Name())); err != nil {
			return err
		}
	}
	return extract.DropTables(stage)
}

// stageInTheMaking is where a search reads Salesforce into. Its journal knows the jobs, which nobody goes on with where the
// search fails or is killed.
func (d *discovery) stageInTheMaking(ctx context.Context, org *salesforce.Client) (*extract.Stage, error) {
	dir := filepath.Join(d.place, searchStage)
	if d.config.Salesforce.Source == "fixtures" {
		return extract.CreateStage(dir) // an org that ends with the process
	}
	who, err := org.Identity(ctx)
	if err != nil {
		return nil, err
	}
	origin := d.run.origin(who)
	if err := d.disposeSearches(ctx, org, origin); err != nil {
		return nil, err
	}
	return extract.BeginStage(dir, origin)
}

// disposeSearches aborts and deletes the jobs of dead searches, and removes their journals. Jobs of another org, or of
// another user, are not ours to delete.
func (d *discovery) disposeSearches(ctx context.Context, org *salesforce.Client, origin extract.Origin) error {
	searches, err := worksIn(filepath.Dir(d.place))
	if err != nil {
		return err
	}
	for _, work := range searches {
		if work == d.place {
			continue
		}
		journal, _ := extract.ReadJournal(filepath.Join(work, searchStage))
		if journal != nil && journal.Origin.Source == origin.Source {
			org.Discard(ctx, journal.Jobs())
		}
		if ctx.Err() != nil {
			return context.Cause(ctx) // it may not have come to all of them
		}
		if err := d.run.removeStage(work); err != nil {
			return err
		}
	}
	return nil
}
