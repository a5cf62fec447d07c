package salesforce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
)

const resultPages = "resultPages"

var errNoResultPages = errors.New("the server does not list result pages")

// listing is one answer of /resultPages: five pages at most.
type listing struct {
	pages []url.Values
	next  string // locator of the next listing, empty at the end
	name  string // how the server spells the place of the next listing: the documentation does it in two ways
}

// readListed hands the pages to the crew as they are listed.
func (j *job) readListed(ctx context.Context, list listing) error {
	crew, ctx := newCrew(ctx, j.op("results"), j.object, j.client.options.Workers)
	seen := map[string]bool{}
	for index := 0; ; {
		for _, query := range list.pages {
			place := page{index: index, query: query}
			if key := query.Encode(); seen[key] {
				crew.fail(j.incomplete("PAGE_REPEATED", "result page %d is listed twice", index+1))
			} else {
				seen[key] = true
			}
			if _, kept, err := j.keptPage(place); err != nil {
				crew.fail(err)
			} else if !kept {
				crew.work(func(ctx context.Context) error { return j.read(ctx, place) })
			}
			index++
		}
		if list.next == "" {
			if err := j.checkKept(ctx, index); err != nil {
				crew.fail(err)
			}
			break
		}
		if ctx.Err() != nil {
			break
		}
		if seen["list "+list.next] {
			crew.fail(j.incomplete("LIST_REPEATED", "the list of result pages leads back to itself"))
			break
		}
		seen["list "+list.next] = true
		var err error
		if list, err = j.list(ctx, list, false); err != nil {
			crew.fail(err)
			break
		}
	}
	return crew.wait()
}

// list asks for the five pages after those of the listing. The documentation spells the keys in two ways; both are
// read. Only the locators are taken from the URLs, and how the server spells the place; the rest of them is ours.
func (j *job) list(ctx context.Context, after listing, first bool) (listing, error) {
	r := request{op: j.op("result pages"), object: j.object, method: http.MethodGet, path: j.path(firstOf(after.name, resultPages))}
	if after.next != "" {
		r.query = url.Values{"locator": {after.next}}
	}
	var answer pageList
	err := j.client.do(ctx, r.op, r.object, func(ctx context.Context) error {
		if err := j.afford(); err != nil {
			return err
		}
		got, err := j.client.send(ctx, r, j.client.limits.jsonBytes)
		if err != nil {
			return unlisted(err, first)
		}
		defer func() { _ = got.body.Close() }()
		answer = pageList{}
		return decodeJSON(r, got, &answer)
	})
	switch {
	case err != nil:
		return listing{}, j.gone(err)
	case answer.Pages == nil && first:
		return listing{}, errNoResultPages
	case answer.Pages == nil:
		return listing{}, j.incomplete("PAGES_MISSING", "the list of result pages has no pages")
	}
	return j.readList(answer)
}

// pageList is the answer of /resultPages, in both spellings of its keys.
type pageList struct {
	Pages *[]struct {
		URL  string `json:"resultUrl"`
		Link string `json:"resultLink"`
	} `json:"resultPages"`
	NextRecords string `json:"nextRecordsUrl"`
	NextRecord  string `json:"nextRecordUrl"`
	Done        *bool  `json:"done"`
}

func (j *job) readList(answer pageList) (listing, error) {
	var list listing
	for _, entry := range *answer.Pages {
		query, err := j.query(firstOf(entry.URL, entry.Link))
		if err != nil {
			return list, err
		}
		list.pages = append(list.pages, query)
	}
	if answer.Done != nil && *answer.Done {
		return list, nil
	}
	return j.further(list, firstOf(answer.NextRecords, answer.NextRecord), answer.Done != nil)
}

// further adds the way to the next listing.
func (j *job) further(list listing, link string, announced bool) (listing, error) {
	if link == "" {
		if announced {
			return list, j.incomplete("NEXT_MISSING", "the list of result pages is not done, but does not go on")
		}
		return list, nil
	}
	query, err := j.query(link)
	if err != nil {
		return list, err
	}
	if list.next = query.Get("locator"); list.next == "" {
		return list, j.incomplete("NEXT_MISSING", "the list of result pages goes on without a locator")
	}
	place, _, _ := strings.Cut(link, "?")
	if name := path.Base(place); strings.EqualFold(name, resultPages) {
		list.name = name
	}
	return list, nil
}

// unlisted tells a server without /resultPages from one that fails.
func unlisted(err error, first bool) error {
	var refused *Error
	if !first || !errors.As(err, &refused) {
		return err
	}
	switch refused.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return errNoResultPages
	case http.StatusBadRequest:
		var again *repeat
		if !errors.As(err, &again) {
			return errNoResultPages
		}
	}
	return err
}

// query is the query part of a URL that Salesforce named. Its path must be one of the data API and its host, where it
// has one, the pinned one; both are then left aside.
func (j *job) query(raw string) (url.Values, error) {
	link, err := j.client.link(raw)
	if err != nil {
		return nil, j.incomplete("URL", "%s", err)
	}
	if !j.client.isHarmless(link.Query().Encode()) {
		return nil, j.incomplete("URL", "a result page has an address that is none")
	}
	return link.Query(), nil
}

// isHarmless tells a locator, which goes into the journal, from a secret that comes back in its place.
func (c *Client) isHarmless(locator string) bool {
	return len(locator) <= longestLocator && c.vault.without(locator) == locator
}

const longestLocator = 4_096 // in bytes; those of Salesforce have some dozen
