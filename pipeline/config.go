package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"crosswalk/extract/salesforce"
)

// maximumConfig is the longest configuration that is read: two objects with 800 fields each are about 64 KiB.
const maximumConfig = 256 << 10 // bytes

// The time and the memory to read YAML grow with the square of what is nested, and of the keys of one table.
const (
	maximumBrackets = 4000
	maximumLines    = 10_000
)

// deepLists are a hundred dashes, or marks of keys, in a row: what is read of them takes gigabytes.
var deepLists = regexp.MustCompile(`(?:[-?]\s+){100}`)

// Config is the effective configuration: defaults, under config.yaml, under the environment. Paths are absolute or
// empty, every rule has its key and its many, and instance_url names the host that serves the API.
type Config struct {
	// Path is the file as it was named, Directory the absolute folder it stands in: relative paths start there.
	Path      string `yaml:"-"`
	Directory string `yaml:"-"`

	Salesforce       SalesforceConfig `yaml:"salesforce"`
	ERP              ERPConfig        `yaml:"erp"`
	Link             []Rule           `yaml:"link"`
	BlankIdentifiers []string         `yaml:"blank_identifiers"`
	Contacts         ContactsConfig   `yaml:"contacts"`
	Guards           GuardsConfig     `yaml:"guards"`
	Output           OutputConfig     `yaml:"output"`
	State            StateConfig      `yaml:"state"`
	Limits           LimitsConfig     `yaml:"limits"`
}

// SalesforceConfig says which org is read, as whom, and what of it.
type SalesforceConfig struct {
	Source           string                  `yaml:"source"`             // fixtures | org
	Fixtures         string                  `yaml:"fixtures" as:"path"` // folder that the fixtures are served from
	InstanceURL      string                  `yaml:"instance_url"`       // scheme and host alone
	OrganizationID   string                  `yaml:"organization_id"`    // the org it must be; empty is any
	Login            string                  `yaml:"login"`              // web_server | client_credentials | jwt_bearer
	ClientID         string                  `yaml:"client_id"`
	ClientSecret     salesforce.Secret       `yaml:"client_secret"`                // also what client_secret_file holds
	ClientSecretFile string                  `yaml:"client_secret_file" as:"path"` // instead of client_secret
	Username         string                  `yaml:"username"`                     // jwt_bearer
	KeyFile          string                  `yaml:"key_file" as:"path"`           // jwt_bearer: PEM of the private key
	CallbackPort     int                     `yaml:"callback_port"`                // web_server: port on loopback
	TokenStore       string                  `yaml:"token_store"`                  // web_server: file | keyring
	AllowedHosts     []string                `yaml:"allowed_hosts"`                // host, or host:port
	CAFile           string                  `yaml:"ca_file" as:"path"`            // PEM of certificate authorities
	APIVersion       string                  `yaml:"api_version"`                  // 66.0
	API              string                  `yaml:"api"`                          // auto | bulk | rest
	Objects          map[string]ObjectConfig `yaml:"objects"`                      // Account and Contact, always both
	Notes            bool                    `yaml:"notes"`

	// CorrectedHost is the host that instance_url named where that serves pages and not the API; else empty.
	CorrectedHost string `yaml:"-"`
	// PrivateKey is what key_file holds, or the key of an Airflow connection.
	PrivateKey salesforce.Secret `yaml:"-"`
}

// ObjectConfig is what is read of an object, beyond what the link itself needs.
type ObjectConfig struct {
	Fields []string `yaml:"fields"` // API names; Owner.Name reads a field of the parent
}

// ERPConfig says where the snapshot of the customers is and how it is read.
type ERPConfig struct {
	Source       ERPSource         `yaml:"source"`
	CustomerID   string            `yaml:"customer_id"`   // column
	CustomerName string            `yaml:"customer_name"` // column, or empty: customers have no name
	Attributes   map[string]string `yaml:"attributes"`    // phone, website, street, city, country: the column
	Types        map[string]string `yaml:"types"`         // column to type; all else is text
	MaxAge       time.Duration     `yaml:"max_age"`       // 0 accepts any age
	Settle       time.Duration     `yaml:"settle"`        // how long the file must be at rest; 0 does not wait
}

// ERPSource is the file and its dialect.
type ERPSource struct {
	Path         string `yaml:"path" as:"path"`
	Format       string `yaml:"format"`        // auto | csv | tsv | parquet
	Delimiter    string `yaml:"delimiter"`     // auto | , | ; | "|" | tab
	Encoding     string `yaml:"encoding"`      // auto | utf-8 | utf-16 | utf-16le | utf-16be | latin-1 | windows-1252
	FinalNewline string `yaml:"final_newline"` // required | optional
	DecimalComma bool   `yaml:"decimal_comma"` // 1234,50
}

// ContactsConfig says which people reach a customer besides the contacts of its accounts.
type ContactsConfig struct {
	Owner         bool     `yaml:"owner"`
	Lookups       []string `yaml:"lookups"`        // fields of Account that look up a Contact
	ChildAccounts int      `yaml:"child_accounts"` // levels
	Primary       []string `yaml:"primary"`        // lookup | billing_title | has_email | oldest, tried in order
}

