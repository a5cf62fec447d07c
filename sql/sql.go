// Package sql holds the statements that say what the link is: one statement a file, executed by transform in the
// order of their numbers. Reading this folder is reviewing the business rules.
//
//	*.sql             the link, in the SQL that DuckDB and Spark share
//	dialect/*.sql     what engines write differently: lists and expressions; numbered with the others
//	keys/*.sql        the steps from an identifier to its key, as macros of DuckDB
//	parameters/*.sql  the small tables that take the configured rules and values
//	discover/*.sql    the search for the identifier that both sides carry; not part of the link
//	explain/*.sql     the questions to a publication about one record; not part of the link
//	guards/*.sql      the questions which records a tripped guard is about; not part of the link
package sql

import "embed"

// Files are all statements, for transform.Options.
//
//go:embed *.sql dialect/*.sql keys/*.sql parameters/*.sql
var Files embed.FS

// Discovery are the statements that look for the identifier, for transform.DB.Discover.
//
//go:embed discover/*.sql
var Discovery embed.FS

// Explanation are the questions about one record, for transform.DB.OpenPublication.
//
//go:embed explain/*.sql
var Explanation embed.FS

// Guards are the questions which records a guard is about, for transform.DB.RecordsOf.
//
//go:embed guards/*.sql
var Guards embed.FS
