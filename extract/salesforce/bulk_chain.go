package salesforce

import (
	"context"
	"errors"
	"net/url"
	"strconv"
)

// readChain follows Sforce-Locator from page to page. A page names its successor in its headers, so the download of
// the next one starts while this one is still being decoded.
func (j *job) readChain(ctx context.Context) error {
	crew, ctx := newCrew(ctx, j.op("results"), j.object, j.client.options.Workers)
	seen := map[string]bool{}
	query := url.Values{"maxRecords": {strconv.Itoa(j.client.limits.chainPage)}}
	for index := 0; ; index++ {
		locator := j.follow(ctx, crew, page{index: index, query: query})
		if locator == lastLocator {
			if err := j.checkKept(ctx, index+1); err != nil {
				crew.fail(err)
			}
			return crew.wait()
		}
		if seen[locator] {
			crew.fail(j.incomplete("LOCATOR_REPEATED", "page %d names the locator of an earlier page", index+1))
			return crew.wait()
		}
		seen[locator] = true
		query = url.Values{"maxRecords": query["maxRecords"], "locator": {locator}}
	}
}

// follow lets the crew read a page, or knows it already, and returns the locator of the next one; lastLocator also where
// the crew gave up.
func (j *job) follow(ctx context.Context, crew *crew, place page) (locator string) {
	known, kept, err := j.keptPage(place)
	switch {
	case err != nil:
		crew.fail(err)
		return lastLocator
	case kept:
		return known.Next
	}
	next := make(chan string, 1)
	place.next = publish(next)
	crew.work(func(ctx context.Context) error { return j.read(ctx, place) })
	select {
	case locator = <-next:
		return locator
	case <-ctx.Done():
		return lastLocator
	}
}

// lastLocator is what Salesforce writes into Sforce-Locator on the last page: the four letters, not an empty header.
const lastLocator = "null"

// publish hands on the first locator that a page names, and holds every repetition of the page to it.
func publish(next chan<- string) func(string) error {
	named := ""
	return func(locator string) error {
		switch {
		case locator == "":
			return errors.New("no Sforce-Locator: it is not known whether pages follow")
		case named == "":
			named = locator
			next <- locator // has room for one
		case named != locator:
			return errors.New("another Sforce-Locator than when it was first read")
		}
		return nil
	}
}
