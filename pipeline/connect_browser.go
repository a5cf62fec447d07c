package pipeline

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"crosswalk/extract/salesforce"
)

// invite tells the address, and opens a browser at it where there is one. A browser that does not open is no error: the
// address stands there.
func invite(ctx context.Context, address string, secret salesforce.Secret, options ConnectOptions) error {
	command := browserCommand(runtime.GOOS, options.LookupEnv, address)
	opened := len(command) > 0 && openBrowser(command, secret) == nil
	if !opened && len(command) > 0 {
		options.Logger.WarnContext(ctx, "browser not opened", "command", command[0])
	}
	text := "sign in to Salesforce in a browser on this machine:\n\n  %s\n\nwaiting for it to come back; where the browser is on another machine, stop and use --no-browser\n"
	if opened {
		text = "a browser opens for you to sign in to Salesforce; if it does not, go to:\n\n  %s\n\nwaiting for it to come back\n"
	}
	_, err := fmt.Fprintf(options.Notes, text, address)
	return err
}

// browserCommand is what opens an address in a browser, or nothing on a machine without a display. BROWSER names one, or
// several with colons between; %s in it stands for the address.
func browserCommand(system string, lookupEnv func(string) (string, bool), address string) []string {
	set := func(name string) bool { value, _ := lookupEnv(name); return value != "" }
	if chosen, _ := lookupEnv("BROWSER"); chosen != "" {
		first, _, _ := strings.Cut(chosen, ":")
		command := strings.Fields(first)
		for i, word := range command {
			command[i] = strings.ReplaceAll(word, "%s", address)
		}
		if !strings.Contains(first, "%s") && len(command) > 0 {
			command = append(command, address)
		}
		return command
	}
	switch {
	case system == "darwin" && !set("SSH_CONNECTION"):
		return []string{"open", address}
	case system != "darwin" && (set("DISPLAY") || set("WAYLAND_DISPLAY")):
		return []string{"xdg-open", address}
	}
	return nil
}

// openBrowser starts a program that outlives this one, and that sees none of our secrets in its environment: neither by
// their names nor, as the configuration may take the secret from a variable of any name, by what they hold.
func openBrowser(command []string, secret salesforce.Secret) error {
	program := exec.Command(command[0], command[1:]...) //nolint:gosec,noctx // the person's own choice; it stays when we end
	program.Env = slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return strings.HasPrefix(pair, "CROSSWALK_") || strings.HasPrefix(pair, "SALESFORCE_") || strings.HasPrefix(pair, "AIRFLOW_") ||
			secret != "" && strings.Contains(pair, secret.Reveal())
	})
	program.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // Ctrl-C here is not for it
	if err := program.Start(); err != nil {
		return err
	}
	return program.Process.Release()
}
