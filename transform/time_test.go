package transform_test

import (
	"fmt"
	"testing"
	"time"
)

func TestTiming(t *testing.T) {
	t0 := time.Now()
	db := openDatabase(t, nil)
	fmt.Println("open", time.Since(t0))
	plan := parsePlan(t, "")
	stageCase(t, &plan, map[string]string{"customers.csv": "customer_id,customer_name\nA,b\n"})
	last := time.Now()
	name := "bind"
	_, err := db.Link(t.Context(), plan, func(s string) {
		fmt.Println(name, time.Since(last).Round(time.Millisecond))
		last = time.Now()
		name = s
	})
	fmt.Println(err, time.Since(t0))
}
