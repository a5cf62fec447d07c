package pipeline

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"crosswalk/load"
)

// shownHistory is how many publications the line goes back: half a year of nights.
const shownHistory = 183

// night is one publication in the history: its counts, and where it stands in the picture.
type night struct {
	Date           string
	Total, Linked  int64
	X, Y           string
	Rate, LongDate string
}

// history is the match rate over the publications that are kept, oldest first, the one being made last. Unread are
// publications whose manifest cannot be read.
type history struct {
	Nights []night
	Line   string // points of the line
	Marks  []mark
	Lifted bool // the scale does not begin at zero
	Unread int
}

// mark is a line of the scale.
type mark struct{ Y, Text string }

// The picture of the history, in its own units.
const (
	chartLeft, chartRight = 52.0, 708.0
	chartTop, chartBottom = 16.0, 168.0
	chartMarks            = 4
)

// readHistory reads what the publications before date say of themselves. One that is damaged is counted; one that the
// system does not let be read is an error, for equal inputs would give another page.
func readHistory(output, date string, now Accounting) (history, error) {
	names, err := load.Partitions(output)
	if err != nil {
		return history{}, err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name >= partitionPrefix+date })
	var h history
	for _, name := range names[max(0, len(names)-shownHistory+1):] {
		manifest, err := readManifest(filepath.Join(output, name))
		if refusedBySystem(err) {
			return history{}, &StorageError{Op: "read", Path: filepath.Join(output, name, manifestFile), Err: err}
		}
		if err != nil || !h.add(strings.TrimPrefix(name, partitionPrefix), manifest.Accounting) {
			h.Unread++
		}
	}
	h.add(date, now)
	h.draw()
	return h, nil
}

// add takes a publication in, unless its counts cannot be true.
func (h *history) add(date string, accounting Accounting) bool {
	total, linked := accounting.Customers["total"], linkedCustomers(accounting)
	if linked < 0 || total < linked {
		return false
	}
	h.Nights = append(h.Nights, night{Date: date, LongDate: longDate(date), Total: total, Linked: linked, Rate: percent(linked, total)})
	return true
}

// draw places each night by its date and its rate. The scale holds all rates, and says where it begins.
func (h *history) draw() {
	if len(h.Nights) == 0 {
		return
	}
	low, high := h.scale()
	h.Lifted = low > 0
	first, last := dayOf(h.Nights[0].Date), dayOf(h.Nights[len(h.Nights)-1].Date)
	var line []string
	for i := range h.Nights {
		n := &h.Nights[i]
		x := (chartLeft + chartRight) / 2
		if last > first {
			x = chartLeft + (chartRight-chartLeft)*(dayOf(n.Date)-first)/(last-first)
		}
		n.X, n.Y = place(x), place(height(rateOf(*n), low, high))
		line = append(line, n.X+","+n.Y)
	}
	h.Line = strings.Join(line, " ")
	for i := range chartMarks + 1 {
		rate := low + (high-low)*float64(i)/chartMarks
		h.Marks = append(h.Marks, mark{Y: place(height(rate, low, high)), Text: fmt.Sprintf("%.4g%%", 100*rate)})
	}
}

// scale is in steps of a tenth, and at least one wide.
func (h *history) scale() (low, high float64) {
	lowest, highest := 9, 1 // in tenths
	for _, n := range h.Nights {
		tenths := int(10 * rateOf(n))
		lowest, highest = min(lowest, tenths), max(highest, tenths+1)
	}
	return float64(lowest) / 10, float64(min(highest, 10)) / 10
}

// First and Last are the ends of the line.
func (h *history) First() night { return h.Nights[0] }

// Last is the publication being made.
func (h *history) Last() night { return h.Nights[len(h.Nights)-1] }

// Before is the publication before this one, nil where there is none.
func (h *history) Before() *night {
	if len(h.Nights) < 2 {
		return nil
	}
	return &h.Nights[len(h.Nights)-2]
}

// trend tells in a sentence how the rate moved since the publication before, in points of percent.
func (h *history) trend() string {
	before := h.Before()
	if before == nil {
		return "This is the first publication, so there is nothing to compare it with."
	}
	last := h.Last()
	counts := fmt.Sprintf(" It was %s on %s, with %s of %s linked.", before.Rate, before.LongDate, thousands(before.Linked), counted(before.Total, "customer", "customers"))
	switch points := 100 * (rateOf(last) - rateOf(*before)); {
	case points >= 0.05:
		return fmt.Sprintf("Up by %.1f points.", points) + counts
	case points <= -0.05:
		return fmt.Sprintf("Down by %.1f points.", -points) + counts
	default:
		return "As before." + counts
	}
}

func rateOf(n night) float64 {
	if n.Total == 0 {
		return 0
	}
	return float64(n.Linked) / float64(n.Total)
}

func height(rate, low, high float64) float64 {
	return chartBottom - (chartBottom-chartTop)*(rate-low)/(high-low)
}

// dayOf numbers the days, so that a night that is missing leaves a gap.
func dayOf(date string) float64 {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return float64(day.Unix() / (24 * 3600))
}

// place is a coordinate, equal on every machine.
func place(at float64) string { return fmt.Sprintf("%.1f", at) }
