package faults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The program under test, built once, and a folder for all that the cases share.
var program, shared string

func TestMain(m *testing.M) {
	if code, is := asTracer(os.Args); is {
		os.Exit(code)
	}
	if len(os.Args) == 4 && os.Args[1] == openerArgument {
		if err := openOften(context.Background(), os.Args[2], os.Args[3]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "crosswalk-faults-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		shared, program = dir, filepath.Join(dir, "crosswalk")
		build := exec.Command("go", "build", "-o", program, "crosswalk")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building crosswalk:", err)
			return 1
		}
		return m.Run()
	}())
}
