package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"crosswalk/extract/salesforce"
)

// airflowVariable holds Airflow's connection salesforce_default, as a URI or as JSON
// (https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html#storing-connections-in-environment-variables).
const airflowVariable = "AIRFLOW_CONN_SALESFORCE_DEFAULT"

// airflowConnection is what a connection of Airflow's type salesforce says, by our keys. What it holds is never quoted.
type airflowConnection struct {
	values     map[string]string // by key; an empty one takes away what the file says
	privateKey salesforce.Secret
}

// connect reads the connection where an org is the source. Whatever it has goes before the file and behind the
// CROSSWALK_ variables.
func (r *configReader) connect(source string) {
	text, _ := r.lookupEnv(airflowVariable)
	if source != "org" || strings.TrimSpace(text) == "" {
		return
	}
	connection, err := readConnection(strings.TrimSpace(text))
	if err != nil {
		r.at(0, 0, airflowVariable, "%s", err)
		return
	}
	r.connection = connection
}

// fromConnection is the value that the connection has for a key.
func (r *configReader) fromConnection(key string) (scalarText, bool) {
	if r.connection == nil {
		return scalarText{}, false
	}
	text, known := r.connection.values[key]
	if known {
		r.origins[key] = origin{variable: airflowVariable, shown: "what the connection has"}
	}
	return scalarText{text: text}, known
}

// airflowFields are the parts of a connection. Host, login and extra are all that count; a password is for flows that
// new apps do not have.
type airflowFields struct {
	kind, host, login string
	extra             map[string]any
}

// readConnection reads both forms. Errors repeat nothing of the text.
func readConnection(text string) (*airflowConnection, error) {
	var fields airflowFields
	var err error
	if strings.HasPrefix(text, "{") {
		fields, err = readConnectionJSON(text)
	} else {
		fields, err = readConnectionURI(text)
	}
	if err != nil {
		return nil, err
	}
	if fields.kind != "salesforce" {
		return nil, errors.New("a connection of another type; want conn_type salesforce")
	}
	return fields.connection()
}

func readConnectionJSON(text string) (airflowFields, error) {
	var document struct {
		Kind  string          `json:"conn_type"`
		Host  string          `json:"host"`
		Login string          `json:"login"`
		Extra json.RawMessage `json:"extra"`
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return airflowFields{}, errors.New("not the JSON of a connection; want an object of texts, with an object as extra")
	}
	fields := airflowFields{kind: document.Kind, host: document.Host, login: document.Login}
	if len(document.Extra) == 0 {
		return fields, nil
	}
	var quoted string
	if json.Unmarshal(document.Extra, &quoted) == nil {
		document.Extra = json.RawMessage(quoted) // Airflow exports extra as JSON inside a text
	}
	if len(document.Extra) > 0 && json.Unmarshal(document.Extra, &fields.extra) != nil {
		return airflowFields{}, errors.New("its extra is no JSON object")
	}
	return fields, nil
}

// readConnectionURI reads salesforce://login:password@host/?name=value. Every part is percent-encoded, the host too, so
// that package net/url does not read it whole.
func readConnectionURI(text string) (airflowFields, error) {
	kind, rest, found := strings.Cut(text, "://")
	if !found {
		return airflowFields{}, errors.New("neither a URI nor a JSON object; want salesforce://... or {\"conn_type\": \"salesforce\", ...}")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, _, _ := strings.Cut(rest, "/")
	user, host := "", authority
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, host = authority[:at], authority[at+1:]
	}
	login, _, _ := strings.Cut(user, ":")
	login, wrongLogin := url.PathUnescape(login)
	host, wrongHost := url.PathUnescape(host)
	values, wrongQuery := url.ParseQuery(query)
	if wrongLogin != nil || wrongHost != nil || wrongQuery != nil {
		return airflowFields{}, errors.New("its percent-encoding is damaged")
	}
	fields := airflowFields{kind: strings.ToLower(kind), host: host, login: login, extra: map[string]any{}}
	for name := range values {
		fields.extra[name] = values.Get(name)
	}
	if whole := values.Get("__extra__"); whole != "" && json.Unmarshal([]byte(whole), &fields.extra) != nil {
		return airflowFields{}, errors.New("its __extra__ is no JSON object")
	}
	return fields, nil
}

// text is one entry of extra under any of its names, short or with the prefix of older versions of Airflow.
func (f airflowFields) text(names ...string) string {
	for _, name := range names {
		for _, spelling := range []string{name, "extra__salesforce__" + name} {
			switch value := f.extra[spelling].(type) {
			case string:
				if value != "" {
					return value
				}
			case float64:
				return fmt.Sprintf("%.1f", value) // an API version
			}
		}
	}
	return ""
}

// connection puts the fields under our keys.
func (f airflowFields) connection() (*airflowConnection, error) {
	c := &airflowConnection{values: map[string]string{}}
	for key, text := range map[string]string{
		"salesforce.instance_url":    f.instance(),
		"salesforce.organization_id": f.text("organization_id"),
		"salesforce.client_id":       f.text("consumer_key", "client_id"),
		"salesforce.client_secret":   f.text("consumer_secret", "client_secret"),
		"salesforce.username":        f.login,
		"salesforce.key_file":        f.text("private_key_file_path"),
		"salesforce.api_version":     strings.TrimPrefix(f.text("version"), "v"),
	} {
		if text != "" {
			c.values[key] = text
		}
	}
	if c.values["salesforce.client_secret"] != "" {
		c.values["salesforce.client_secret_file"] = ""
	}
	key := f.text("private_key")
	if key != "" && c.values["salesforce.key_file"] != "" {
		return nil, errors.New("it has both private_key and private_key_file_path; want one of them")
	}
	if key != "" {
		c.privateKey, c.values["salesforce.key_file"] = salesforce.Secret(lines(key)), ""
	}
	if _, signs := c.values["salesforce.key_file"]; signs {
		c.values["salesforce.login"] = salesforce.LoginJWTBearer
	}
	if c.values["salesforce.client_id"] == "" {
		return nil, errors.New("it has no consumer_key; crosswalk signs in as an app, with consumer_secret or private_key, not with a password")
	}
	return c, nil
}

// lines makes one line breaks of those that a form or a shell wrote as \n.
func lines(key string) string {
	if strings.Contains(key, "\n") {
		return key
	}
	return strings.ReplaceAll(key, `\n`, "\n")
}

// instance is the address of the org by any of the ways in which a connection names it.
func (f airflowFields) instance() string {
	address := f.text("instance_url")
	switch domain := f.text("domain"); {
	case address != "":
	case f.text("instance") != "":
		address = f.text("instance")
	case f.host != "":
		address = f.host
	case domain != "":
		address = domain + ".salesforce.com"
	}
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	return address
}
