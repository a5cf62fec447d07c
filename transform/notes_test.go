package transform_test

import (
	"errors"
	"strings"
	"testing"

	"crosswalk/transform"
)

// A stage that has a note's privacy as something else than a flag is refused: it is not "not private".
func TestNotePrivacyOfAnotherType(t *testing.T) {
	t.Parallel()
	plan := parsePlan(t, "notes\n")
	stageCase(t, &plan, map[string]string{"notes.csv": "Id,ParentId,IsPrivate\n002A,001A,true\n"})
	for i := range plan.Notes.Columns {
		if plan.Notes.Columns[i].Name == "IsPrivate" {
			plan.Notes.Columns[i].Type = "utf8"
		}
	}
	_, err := openDatabase(t, nil).Link(t.Context(), plan, nil)
	var refused *transform.PlanError
	if !errors.As(err, &refused) || refused.ExitCode() != 5 || !strings.Contains(err.Error(), `"IsPrivate"`) {
		t.Errorf("ended with %v, want a *PlanError of exit code 5 that names IsPrivate", err)
	}
}
