package salesforce

// The parsers of single values. Each takes the text as Salesforce sends it in CSV, or between the quotes of JSON, and
// tells what is wrong with it without repeating it. They are written by hand because they run once for every value of
// every record: time.Parse takes ten times as long.

const (
	notABoolean   problem = "not a boolean: true or false expected"
	notADate      problem = "not a date: YYYY-MM-DD expected"
	notATimestamp problem = "not a date and time: YYYY-MM-DDThh:mm:ss.fffZ expected"
	notATime      problem = "not a time of day: hh:mm:ss.fffZ expected"
)

const (
	microsecond     = 1
	second          = 1e6 * microsecond
	minute          = 60 * second
	hour            = 60 * minute
	day             = 24 * hour
	maxSubsecond    = 6 // digits of a fraction of a second that microseconds hold
	unixDayOfYear1  = -719162
	unixDayOfYear10 = 2932897 // 10000-01-01, the first day that is too late
)

func parseBoolean(text []byte) (bool, problem) {
	switch string(text) {
	case "true":
		return true, ""
	case "false":
		return false, ""
	default:
		return false, notABoolean
	}
}

// parseDate gives days since 1970-01-01, of the years 0001 to 9999.
func parseDate(text []byte) (int32, problem) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, notADate
	}
	return calendarDay(text, notADate)
}

// calendarDay reads YYYY-MM-DD at the start of text, whose separators were checked.
func calendarDay(text []byte, otherwise problem) (int32, problem) {
	century, yearOfCentury := twoDigits(text[0:2]), twoDigits(text[2:4])
	month, dayOfMonth := twoDigits(text[5:7]), twoDigits(text[8:10])
	if century > 99 || yearOfCentury > 99 {
		return 0, otherwise
	}
	year := century*100 + yearOfCentury
	if year == 0 || month-1 > 11 || dayOfMonth-1 > daysIn(year, month)-1 {
		return 0, otherwise
	}
	return daysSince1970(year, month, dayOfMonth), ""
}

// twoDigits is above 99 where the two bytes are not digits.
func twoDigits(text []byte) uint32 {
	high, low := uint32(text[0]-'0'), uint32(text[1]-'0')
	if high > 9 || low > 9 {
		return 1000
	}
	return high*10 + low
}

func daysIn(year, month uint32) uint32 {
	if month != 2 {
		return 30 + (month+month>>3)&1
	}
	if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return 28
}

// daysSince1970 counts in years that start in March, so that the leap day is a year's last: the algorithm days_from_civil
// of Howard Hinnant, https://howardhinnant.github.io/date_algorithms.html.
func daysSince1970(year, month, dayOfMonth uint32) int32 {
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	yearOfEra := year % 400
	dayOfYear := (153*(month-3)+2)/5 + dayOfMonth - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int32(era*146097+dayOfEra) - 719468
}

// parseTimestamp gives microseconds since 1970-01-01 UTC. Bulk ends in Z, REST in +0000; +00:00 and other offsets are
// read too, and a fraction of up to six digits or none.
func parseTimestamp(text []byte) (int64, problem) {
	const head = len("2006-01-02T15:04:05")
	if len(text) <= head || text[4] != '-' || text[7] != '-' || text[10] != 'T' {
		return 0, notATimestamp
	}
	days, p := calendarDay(text, notATimestamp)
	if p != "" {
		return 0, p
	}
	clock, rest, ok := parseClock(text[11:])
	if !ok {
		return 0, notATimestamp
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, notATimestamp
	}
	instant := int64(days)*day + clock - offset
	if instant < unixDayOfYear1*day || instant >= unixDayOfYear10*day {
		return 0, notATimestamp
	}
	return instant, ""
}

// parseTime gives microseconds since midnight.
func parseTime(text []byte) (int64, problem) {
	clock, rest, ok := parseClock(text)
	if !ok || len(rest) > 1 || len(rest) == 1 && rest[0] != 'Z' {
		return 0, notATime
	}
	return clock, ""
}

// parseClock reads hh:mm:ss and a fraction, in microseconds, and returns what follows. There is no leap second.
func parseClock(text []byte) (clock int64, rest []byte, ok bool) {
	if len(text) < len("15:04:05") || text[2] != ':' || text[5] != ':' {
		return 0, nil, false
	}
	h, m, s := twoDigits(text[0:2]), twoDigits(text[3:5]), twoDigits(text[6:8])
	if h > 23 || m > 59 || s > 59 {
		return 0, nil, false
	}
	clock = int64(h)*hour + int64(m)*minute + int64(s)*second
	rest = text[8:]
	if len(rest) == 0 || rest[0] != '.' {
		return clock, rest, true
	}
	fraction, n := int64(0), 1
	for ; n < len(rest) && rest[n]-'0' <= 9; n++ {
		if n > maxSubsecond {
			return 0, nil, false
		}
		fraction = fraction*10 + int64(rest[n]-'0')
	}
	if n == 1 {
		return 0, nil, false
	}
	return clock + fraction*int64(tens[maxSubsecond+1-n]), rest[n:], true
}

// parseOffset reads Z, +hhmm or +hh:mm, in microseconds east of UTC.
func parseOffset(text []byte) (int64, bool) {
	if len(text) == 1 {
		return 0, text[0] == 'Z'
	}
	if len(text) == len("+00:00") && text[3] == ':' {
		text = []byte{text[0], text[1], text[2], text[4], text[5]}
	}
	if len(text) != len("+0000") || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	h, m := twoDigits(text[1:3]), twoDigits(text[3:5])
	if h > 23 || m > 59 {
		return 0, false
	}
	offset := int64(h)*hour + int64(m)*minute
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}
