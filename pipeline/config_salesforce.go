package pipeline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"crosswalk/extract/salesforce"
)

const (
	leastAPIVersion = 47       // the first with Bulk API 2.0 queries
	longestSecret   = 16 << 10 // bytes; a PEM of a 4,096 bit key is 3.3 KiB
)

var organizationID = regexp.MustCompile(`^00D[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$`)

var apiVersion = regexp.MustCompile(`^([1-9][0-9]{1,2})\.0$`)

func (r *configReader) checkSalesforce(config *SalesforceConfig) {
	if config.Source == "org" {
		r.readSecret(config)
	}
	r.refuseSecretElsewhere(config.ClientSecret)
	r.checkWord("salesforce.source", config.Source, "fixtures", "org")
	r.checkWord("salesforce.login", config.Login, "web_server", "client_credentials", "jwt_bearer")
	r.checkWord("salesforce.api", config.API, "auto", "bulk", "rest")
	r.checkWord("salesforce.token_store", config.TokenStore, "file", "keyring")
	r.unless(config.OrganizationID == "" || organizationID.MatchString(config.OrganizationID), "salesforce.organization_id",
		"the id of an org, 00D and 12 or 15 more letters and digits")
	r.checkRange("salesforce.callback_port", float64(config.CallbackPort), 1, 65535)
	r.unless(config.CallbackPort != 80, "salesforce.callback_port", "another port than 80, which browsers leave out of an address; for example 1717")
	r.checkVersion(config.APIVersion)
	r.checkAllowedHosts(config.AllowedHosts)
	r.checkInstance(config)
	if config.CAFile != "" {
		r.refuseFile("salesforce.ca_file", salesforce.CheckAuthorities(config.CAFile))
	}
	_, said := r.origins["salesforce.source"]
	if _, named := r.origins["salesforce.instance_url"]; named && config.InstanceURL != "" && !said {
		r.tell("salesforce.source", "required beside salesforce.instance_url: org, or fixtures to try crosswalk without one")
	}
	switch config.Source {
	case "fixtures":
		r.required("salesforce.fixtures", config.Fixtures, "the folder that is served where salesforce.source is fixtures")
	case "org":
		r.checkSignIn(config)
	}
}

func (r *configReader) checkVersion(version string) {
	parts := apiVersion.FindStringSubmatch(version)
	good := parts != nil
	if good {
		number, err := strconv.Atoi(parts[1])
		good = err == nil && number >= leastAPIVersion
	}
	r.unless(good, "salesforce.api_version", fmt.Sprintf("a version such as 66.0, %d.0 or later", leastAPIVersion))
}

func (r *configReader) checkAllowedHosts(hosts []string) {
	for i, host := range hosts {
		name, port, err := net.SplitHostPort(host)
		if err != nil {
			name, port = host, "443"
		}
		number, err := strconv.ParseUint(port, 10, 16)
		r.unless(err == nil && number > 0 && salesforce.IsHostName(strings.ToLower(name)), indexed("salesforce.allowed_hosts", i),
			"a host, or host:port, without a scheme, a path or a wildcard")
	}
	r.checkRepeats("salesforce.allowed_hosts", hosts, strings.ToLower)
}

// checkInstance refuses an address that credentials must not be sent to and corrects the ones that people copy from
// their browser. The value is not quoted: somebody may have put a password into it.
func (r *configReader) checkInstance(config *SalesforceConfig) {
	const key = "salesforce.instance_url"
	if config.InstanceURL == "" {
		return
	}
	address, err := salesforce.CheckInstanceURL(config.InstanceURL, config.AllowedHosts)
	if err != nil {
		r.tell(key, "%s; want the My Domain of the org, such as https://acme.my.salesforce.com", err)
		return
	}
	host := address.Hostname()
	if config.Login == "client_credentials" && (host == "login.salesforce.com" || host == "test.salesforce.com") {
		r.tell(key, "%s has no client_credentials sign-in; want the My Domain of the org, such as https://acme.my.salesforce.com", host)
	}
	if given, err := url.Parse(config.InstanceURL); err == nil && !strings.EqualFold(given.Hostname(), host) {
		config.CorrectedHost = strings.ToLower(given.Hostname())
	}
	config.InstanceURL = address.String()
}

