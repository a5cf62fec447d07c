package pictures

import (
	"bytes"
	"errors"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/creack/pty"
)

// onTerminal runs a command on a terminal, where it prints in colour, and returns what it printed.
func (m *machine) onTerminal(arguments ...string) string {
	m.t.Helper()
	command := m.command(arguments...)
	terminal, err := pty.StartWithSize(command, &pty.Winsize{Rows: 60, Cols: 112})
	if err != nil {
		m.t.Fatal(err)
	}
	defer terminal.Close()
	var printed bytes.Buffer
	if _, err := io.Copy(&printed, terminal); err != nil && !errors.Is(err, syscall.EIO) { // EIO is how Linux says that the other side closed
		m.t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		m.t.Fatalf("crosswalk %s: %v\n%s", strings.Join(arguments, " "), err, printed.String())
	}
	return strings.ReplaceAll(printed.String(), "\r\n", "\n")
}

// picture is a command and what it prints, as a terminal shows it.
func (m *machine) picture(b *browser, name, command string) {
	m.t.Helper()
	printed := m.onTerminal(command)
	if !strings.Contains(printed, "\x1b[32m") {
		m.t.Errorf("no colour on a terminal:\n%s", printed)
	}
	page := filepath.Join(m.folder, name+".html")
	m.write(name+".html", terminalPage("crosswalk "+command, strings.TrimRight(m.discreet(printed), "\n")))
	b.do(chromedp.Navigate("file://"+page), chromedp.WaitVisible(chromedp.CSS("main")))
	b.must("pass", "sign_in")
	b.picture(name, "main")
}

// discreet names no folder of the machine on which the picture is taken.
func (m *machine) discreet(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, m.folder+string(os.PathSeparator), ""), m.folder, ".")
}

const terminalHead = `<!doctype html>
<meta charset="utf-8">
<title>terminal</title>
<style>
body { margin: 0; background: #fff }
main { display: inline-block; margin: 16px; padding: 18px 22px; background: #16202b; color: #e6edf3; border-radius: 10px;
  font: 13px/1.5 "DejaVu Sans Mono", "Liberation Mono", monospace; white-space: pre }
.c32 { color: #56d37f } .c31 { color: #ff7b72; font-weight: bold } .c33 { color: #e3b341 } .prompt { color: #8b98a5 }
</style>
<main><span class="prompt">$</span> `

// terminalPage shows text with the colours of a terminal as HTML.
func terminalPage(command, printed string) string {
	return terminalHead + html.EscapeString(command) + "\n" + coloured(printed) + "</main>\n"
}

var colour = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// coloured turns the codes for colours (ECMA-48, SGR) into spans; the last number of a code is the colour.
func coloured(text string) string {
	var out strings.Builder
	open := false
	for {
		at := colour.FindStringSubmatchIndex(text)
		if at == nil {
			break
		}
		out.WriteString(html.EscapeString(text[:at[0]]))
		numbers := strings.Split(text[at[2]:at[3]], ";")
		if open {
			out.WriteString("</span>")
		}
		last := numbers[len(numbers)-1]
		if open = last != "0" && last != ""; open {
			out.WriteString(`<span class="c` + last + `">`)
		}
		text = text[at[1]:]
	}
	out.WriteString(html.EscapeString(text))
	if open {
		out.WriteString("</span>")
	}
	return out.String()
}

func TestColoured(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want, why string }{
		{"a < b", "a &lt; b", "no colour"},
		{"\x1b[32mpass\x1b[0m x", `<span class="c32">pass</span> x`, "a colour and its end"},
		{"\x1b[1;31mfail\x1b[33m?", `<span class="c31">fail</span><span class="c33">?</span>`, "bold, and a colour that follows"},
	} {
		if got := coloured(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
