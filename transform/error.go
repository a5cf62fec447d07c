package transform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	duckdb "github.com/duckdb/duckdb-go/v2"
)

// Error is a statement that DuckDB refused or could not finish. Statement names the file, such as "30_links.sql", or
// what was being done. Records never show in its text.
type Error struct {
	Statement string
	Err       error
}

// Error names the statement and what DuckDB said, as far as that cannot hold a record.
func (e *Error) Error() string {
	var engine *duckdb.Error
	if !errors.As(e.Err, &engine) {
		return fmt.Sprintf("sql %s: %v", e.Statement, e.Err)
	}
	if mayQuoteRecords(engine.Type) {
		return fmt.Sprintf("sql %s: %s", e.Statement, strings.TrimSuffix(className(engine.Msg)+": "+deviceProblem(engine.Msg), ": "))
	}
	message, _, _ := strings.Cut(engine.Msg, "\n")
	return fmt.Sprintf("sql %s: %s", e.Statement, message)
}

// Unwrap gives the driver's error.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what to change where memory or disk ran out.
func (e *Error) Hint() string {
	switch text := e.Err.Error(); {
	case outOfDisk(text):
		return "free disk space at limits.temp_directory, or point it to a larger disk"
	case outOfMemory(text):
		return "raise limits.memory, or give limits.temp_directory a disk with more room"
	case e.ExitCode() == exitStorage:
		return "check that the folder of limits.temp_directory and the stage can be read and written"
	default:
		return "this is a bug in a statement, not in the data: please report it with the name of the statement"
	}
}

const (
	exitBug     = 1
	exitConfig  = 2
	exitSource  = 4
	exitInput   = 5
	exitStorage = 8
)

// ExitCode is 8 where memory, disk or a file failed, and 1 where the statement did.
func (e *Error) ExitCode() int {
	var engine *duckdb.Error
	if e.OfMachine() {
		return exitStorage
	}
	if errors.As(e.Err, &engine) && engine.Type == duckdb.ErrorTypeIO {
		return exitStorage
	}
	return exitBug
}

// OfMachine tells memory, disk or a device that gave out from a statement or a file that is wrong.
func (e *Error) OfMachine() bool {
	text := e.Err.Error()
	return outOfMemory(text) || outOfDisk(text) || deviceProblem(text) != ""
}

func outOfMemory(text string) bool {
	return strings.Contains(text, "Out of Memory") || strings.Contains(text, "could not allocate")
}

func outOfDisk(text string) bool {
	return strings.Contains(text, "No space left") || strings.Contains(text, "max_temp_directory_size") ||
		strings.Contains(text, "failed to offload data block")
}

// deviceProblem is what the system said of a file or its device, where an error rests on that; else "". DuckDB tells of
// a write to its own database that failed as a fatal error, and of every statement after it that the database is no
// longer valid, with the first error behind it.
func deviceProblem(text string) string {
	for _, problem := range []string{
		"Input/output error", "No space left on device", "Disk quota exceeded", "Read-only file system", "File too large",
		"Too many open files", "Stale file handle", "fsync failed", "Could not write", "Could not sync", "Could not truncate",
	} {
		if !strings.Contains(text, problem) {
			continue
		}
		if problem == "fsync failed" { // DuckDB says this of EIO alone
			problem += ": input/output error"
		}
		return strings.ToLower(problem)
	}
	return ""
}

// mayQuoteRecords lists the classes of error whose text repeats the value that caused them. The others speak of
// statements, files and limits.
func mayQuoteRecords(class duckdb.ErrorType) bool {
	switch class {
	case duckdb.ErrorTypeCatalog, duckdb.ErrorTypeBinder, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax,
		duckdb.ErrorTypeIO, duckdb.ErrorTypeOutOfMemory, duckdb.ErrorTypePermission, duckdb.ErrorTypeNotImplemented,
		duckdb.ErrorTypeInterrupt, duckdb.ErrorTypeSettings:
		return false
	default:
		return true
	}
}

// className is DuckDB's name for the class of an error, which stands before the first colon of its text.
func className(message string) string {
	class, _, found := strings.Cut(message, ":")
	if !found || len(class) > 40 {
		return "error"
	}
	return strings.ToLower(class)
}

// statementError gives an error its statement. A cancelled context is told as such, with its cause.
func statementError(ctx context.Context, statement string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("sql %s: %w", statement, context.Cause(ctx))
	}
	return &Error{Statement: statement, Err: err}
}

// PlanError is a plan that cannot be carried out: a column that the stage lacks, a step that does not exist.
type PlanError struct {
	Subject string
	Problem string
	Fix     string // in place of the hint that goes with the code
	Code    int
}

// Error names the subject and the problem.
func (e *PlanError) Error() string { return fmt.Sprintf("link plan: %s: %s", e.Subject, e.Problem) }

// Hint says where to look.
func (e *PlanError) Hint() string {
	switch {
	case e.Fix != "":
		return e.Fix
	case e.Code == exitInput:
		return "the stage was recorded with other fields than the configuration names: run without --replay, or restore the configuration of that date"
	}
	return "correct the link section of the configuration"
}

// ExitCode is 2 for the configuration and 5 for a stage that lacks a column.
func (e *PlanError) ExitCode() int { return e.Code }

// CheckError is a proof that did not hold: Problem names it, Records counts the records against it.
type CheckError struct {
	Check   string
	Problem string
	Records int64
	Code    int
}

// Error names the problem and the number of records.
func (e *CheckError) Error() string {
	return fmt.Sprintf("check %s: %s: %d", e.Check, e.Problem, e.Records)
}

// Hint says whom the failed proof accuses.
func (e *CheckError) Hint() string {
	switch {
	case e.Code == exitSource && strings.Contains(e.Problem, "without an id"):
		return "Salesforce sent records without their Id, which every record has: run again, with salesforce.api set to the other API if it stays"
	case e.Code == exitSource:
		return "Salesforce sent records twice: run again, with salesforce.api set to the other API if it stays"
	}
	return "the accounting of the link does not close: please report it; nothing was published"
}

// ExitCode is 4 where Salesforce sent records twice and 1 where the link contradicts itself.
func (e *CheckError) ExitCode() int { return e.Code }
