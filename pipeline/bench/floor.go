package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosswalk/sql"
	"crosswalk/transform"

	"github.com/sourcegraph/conc/pool"
)

// floorOptions are what the floor is told by the bench that starts it.
type floorOptions struct {
	url, dir, erp string
	drain         bool
}

// downloads is how many pages are fetched at once, as many as crosswalk does on two cores.
const downloads = 4

var fields = map[string][]string{
	"Account": {"Id", "Name", "AccountNumber", "ParentId", "OwnerId", "Phone", "Website", "Industry", "BillingStreet", "BillingCity", "ERP_Customer_ID__c", "CreatedDate", "IsDeleted", "MasterRecordId"},
	"Contact": {"Id", "AccountId", "FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone", "Title", "Department", "CreatedDate", "IsDeleted"},
}

// run downloads the pages of both objects and, unless it only drains the server, links them and copies the result out.
func (o floorOptions) run(ctx context.Context) error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	org := &org{url: o.url}
	if err := org.signIn(ctx); err != nil {
		return err
	}
	files := map[string][]string{}
	objects := pool.New().WithContext(ctx).WithCancelOnError()
	pages := pool.New().WithMaxGoroutines(downloads).WithContext(ctx).WithCancelOnError()
	found := make(chan struct {
		object string
		files  []string
	}, len(fields))
	for object := range fields {
		objects.Go(func(ctx context.Context) error {
			urls, err := org.query(ctx, object)
			if err != nil {
				return err
			}
			var paths []string
			for i, page := range urls {
				path := filepath.Join(o.dir, fmt.Sprintf("%s-%04d.csv", object, i))
				paths = append(paths, path)
				pages.Go(func(ctx context.Context) error { return org.download(ctx, page, path, o.drain) })
			}
			found <- struct {
				object string
				files  []string
			}{object, paths}
			return nil
		})
	}
	if err := errors.Join(objects.Wait(), pages.Wait()); err != nil || o.drain {
		return err
	}
	for range fields {
		object := <-found
		files[object.object] = object.files
	}
	return o.link(ctx, files)
}

// link is DuckDB alone: the raw pages untyped, the same statements, and COPY.
func (o floorOptions) link(ctx context.Context, files map[string][]string) error {
	header, err := firstLine(o.erp)
	if err != nil {
		return err
	}
	memory := int64(2 << 30) // untyped text is wider than the stage: with 1 GiB the floor does not get through the sort of 5 M contacts
	database, err := transform.Open(ctx, transform.Options{
		Database: filepath.Join(o.dir, "floor.duckdb"), MemoryBytes: memory, Directories: []string{o.dir, filepath.Dir(o.erp)}, SQL: sql.Files,
	})
	if err != nil {
		return err
	}
	defer func() { _ = database.Close() }()
	plan := transform.Plan{
		Accounts: untyped(files["Account"], fields["Account"]), Contacts: untyped(files["Contact"], fields["Contact"]),
		Customers:  untyped([]string{o.erp}, strings.Split(header, ",")),
		CustomerID: "customer_id", CustomerName: "customer_name",
		Rules: []transform.Rule{{
			Name: "Account.ERP_Customer_ID__c=customer_id", AccountField: "ERP_Customer_ID__c", CustomerColumn: "customer_id",
			Steps: []string{"standard"}, Many: "accounts",
		}},
		Blanks:  []string{"", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd"},
		Primary: []string{"lookup", "billing_title", "has_email", "oldest"},
	}
	started := time.Now()
	if _, err := database.Link(ctx, plan, nil); err != nil {
		return err
	}
	fmt.Printf("link %.1fs\n", time.Since(started).Seconds())
	started = time.Now()
	for _, result := range plan.Results() {
		parquet, csv := filepath.Join(o.dir, result.Name+".parquet"), filepath.Join(o.dir, "out-"+result.Name+".csv")
		order := `"` + strings.Join(result.OrderBy, `" NULLS LAST, "`) + `" NULLS LAST`
		for _, statement := range []string{
			fmt.Sprintf("COPY (SELECT * FROM %s ORDER BY %s) TO '%s' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)", result.Name, order, parquet),
			fmt.Sprintf("COPY (SELECT * FROM read_parquet('%s')) TO '%s' (FORMAT csv, HEADER true)", parquet, csv),
		} {
			if _, err := database.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	fmt.Printf("copy %.1fs\n", time.Since(started).Seconds())
	return nil
}

// untyped reads every column as text, but for the one that the statements take as a boolean.
func untyped(files, columns []string) transform.Relation {
	relation := transform.Relation{Files: files}
	for _, column := range columns {
		kind := "utf8"
		if column == "IsDeleted" {
			kind = "bool"
		}
		relation.Columns = append(relation.Columns, transform.Column{Name: column, Type: kind})
	}
	return relation
}

func firstLine(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	head := make([]byte, 64<<10)
	n, err := file.Read(head)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(head[:n]), "\n")
	return line, nil
}

// org is the least client that can download a Bulk result.
type org struct {
	url, token string
	client     http.Client
}

func (c *org) signIn(ctx context.Context) error {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"3MVG9simulator.crosswalk.fixtures"}, "client_secret": {"simulator-secret-not-a-real-one"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/services/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token string `json:"access_token"`
	}
	err = c.answer(request, &answer)
	c.token = answer.Token
	return err
}

// query runs a job to its end and lists its pages.
func (c *org) query(ctx context.Context, object string) ([]string, error) {
	body, err := json.Marshal(map[string]string{"operation": "queryAll", "query": "SELECT " + strings.Join(fields[object], ", ") + " FROM " + object})
	if err != nil {
		return nil, err
	}
	jobs := "/services/data/v66.0/jobs/query"
	var job struct{ ID, State string }
	if err := c.call(ctx, http.MethodPost, jobs, body, &job); err != nil {
		return nil, err
	}
	for job.State != "JobComplete" {
		time.Sleep(50 * time.Millisecond)
		if err := c.call(ctx, http.MethodGet, jobs+"/"+job.ID, nil, &job); err != nil {
			return nil, err
		}
	}
	var pages []string
	next := jobs + "/" + job.ID + "/resultPages"
	for next != "" {
		var list struct {
			ResultPages []struct{ ResultURL string }
			NextURL     string `json:"nextRecordsUrl"`
			Done        bool
		}
		if err := c.call(ctx, http.MethodGet, next, nil, &list); err != nil {
			return nil, err
		}
		for _, page := range list.ResultPages {
			pages = append(pages, page.ResultURL)
		}
		next = list.NextURL
		if list.Done {
			next = ""
		}
	}
	return pages, nil
}

func (c *org) call(ctx context.Context, method, path string, body []byte, answer any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	return c.answer(request, answer)
}

func (c *org) answer(request *http.Request, answer any) error {
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return errors.New(request.URL.Path + ": " + response.Status)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func (c *org) download(ctx context.Context, page, path string, drain bool) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+page, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if drain {
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, response.Body)
	return errors.Join(err, file.Close())
}
