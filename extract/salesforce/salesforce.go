// Package salesforce brings every row of an object out of a Salesforce org, or says why it could not.
//
// A [Client] signs in, describes objects and extracts them into a stage, through Bulk API 2.0 or the REST API. An
// extract is whole or an error: the rows of each page, of the job, of COUNT() before and after, and of the stage must
// agree. Nothing is ever sent to another origin than the one the org was signed in at.
package salesforce

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"syscall"
	"time"

	"crosswalk/extract/salesforce/tokenstore"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Ways to sign in, the values of Options.Login.
const (
	LoginClientCredentials = "client_credentials" // the app itself, as the user chosen in its policies
	LoginWebServer         = "web_server"         // a person, through the browser; see Login
	LoginJWTBearer         = "jwt_bearer"         // a user that a private key signs for
)

// Options says which org to talk to and as whom.
type Options struct {
	InstanceURL    string            // https://acme.my.salesforce.com: the org's My Domain
	Login          string            // LoginClientCredentials, LoginWebServer or LoginJWTBearer
	ClientID       string            // consumer key of the External Client App
	ClientSecret   Secret            // empty for LoginJWTBearer, and for LoginWebServer of an app that is public
	Tokens         *tokenstore.Store // LoginWebServer: where the tokens are kept
	Username       string            // LoginJWTBearer: the user to sign in as
	PrivateKey     Secret            // LoginJWTBearer: PEM of an RSA key, see CheckPrivateKey
	OrganizationID string            // 15 or 18 characters: the org that it must be; "" is any
	APIVersion     string            // "66.0"; Open checks that the org offers it
	AllowedHosts   []string          // hosts, or host:port, outside salesforce.com and force.com that may be talked to
	CAFile         string            // PEM file of certificate authorities, besides those of the system
	UserAgent      string
	APIQuota       float64 // share of the org's daily API calls up to which an extract is started; 0 is no guard
	Workers        int     // result pages downloaded at once; 0 is one for each processor, at least two
	KeepJobs       bool    // leave Bulk jobs at Salesforce instead of deleting them when their rows are staged
	Logger         *slog.Logger
}

var version = regexp.MustCompile(`^[1-9][0-9]{1,2}\.0$`)

// check reports what is wrong with the options, or fills in what may be left out.
func (o Options) check() (Options, error) {
	wrong := o.checkLogin()
	switch {
	case wrong != "":
	case o.ClientID == "":
		wrong = "client_id is empty"
	case !version.MatchString(o.APIVersion):
		wrong = fmt.Sprintf("api_version %q: want a version such as 66.0", clip(o.APIVersion))
	case o.APIQuota < 0 || o.APIQuota > 1:
		wrong = fmt.Sprintf("api_quota %v: want a share from 0 to 1", o.APIQuota)
	}
	if wrong != "" {
		return o, &Error{Op: "options", Message: wrong, exit: exitUsage}
	}
	if o.UserAgent == "" {
		o.UserAgent = "crosswalk"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Workers <= 0 {
		o.Workers = max(2, runtime.GOMAXPROCS(0))
	}
	return o, nil
}

// checkLogin is what the way to sign in lacks.
func (o Options) checkLogin() string {
	switch {
	case o.Login == LoginClientCredentials && o.ClientSecret == "":
		return "client_secret is empty"
	case o.Login == LoginWebServer && o.Tokens == nil:
		return "tokens: there is no store for them"
	case o.Login == LoginJWTBearer && o.Username == "":
		return "username is empty"
	case o.Login == LoginClientCredentials, o.Login == LoginWebServer, o.Login == LoginJWTBearer:
		return ""
	}
	return fmt.Sprintf("login %q: want %s, %s or %s", clip(o.Login), LoginClientCredentials, LoginWebServer, LoginJWTBearer)
}

// authorities are the system's, and those of the file where one is named.
func (o Options) authorities() (*x509.CertPool, error) {
	if o.CAFile == "" {
		return nil, nil // net/http takes the system's
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if err := addAuthorities(pool, o.CAFile); err != nil {
		return nil, &Error{Op: "ca_file", exit: exitUsage, cause: err, hint: "let salesforce.ca_file name a PEM file that the user who runs crosswalk may read, or leave it out"}
	}
	return pool, nil
}

// longestAuthorities is more than any list of authorities has: that of a whole Linux distribution is 250 KiB.
const longestAuthorities = 4 << 20 // bytes

// CheckAuthorities tells what keeps a file from being a PEM of certificate authorities. The error does not repeat the
// path where the file could be opened.
func CheckAuthorities(path string) error { return addAuthorities(x509.NewCertPool(), path) }

// addAuthorities reads a regular file alone, and only as much of it as may be there: a pipe would be waited for, and a
// device read until the memory is full.
func addAuthorities(pool *x509.CertPool, path string) error {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // nothing was written
	info, err := file.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("not a regular file")
	}
	text, err := io.ReadAll(io.LimitReader(file, longestAuthorities+1))
	switch {
	case err != nil:
		return err
	case len(text) > longestAuthorities:
		return fmt.Errorf("longer than %d MiB, which is no list of authorities", longestAuthorities>>20)
	case !pool.AppendCertsFromPEM(text):
		return errors.New("no certificate in it; want a PEM file, with BEGIN CERTIFICATE lines")
	}
	return nil
}

// limits bound one request and the waits between requests.
type limits struct {
	headers     time.Duration // until the headers of an answer: Salesforce ends a query after two minutes
	idle        time.Duration // without a byte of a body
	signIn      time.Duration // for a whole token request
	farewell    time.Duration // to abort and delete a job when the run is over, in all
	lastWord    time.Duration // to hear the answer to what must not be lost when the run is over
	firstRetry  time.Duration
	lastRetry   time.Duration
	retryAfter  time.Duration // the longest wait a server may ask for where the context has no deadline
	firstPoll   time.Duration
	lastPoll    time.Duration
	jsonBytes   int64 // of a JSON answer without records
	recordBytes int64 // of a page of records in JSON: 2,000 rows, each with a long text area of 131,072 characters
	errorBytes  int64 // of the answer to a refused request
	pageBytes   int64 // of a page of CSV, decompressed: Salesforce keeps a page below 1 GB
	chainPage   int   // rows asked for on a page of the locator chain
}

func standardLimits() limits {
	return limits{
		headers:     150 * time.Second,
		idle:        time.Minute,
		signIn:      time.Minute,
		farewell:    3 * time.Second, // a run that is told to stop has five
		lastWord:    1500 * time.Millisecond,
		firstRetry:  500 * time.Millisecond,
		lastRetry:   30 * time.Second,
		retryAfter:  15 * time.Minute,
		firstPoll:   250 * time.Millisecond,
		lastPoll:    10 * time.Second,
		jsonBytes:   32 << 20,
		recordBytes: 256 << 20,
		errorBytes:  1 << 20,
		pageBytes:   8 << 30,
		chainPage:   100_000,
	}
}

// Client talks to one org. Its methods are safe for concurrent use. The caller closes it.
type Client struct {
	options  Options
	limits   limits
	log      *slog.Logger
	memory   memory.Allocator
	http     *http.Client // the data API
	origins  *origins     // where http may go
	sessions *sessions
	vault    *vault
	pacer    *pacer
	usage    usage
	known    describes
}
