package pipeline

import (
	"slices"
	"strconv"
	"strings"
)

// barWidth is the width of a bar in its own units.
const barWidth = 1000

func barOf(name string, counts map[string]int64, statuses []string) bar {
	b := bar{Name: name, Total: counts["total"]}
	var told []string
	var before int64
	for _, status := range statuses {
		count := counts[status]
		if count <= 0 || b.Total <= 0 {
			continue
		}
		text := statusWords[status].Name + ": " + thousands(count) + " (" + percent(count, b.Total) + ")"
		told = append(told, text)
		b.Pieces = append(b.Pieces, piece{
			Class: statusClass(status), X: share1000(before, b.Total), Width: share1000(count, b.Total), Title: text,
		})
		before += count
	}
	b.Summary = name + ", " + thousands(b.Total) + " in all. " + strings.Join(told, ", ") + "."
	return b
}

func share1000(part, whole int64) string {
	return strconv.FormatFloat(barWidth*float64(part)/float64(whole), 'f', 2, 64)
}

// statusClass is the class that colours a status; one that the page does not know has none.
func statusClass(status string) string {
	if _, known := statusWords[status]; !known {
		return ""
	}
	return "s-" + strings.ReplaceAll(status, "_", "-")
}

func statusLines(accounting Accounting) []statusLine {
	var lines []statusLine
	customers, accounts := accounting.Customers["total"], accounting.Accounts["total"]
	for _, status := range customerStatuses {
		c, a := accounting.Customers[status], accounting.Accounts[status]
		lines = append(lines, statusLine{
			words: statusWords[status], Status: status, Class: statusClass(status), Customers: c, Accounts: a,
			CustomersOf: percent(c, customers), AccountsOf: percent(a, accounts),
		})
	}
	return lines
}

func contactLines(accounting Accounting) []statusLine {
	var lines []statusLine
	for _, status := range contactStatuses {
		count := accounting.Contacts[status]
		lines = append(lines, statusLine{words: statusWords[status], Status: status, Customers: count, CustomersOf: percent(count, accounting.Contacts["total"])})
	}
	return lines
}

// causeLines has a line for each cause that occurs, from the smallest to the greatest, and then those without words.
func causeLines(tallies []tally, examples map[string][]exception) []causeLine {
	counts, order := map[string]*causeLine{}, slices.Clone(causeOrder)
	for _, t := range tallies {
		if t.status != "near_miss" {
			continue
		}
		line := counts[t.reason]
		if line == nil {
			named := causeWords[t.reason]
			named.Name = nameOf(causeWords, t.reason)
			line = &causeLine{words: named, Cause: t.reason, Examples: examples[t.reason]}
			counts[t.reason] = line
		}
		if !slices.Contains(order, t.reason) {
			order = append(order, t.reason)
		}
		if t.side == "erp" {
			line.Customers += t.count
		} else {
			line.Accounts += t.count
		}
	}
	var lines []causeLine
	for _, cause := range order {
		if line := counts[cause]; line != nil {
			lines = append(lines, *line)
		}
	}
	return lines
}

// causesOf are the counts of the page as the manifest has them.
func causesOf(lines []causeLine) Causes {
	causes := Causes{Customers: map[string]int64{}, Accounts: map[string]int64{}}
	for _, line := range lines {
		if line.Customers > 0 {
			causes.Customers[line.Cause] = line.Customers
		}
		if line.Accounts > 0 {
			causes.Accounts[line.Cause] = line.Accounts
		}
	}
	return causes
}

func listOfExceptions(rows []exception, tallies []tally, file string) exceptionList {
	list := exceptionList{Rows: rows, File: file}
	for _, t := range tallies {
		list.Total += t.count
	}
	for _, side := range []string{"erp", "salesforce"} {
		if slices.ContainsFunc(rows, func(e exception) bool { return e.Side == side }) {
			list.Sides = append(list.Sides, choice{side, sideWords[side]})
		}
	}
	for _, status := range customerStatuses {
		if slices.ContainsFunc(rows, func(e exception) bool { return e.Status == status }) {
			list.Statuses = append(list.Statuses, choice{status, statusWords[status].Name})
		}
	}
	return list
}

func compared(now Manifest, before *Manifest) *since {
	counts := now.Previous
	s := &since{Date: longDate(before.RunDate)}
	for i, count := range []int64{counts.Linked, counts.Lost, counts.Moved, counts.Status, counts.New, counts.Gone} {
		s.Kinds = append(s.Kinds, changeLine{changeWords[changeOrder[i]], count})
		s.Total += count
	}
	for _, status := range customerStatuses {
		was, is := before.Accounting.Customers[status], now.Accounting.Customers[status]
		s.Statuses = append(s.Statuses, differenceLine{Name: statusWords[status].Name, Before: was, Now: is, Difference: signed(is - was)})
	}
	return s
}

func guardLines(guards []Guard) []guardLine {
	var lines []guardLine
	for _, guard := range guards {
		line := guardLine{Name: guard.Name, What: guardWords[guard.Name], Of: guard.Of, Outcome: "kept"}
		if guard.Tripped {
			line.Outcome = "not kept, published by force"
		}
		number := func(value float64) string { return strconv.FormatFloat(100*value, 'f', 2, 64) + "%" }
		if guard.Name == "allow_empty" || guard.Name == guardUnchanged {
			number = func(value float64) string { return thousands(int64(value)) }
		}
		line.Limit, line.Value = number(guard.Limit), number(guard.Value)
		lines = append(lines, line)
	}
	return lines
}
