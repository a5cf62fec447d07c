package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path/filepath"

	"crosswalk/load"

	"golang.org/x/sys/unix"
)

const reportFile = "report.html"

var (
	//go:embed report.html
	reportHTML string
	//go:embed report.css
	reportCSS string
	//go:embed report.js
	reportJS string

	reportTemplate = template.Must(template.New(reportFile).Funcs(template.FuncMap{
		"count": thousands, "counted": counted, "shown": func(text string) string { return shown(text, shownValue) },
		"long": func(n int) int64 { return int64(n) }, "printed": func() int { return printedExceptions },
		"link": func(id, address string) any { return struct{ ID, Link string }{id, address} },
	}).Parse(reportHTML))
)

// printedExceptions is how many rows of the table go on paper.
const printedExceptions = 60

// report writes report.html beside the data files and lists it among the outputs: what was published, in the words of
// those who have to act on it. Errors: *transform.Error where the records cannot be read, *StorageError where the page
// cannot be written.
func (r *run) report(ctx context.Context, from results) error {
	done := r.progress.step("report")
	page, err := r.page(ctx, from)
	if err != nil {
		return err
	}
	r.manifest.Causes = causesOf(page.Causes)
	text, err := page.render()
	if err != nil {
		return err
	}
	output, err := writeReport(r.staging, text)
	if err != nil {
		return err
	}
	r.manifest.Outputs = append(r.manifest.Outputs, output)
	r.finish(done, int64(len(page.List.Rows)), output.Bytes)
	return nil
}

// render makes the page. Its policy lets it run its own script, use its own style, and ask for nothing: no page that
// holds what a source wrote may do more.
func (p *reportPage) render() ([]byte, error) {
	p.Style, p.Script = template.CSS(reportCSS), template.JS(reportJS) //nolint:gosec // files of ours
	p.Policy = fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'", integrity(reportCSS), integrity(reportJS))
	var text bytes.Buffer
	if err := reportTemplate.Execute(&text, p); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return text.Bytes(), nil
}

// integrity is how a policy names a text. Source: https://www.w3.org/TR/CSP3/#grammardef-hash-source
func integrity(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// writeReport writes the page as the data files are: to be read by its owner and, as far as the umask lets it, the
// group. It is made durable with the rest of the publication.
func writeReport(directory string, text []byte) (load.Output, error) {
	path := filepath.Join(directory, reportFile)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|unix.O_NOFOLLOW, 0o640) //nolint:gosec // as the data files
	if err == nil {
		_, err = file.Write(text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return load.Output{}, load.Refused("write", path, int64(len(text)), err)
	}
	sum := sha256.Sum256(text)
	return load.Output{Name: reportFile, Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:]), Columns: []load.Column{}}, nil
}
