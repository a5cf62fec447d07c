package main

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"crosswalk/sql"
)

// The link without near misses differs from the one with them by those statements alone, and by each of them.
func TestWithoutNearMisses(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(withoutNearMisses{sql.Files}, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	emptied := ""
	for _, name := range files {
		plain, err := fs.ReadFile(sql.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		without, err := fs.ReadFile(withoutNearMisses{sql.Files}, name)
		if err != nil {
			t.Fatal(err)
		}
		if string(without) == string(plain) {
			continue
		}
		if !strings.HasSuffix(string(without), "\n) LIMIT 0\n") || strings.Count(string(without), "CREATE TABLE")+strings.Count(string(without), "INSERT INTO") != 1 {
			t.Errorf("%s: no table without rows:\n%s", name, without)
		}
		emptied += name + "\n"
	}
	for _, name := range []string{"46_not_linked.sql", "47_open_record.sql", "48_near_key.sql", "50_facing_key.sql", "50_near_pair.sql", "53_other_place.sql", "56_typo.sql", "58_near_miss.sql", "59_explained.sql"} {
		if !strings.Contains(emptied, name) {
			t.Errorf("%s still looks for near misses", name)
		}
	}
	for _, name := range []string{"30_link", "45_cause", "60_customer_outcome", "75_exceptions"} {
		if strings.Contains(emptied, name) {
			t.Errorf("%s has nothing to do with near misses, and is emptied", name)
		}
	}
}

func TestNearLineIsReadBack(t *testing.T) {
	t.Parallel()
	var seconds, share float64
	var misses int64
	line := fmt.Sprintf(nearLine, 12.25, 0.125, 51)
	if _, err := fmt.Sscanf(line, nearLine, &seconds, &share, &misses); err != nil || seconds != 12.25 || share != 0.125 || misses != 51 {
		t.Errorf("%q: %v, %v, %v, %v", line, seconds, share, misses, err)
	}
}
