package pictures

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var keep = flag.String("pictures", "", "folder to keep the pictures in; empty keeps none")

const (
	pageWidth  = 900
	pageHeight = 640
	sharpness  = 2 // device pixels a CSS pixel
)

// browser is a headless Chromium with one page.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	running, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	page, closePage := chromedp.NewContext(running)
	t.Cleanup(closePage)
	b := &browser{t: t, ctx: page}
	if err := chromedp.Do(page, chromedp.EmulateViewport(pageWidth, pageHeight, chromedp.EmulateScale(sharpness))); err != nil {
		t.Fatal(err)
	}
	return b
}

// chromium is the browser to drive.
func chromium(t *testing.T) string {
	t.Helper()
	if chosen := os.Getenv("CHROME"); chosen != "" {
		return chosen
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no browser: run docs/pictures/install-browser, or name one in CHROME")
	return ""
}

// do does the steps, within the patience of a test.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		shown, _ := chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body"))) // what there is to say is in err
		b.t.Fatalf("%v; the page shows:\n%s", err, shown)
	}
}

// ask returns what an action finds out.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	found, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return found
}

// read is the text of the page, as a person sees it.
func (b *browser) read() string { b.t.Helper(); return ask(b, chromedp.Text(chromedp.CSS("main"))) }

// must fails where the page does not say all of this.
func (b *browser) must(texts ...string) {
	b.t.Helper()
	shown := b.read()
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			b.t.Errorf("the page has no %q:\n%s", text, shown)
		}
	}
}

// endedAt waits until the browser is at an address like this, whether or not anybody answers there, and returns it.
func (b *browser) endedAt(pattern string) string {
	b.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		history, err := chromedp.Run(b.ctx, chromedp.NavigationEntries())
		if err != nil {
			continue // between two pages there is none
		}
		if at := history.Entries[history.CurrentIndex].URL; wanted.MatchString(at) {
			return at
		}
	}
	b.t.Fatalf("the browser never came to %s", pattern)
	return ""
}

// picture looks at the page, or at a part of it, and keeps what it sees where that is wanted.
func (b *browser) picture(name, part string) {
	b.t.Helper()
	look := chromedp.CaptureScreenshot()
	if part != "" {
		look = chromedp.ScreenshotScale(chromedp.CSS(part), 1)
	}
	png := ask(b, look)
	if len(png) < 5_000 {
		b.t.Errorf("%s: a picture of %d bytes shows nothing", name, len(png))
	}
	if *keep == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*keep, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
