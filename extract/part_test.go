package extract_test

import (
	"os"
	"path/filepath"
	"testing"

	"crosswalk/extract"
)

// A table that its source does not have is told from one that nobody asked for, under the checksum of the list.
func TestAbsentTable(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	stage := stageOf(t, dir, []row{{id: "a"}})
	if err := stage.CommitAbsent("salesforce", "Note"); err != nil {
		t.Fatal(err)
	}
	if err := stage.Commit(); err != nil {
		t.Fatal(err)
	}
	opened, err := extract.OpenStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.Prove(t.Context()); err != nil {
		t.Error(err)
	}
	absent, err := opened.Table("salesforce", "Note")
	if err != nil || len(absent.Columns)+len(absent.Parts) > 0 || absent.Rows != 0 || absent.Query != nil || absent.Snapshot != nil {
		t.Errorf("the absent table is %+v (%v), want one without anything", absent, err)
	}
	if _, err := opened.Table("salesforce", "ContentNote"); err == nil {
		t.Error("a table that nobody asked for is there")
	}
}

// What a dead run left of a table that is not there any more goes.
func TestAbsentTableOfDeadRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "stage")
	dead, err := extract.BeginStage(dir, extract.Origin{RunID: "one"})
	if err != nil {
		t.Fatal(err)
	}
	table, err := dead.NewTable("salesforce", "Note", schema)
	if err != nil {
		t.Fatal(err)
	}
	part, err := table.NewPart(0)
	if err != nil {
		t.Fatal(err)
	}
	batch := batchOf(t, []row{{id: "a"}})
	defer batch.Release()
	if err := part.Write(batch); err != nil {
		t.Fatal(err)
	}
	if _, err := part.Close(); err != nil {
		t.Fatal(err)
	}
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	stage, err := extract.TakeUpStage(dir, "two")
	if err != nil {
		t.Fatal(err)
	}
	if err := stage.CommitAbsent("salesforce", "Note"); err != nil {
		t.Fatal(err)
	}
	if err := stage.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, "salesforce", "Note")); err != nil || len(left) > 0 {
		t.Errorf("left are %v (%v), want nothing", left, err)
	}
}
