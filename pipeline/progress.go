package pipeline

import (
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress tells how far the run is: bars on a terminal, else one log line a stage. Its methods are safe for
// concurrent use.
type progress struct {
	logger *slog.Logger
	bars   *mpb.Progress // nil where there is no terminal

	mutex  sync.Mutex
	meters map[string]*mpb.Bar
	doing  string
}

func newProgress(logger *slog.Logger, terminal io.Writer) *progress {
	p := &progress{logger: logger, meters: map[string]*mpb.Bar{}}
	if terminal != nil {
		p.bars = mpb.New(mpb.WithOutput(terminal), mpb.WithWidth(40), mpb.WithRefreshRate(120*time.Millisecond))
	}
	return p
}

// step starts a stage; the function that it returns ends it with what passed through.
func (p *progress) step(name string) func(rows, bytes int64) Step {
	started := time.Now()
	p.logger.Debug("stage started", "stage", name)
	bar := p.spinner(name)
	return func(rows, bytes int64) Step {
		seconds := time.Since(started).Seconds()
		if bar != nil {
			bar.SetTotal(-1, true)
			p.finishMeters()
		} else {
			p.logger.Info("stage done", "stage", name, "rows", rows, "bytes", bytes, "duration_seconds", round(seconds))
		}
		return Step{Name: name, Seconds: round(seconds), Rows: rows, Bytes: bytes}
	}
}

// meter follows the rows of one source; a total of zero is one not known.
func (p *progress) meter(name string) func(rows, total int64) {
	return func(rows, total int64) {
		if p.bars == nil {
			return
		}
		p.mutex.Lock()
		defer p.mutex.Unlock()
		bar, ok := p.meters[name]
		if !ok {
			bar = p.bars.AddBar(0,
				mpb.PrependDecorators(decor.Name("  "+name, decor.WC{W: 12, C: decor.DindentRight})),
				mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return fmt.Sprintf("%s rows", thousands(s.Current)) })),
			)
			p.meters[name] = bar
		}
		if total > 0 {
			bar.SetTotal(total, false)
		}
		bar.SetCurrent(rows)
	}
}

// statement names what the link does just now.
func (p *progress) statement(name string) {
	p.logger.Debug("statement", "file", name)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.doing = name
}

func (p *progress) spinner(name string) *mpb.Bar {
	if p.bars == nil {
		return nil
	}
	return p.bars.New(0, mpb.SpinnerStyle().PositionLeft(),
		mpb.PrependDecorators(decor.Name(name, decor.WC{W: 12, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)),
		mpb.BarFillerClearOnComplete(),
	)
}

func (p *progress) finishMeters() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for name, bar := range p.meters {
		bar.SetTotal(-1, true)
		delete(p.meters, name)
	}
}

// stop ends the bars where they are and waits until the terminal is left alone.
func (p *progress) stop() {
	if p.bars == nil {
		return
	}
	p.bars.Shutdown()
}

func round(seconds float64) float64 { return float64(int64(seconds*1000+0.5)) / 1000 }

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