// GuardsConfig stops a publication that looks wrong. Rates are shares from 0 to 1.
type GuardsConfig struct {
	MinLinkRate float64 `yaml:"min_link_rate"` // linked customers of all customers
	MaxDrop     float64 `yaml:"max_drop"`      // linked customers lost since the last publication
	MaxMoved    float64 `yaml:"max_moved"`     // linked customers that moved to another account since
	AllowEmpty  bool    `yaml:"allow_empty"`
	// UnchangedSnapshot is what an ERP file equal to that of an earlier date's publication means: accept | warn | refuse.
	UnchangedSnapshot string `yaml:"unchanged_snapshot"`
}

// OutputConfig says where the result goes.
type OutputConfig struct {
	Directory string   `yaml:"directory" as:"path"`
	Formats   []string `yaml:"formats"` // parquet | csv
}

// StateConfig says where crosswalk keeps what it needs between runs.
type StateConfig struct {
	Directory  string `yaml:"directory" as:"path"`
	KeepStages int    `yaml:"keep_stages"` // recorded runs
}

// LimitsConfig bounds what a run may cost.
type LimitsConfig struct {
	Memory        Size          `yaml:"memory"`
	Threads       int           `yaml:"threads"`                  // 0 is one for each processor
	TempDirectory string        `yaml:"temp_directory" as:"path"` // empty is a folder below state.directory
	Deadline      time.Duration `yaml:"deadline"`                 // for the whole run
	APIQuota      float64       `yaml:"api_quota"`                // share of the org's daily calls; 0 is no guard
}

// defaults are the values of keys that the file leaves out. Keys without one (erp.source.path, erp.customer_id, link)
// are required.
func defaults() *Config {
	return &Config{
		Salesforce: SalesforceConfig{
			Source: "fixtures", Fixtures: "fixtures/org", Login: "client_credentials", CallbackPort: 1717, TokenStore: "file",
			APIVersion: "66.0", API: "auto",
			Objects: map[string]ObjectConfig{
				objectAccount: {Fields: []string{"Name", "AccountNumber", "ParentId", "OwnerId", "Phone", "Website", "Industry", "BillingStreet", "BillingCity"}},
				objectContact: {Fields: []string{"FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone", "Title", "Department"}},
			},
		},
		ERP: ERPConfig{
			Source: ERPSource{Format: "auto", Delimiter: "auto", Encoding: "auto", FinalNewline: "required"},
			MaxAge: 36 * time.Hour, Settle: 2 * time.Second,
		},
		BlankIdentifiers: []string{"", "-", "0", "n/a", "na", "null", "none", "unknown", "tbd"},
		Contacts:         ContactsConfig{Primary: []string{"lookup", "billing_title", "has_email", "oldest"}},
		Guards:           GuardsConfig{MaxDrop: 0.2, MaxMoved: 0.2, UnchangedSnapshot: "warn"},
		Output:           OutputConfig{Directory: "out", Formats: []string{"parquet", "csv"}},
		State:            StateConfig{Directory: "state", KeepStages: 30},
		Limits:           LimitsConfig{Memory: 1 << 30, Deadline: 2 * time.Hour, APIQuota: 0.8},
	}
}

// ReadConfig reads, expands, overrides and checks the configuration at path. lookupEnv answers for ${NAME}, for the
// CROSSWALK_ variables and for Airflow's connection; environ is the environment as os.Environ lists it, so that a misspelt CROSSWALK_ variable is
// found, and may be left out. Errors are *ConfigError, which holds every problem at once.
func ReadConfig(path string, lookupEnv func(string) (string, bool), environ ...string) (*Config, error) {
	text, err := readConfigFile(path)
	if err != nil {
		return nil, &ConfigError{Path: path, Problems: []Problem{{Message: fileProblem(err)}}, Err: err}
	}
	directory, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, &ConfigError{Path: path, Problems: []Problem{{Message: fileProblem(err)}}, Err: err}
	}
	reader := newConfigReader(lookupEnv)
	config := reader.read(text)
	config.Path, config.Directory = path, directory
	reader.refuseUnknownVariables(environ)
	reader.resolvePaths(config)
	reader.validate(config)
	if len(reader.problems) > 0 {
		return nil, &ConfigError{Path: path, Problems: reader.sorted()}
	}
	return config, nil
}

var errTooLong = fmt.Errorf("longer than %d KiB, which is no configuration", maximumConfig>>10)

// readConfigFile is the text of the file.
func readConfigFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maximumConfig+1))
	if err == nil && len(text) > maximumConfig {
		err = errTooLong
	}
	if err == nil {
		err = tooMuch(text)
	}
	return text, err
}

// tooMuch tells text that no configuration is like, and that would take long to read.
func tooMuch(text []byte) error {
	switch {
	case bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > maximumBrackets:
		return fmt.Errorf("more than %d brackets, which is no configuration", maximumBrackets)
	case bytes.Count(text, []byte("\n")) > maximumLines:
		return fmt.Errorf("more than %d lines, which is no configuration", maximumLines)
	case deepLists.Match(text):
		return errors.New("a list of lists, a hundred deep, which is no configuration")
	}
	return nil
}

// fileProblem is the cause alone: the path stands in front of every problem already.
func fileProblem(err error) string {
	var failed *os.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return "unreadable: " + err.Error()
}
