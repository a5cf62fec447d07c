// Package faults is the proof that crosswalk survives what goes wrong.
//
// It has tests only. Each case runs the program itself as a process, with its own configuration, its own simulated org
// behind real HTTP, its own state and output, and canaries planted where secrets and personal data are. A first good
// publication stands; then the fault strikes a run of the next date; then a clean run of the same date follows. After
// each the invariants are held against what is there:
//
//	I1  exit code 0 exactly when a new, complete publication is visible; else the code of the right class
//	I2  the newest publication verifies, by crosswalk verify and by the harness itself
//	I3  after a failed run the publications are byte-identical
//	I4  a reader that polls all the while never saw a manifest that did not verify
//	I5  the clean run publishes what a run without faults publishes, byte for byte
//	I6  no canary anywhere but where it belongs: not in output, logs, errors, manifests, records
//	I7  no process, lock or staging folder is left
//	I8  the counts close: announced, received, staged, accounted for
//	I9  the token file is closed to others, whole, and holds the newest refresh token
//
// Beside the catalogue, TestSchedules plays random mixes of faults, and TestSilentLosses changes one row, value, page or count
// after the other on the way to the published file and names what caught it.
//
// `make faults` runs them all and ends with "faults survived N of N"; `go test ./pipeline/faults -run
// '^TestFault/F017$'` runs one. A case that does not hold is not taken out: it fails and says why.
package faults
