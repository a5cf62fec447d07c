package pipeline

import (
	"regexp"
	"time"
)

const dateLayout = "2006-01-02"

var datePattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// ResolveRunDate picks the run date: the flag, else CROSSWALK_RUN_DATE, else the day of AIRFLOW_CTX_LOGICAL_DATE, else
// today in UTC. A value that is no date of the form YYYY-MM-DD is a *UsageError.
func ResolveRunDate(flag string, lookupEnv func(string) (string, bool), now time.Time) (string, error) {
	if flag != "" {
		return checkDate("--run-date", flag)
	}
	if value, ok := lookupEnv("CROSSWALK_RUN_DATE"); ok && value != "" {
		return checkDate("CROSSWALK_RUN_DATE", value)
	}
	if value, ok := lookupEnv("AIRFLOW_CTX_LOGICAL_DATE"); ok && value != "" {
		moment, err := parseLogicalDate(value)
		if err != nil {
			return "", &UsageError{Problem: "AIRFLOW_CTX_LOGICAL_DATE: not an ISO 8601 date", Fix: "give the date with --run-date YYYY-MM-DD"}
		}
		return checkDate("AIRFLOW_CTX_LOGICAL_DATE", moment.UTC().Format(dateLayout))
	}
	return now.UTC().Format(dateLayout), nil
}

// parseLogicalDate reads what Airflow exports: an ISO 8601 moment, with or without a zone, or a bare date.
func parseLogicalDate(value string) (moment time.Time, err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999", "2006-01-02 15:04:05.999999-07:00", dateLayout} {
		if moment, err = time.Parse(layout, value); err == nil {
			return moment, nil
		}
	}
	return time.Time{}, err
}

func checkDate(name, value string) (string, error) {
	if datePattern.MatchString(value) {
		if day, err := time.Parse(dateLayout, value); err == nil && day.Year() >= 1 {
			return value, nil
		}
	}
	return "", &UsageError{Problem: name + ": not a date of the years 1 to 9999", Fix: "write it as YYYY-MM-DD, for example 2026-11-23"}
}

// datesBetween lists from to to, both included, oldest first.
func datesBetween(from, to string) ([]string, error) {
	first, err := checkDate("--from", from)
	if err != nil {
		return nil, err
	}
	last, err := checkDate("--to", to)
	if err != nil {
		return nil, err
	}
	if last < first {
		return nil, &UsageError{Problem: "--to " + to + " is before --from " + from, Fix: "swap the two dates"}
	}
	day, _ := time.Parse(dateLayout, first) // checked above
	end, _ := time.Parse(dateLayout, last)
	var dates []string
	for ; !day.After(end); day = day.AddDate(0, 0, 1) { // as text, 10000-01-01 would come before 9999-12-31
		dates = append(dates, day.Format(dateLayout))
	}
	return dates, nil
}