// checkSignIn wants what the kind of sign-in needs.
func (r *configReader) checkSignIn(config *SalesforceConfig) {
	r.required("salesforce.instance_url", config.InstanceURL, "the My Domain of the org, where salesforce.source is org")
	r.required("salesforce.client_id", config.ClientID, "the consumer key of the External Client App, where salesforce.source is org")
	switch config.Login {
	case "client_credentials":
		r.required("salesforce.client_secret", config.ClientSecret.Reveal(), "the consumer secret, or client_secret_file, where salesforce.login is client_credentials")
	case "jwt_bearer":
		r.required("salesforce.username", config.Username, "the user to sign in as, where salesforce.login is jwt_bearer")
		r.readKey(config)
	}
}

// readKey takes the private key from its file, or leaves the one of Airflow's connection.
func (r *configReader) readKey(config *SalesforceConfig) {
	const key = "salesforce.key_file"
	if r.connection != nil && r.connection.privateKey != "" && r.origins[key].variable == airflowVariable {
		config.PrivateKey = r.connection.privateKey
		if err := salesforce.CheckPrivateKey(config.PrivateKey); err != nil {
			r.tell(key, "the private_key of the connection: %s", err)
		}
		return
	}
	if !r.required(key, config.KeyFile, "the private key, where salesforce.login is jwt_bearer") {
		return
	}
	text, err := readPrivately(config.KeyFile)
	config.PrivateKey = salesforce.Secret(text)
	if err == nil {
		err = salesforce.CheckPrivateKey(config.PrivateKey)
	}
	r.refuseFile(key, err)
}

// readSecret takes the secret from its file. Where both are there, the one that comes from further ahead is taken: a
// variable, then Airflow's connection, then the file.
func (r *configReader) readSecret(config *SalesforceConfig) {
	const direct, file = "salesforce.client_secret", "salesforce.client_secret_file"
	if config.ClientSecretFile == "" {
		return
	}
	ahead := r.precedence(file) - r.precedence(direct)
	switch {
	case config.ClientSecret == "", ahead > 0:
	case ahead < 0:
		return
	default:
		r.tell(file, "salesforce.client_secret is set too; want one of them")
		return
	}
	secret, err := readPrivately(config.ClientSecretFile)
	config.ClientSecret = salesforce.Secret(bytes.TrimRight(secret, "\r\n"))
	if err == nil && config.ClientSecret == "" {
		err = errors.New("empty")
	}
	r.refuseFile(file, err)
	r.unusable[direct] = err != nil
}

// refuseSecretElsewhere finds the client secret in a variable of another key: every error that names a path, a column or
// an address would repeat it.
func (r *configReader) refuseSecretElsewhere(secret salesforce.Secret) {
	const direct = "salesforce.client_secret"
	for _, key := range slices.Sorted(maps.Keys(r.origins)) {
		if held := r.origins[key].held; held != "" && held == secret.Reveal() && key != direct {
			r.refuse(key, "the same as %s; want its own value", direct)
		}
	}
}

// precedence is the higher the further ahead a value comes from.
func (r *configReader) precedence(key string) int {
	switch r.origins[key].variable {
	case "":
		return 0
	case airflowVariable:
		return 1
	}
	return 2
}

func (r *configReader) refuseFile(key string, err error) {
	if err != nil {
		r.refuse(key, "%s", strings.TrimPrefix(fileProblem(err), "unreadable: "))
	}
}

// readPrivately reads a small file that its owner alone may open, as ssh does with its keys.
func readPrivately(path string) ([]byte, error) {
	info, err := os.Stat(path) // before the file is opened: a pipe would block
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return nil, fmt.Errorf("other users may open it (mode %#o); chmod 600 it", info.Mode().Perm())
	case info.Size() > longestSecret:
		return nil, fmt.Errorf("longer than %d KiB, which is no secret", longestSecret>>10)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, longestSecret))
}
