package salesforce

import (
	"net/http"
	"strings"
)

// verdict is what to do about an answer that is not 2xx.
type verdict struct {
	exit   int
	hint   string
	repeat *class // nil where repeating cannot help
}

const (
	hintSession = "the org refuses the session: see Setup, API Access Control, and the session policies of the External Client App"
	hintAPI     = `tick "API Enabled" on the profile or a permission set of the integration user, then run again`
	hintField   = "the field does not exist or the integration user may not read it: `crosswalk check` names the fields it sees"
	hintObject  = "the object does not exist or the integration user has no Read permission for it"
	hintBulk    = "choose salesforce.api: rest for this object, or take the field out"
	hintDaily   = "API calls come back as they turn 24 hours old: run later, or find out in Setup, System Overview, what else uses them"
	hintProxy   = "look at https://status.salesforce.com, and for a proxy between here and Salesforce"
	hintDenied  = "see the user's Login History in Setup for the reason, then run `crosswalk connect` again"
	hintLater   = "look at https://status.salesforce.com and run again"
)

// verdicts are told by errorCode, in the spelling of normalCode. Sources: REST API Developer Guide, "Status Codes and
// Error Responses"; SOAP API Developer Guide, ExceptionCode; Identity, "OAuth 2.0 Error Codes".
var verdicts = map[string]verdict{
	"INVALIDSESSIONID":  {exit: exitRefused, hint: hintSession, repeat: &signedOut},
	"INVALIDAUTHHEADER": {exit: exitRefused, hint: hintSession, repeat: &signedOut},

	"APIDISABLEDFORORG":            {exit: exitRefused, hint: hintAPI},
	"APICURRENTLYDISABLED":         {exit: exitRefused, hint: hintAPI},
	"INSUFFICIENTACCESS":           {exit: exitRefused, hint: "give the integration user Read, or View All Records, on the object"},
	"INSUFFICIENTACCESSORREADONLY": {exit: exitRefused, hint: "give the integration user Read, or View All Records, on the object"},
	"TXNSECURITYMETERINGERROR":     {exit: exitRefused, hint: "a transaction security policy of the org stops this export: exempt the integration user"},
	"FUNCTIONALITYNOTENABLED":      {exit: exitRefused, hint: "the org's edition or licence lacks this feature"},
	"OPERATIONTOOLARGE":            {exit: exitRefused, hint: "give the integration user View All Data, or View All Records on the object: sharing rules are too costly at this size"},

	"INVALIDFIELD":          {exit: exitUsage, hint: hintField},
	"INVALIDTYPE":           {exit: exitUsage, hint: hintObject},
	"MALFORMEDQUERY":        {exit: exitUsage, hint: "check the fields of this object in the configuration"},
	"MALFORMEDID":           {exit: exitUsage, hint: "check the ids in the configuration"},
	"INVALIDENTITY":         {exit: exitUsage, hint: "Bulk API 2.0 does not serve this object: choose salesforce.api: rest"},
	"APIERROR":              {exit: exitUsage, hint: hintBulk},
	"UNSUPPORTEDAPIVERSION": {exit: exitUsage, hint: "choose a newer salesforce.api_version"},
	"INVALIDBATCH":          {exit: exitUsage, hint: hintField},
	"REQUESTLIMITEXCEEDED":  {exit: exitUnavailable, hint: hintDaily},
	"LIMITEXCEEDED":         {exit: exitUnavailable, hint: "query jobs and result bytes come back as they turn 24 hours old: run later, or choose salesforce.api: rest"},
	"EXCEEDEDQUOTA":         {exit: exitUnavailable, hint: hintDaily},
	"INVALIDJOBSTATE":       {exit: exitUnavailable, hint: hintLater},
	"INVALIDQUERYLOCATOR":   {exit: exitUnavailable, hint: "the cursor ended early: run again"},
	"QUERYTIMEOUT":          {exit: exitUnavailable, hint: "the query takes Salesforce longer than two minutes: choose salesforce.api: bulk", repeat: &damaged},
	"UNABLETOLOCKROW":       {exit: exitUnavailable, hint: hintLater, repeat: &overloaded},
	"SERVERUNAVAILABLE":     {exit: exitUnavailable, hint: hintLater, repeat: &overloaded},
	"UNKNOWNEXCEPTION":      {exit: exitUnavailable, hint: "an error inside Salesforce: run again, and if it stays so, give its number to Salesforce Support", repeat: &damaged},

	"INVALIDCLIENT":             {exit: exitRefused, hint: "check client_secret: it is not the one of this External Client App"},
	"INVALIDCLIENTID":           {exit: exitRefused, hint: "check client_id: the org knows no such app; a new app takes up to ten minutes to become known"},
	"INVALIDGRANT":              {exit: exitRefused, hint: "check the flow, its run-as user and the IP restrictions of the External Client App"},
	"INVALIDAPPACCESS":          {exit: exitRefused, hint: "let an administrator pre-authorise the integration user for the External Client App"},
	"INACTIVEUSER":              {exit: exitRefused, hint: "activate the integration user, or choose another run-as user"},
	"INACTIVEORG":               {exit: exitRefused, hint: "the org is locked or expired: ask Salesforce"},
	"UNSUPPORTEDGRANTTYPE":      {exit: exitRefused, hint: "enable this flow in the settings of the External Client App"},
	"UNAUTHORIZEDCLIENT":        {exit: exitRefused, hint: "enable this flow in the settings of the External Client App"},
	"INVALIDSCOPE":              {exit: exitRefused, hint: "give the External Client App the scope api"},
	"INVALIDREQUEST":            {exit: exitRefused, hint: "the token endpoint does not take this request: check login and instance_url"},
	"ACCESSDENIED":              {exit: exitRefused, hint: "somebody pressed Deny, or the user may not use the app: run `crosswalk connect` again and press Allow"},
	"OAUTHAPPBLOCKED":           {exit: exitRefused, hint: "an administrator blocked the app: unblock it in Setup, Connected Apps OAuth Usage, or External Client App Manager"},
	"OAUTHAPPACCESSDENIED":      {exit: exitRefused, hint: "let an administrator give the user's profile or permission set access to the app, and look at its IP restrictions"},
	"OAUTHECAPPNOTFOUND":        {exit: exitRefused, hint: "the External Client App is not in this org: check client_id and salesforce.instance_url, production against sandbox"},
	"OAUTHAPPROVALERRORGENERIC": {exit: exitRefused, hint: "Salesforce could not record the approval: see the user's Login History in Setup, then run `crosswalk connect` again"},
	"REDIRECTURIMISMATCH":       {exit: exitRefused, hint: "give the app the callback URL http://localhost:<salesforce.callback_port>/callback, to the letter; a change takes up to ten minutes"},
	"UNSUPPORTEDRESPONSETYPE":   {exit: exitRefused, hint: hintDenied},
	"RATELIMITEXCEEDED":         {exit: exitUnavailable, hint: hintLater, repeat: &overloaded},
}

// grantHints are told by the description of an invalid_grant, which is many errors in one.
var grantHints = []struct{ says, hint string }{
	{"not supported on this domain", "client_credentials works at My Domain only: set salesforce.instance_url to https://<Domain>.my.salesforce.com"},
	{"no client credentials user", "choose a run-as user in the policies of the External Client App"},
	{"no valid scopes", "give the External Client App the scope api"},
	{"ip restricted", "allow this machine's address in the policies of the External Client App or the user's profile"},
	{"expired access/refresh token", "the grant was revoked, pushed out by a sixth one, or unused for longer than the app's policy allows: sign in again with `crosswalk connect`"},
	{"code verifier", "the code belongs to another sign-in: run `crosswalk connect` again"},
	{"authorization code", "the code was used, or is older than 15 minutes: run `crosswalk connect` again"},
	{"hasn't approved this consumer", "let an administrator pre-authorise the integration user for the External Client App"},
	{"invalid assertion", "most likely another key signed it: salesforce.key_file must belong to the certificate of the External Client App"},
	{"audience", "a sandbox under a production address, or the reverse: check salesforce.instance_url"},
}

// verdictOf judges by errorCode, then by status.
func verdictOf(status int, code, message string) verdict {
	known, ok := verdicts[normalCode(code)]
	switch {
	case ok && normalCode(code) == "REQUESTLIMITEXCEEDED" && strings.Contains(message, "Concurrent"):
		known = verdict{exit: exitUnavailable, hint: hintLater, repeat: &overloaded}
	case ok && normalCode(code) == "INVALIDGRANT":
		known.hint = grantHint(message, known.hint)
	case code == "" && status == http.StatusBadRequest:
		known = verdict{exit: exitUnavailable, hint: hintProxy} // Salesforce always names a code
	case !ok || status >= http.StatusInternalServerError:
		return verdictOfStatus(status)
	}
	return known
}

func grantHint(description, otherwise string) string {
	for _, grant := range grantHints {
		if strings.Contains(strings.ToLower(description), grant.says) {
			return grant.hint
		}
	}
	return otherwise
}

// normalCode makes INVALID_SESSION_ID of the REST API and InvalidSessionId of the Bulk API one.
func normalCode(code string) string {
	return strings.ToUpper(strings.NewReplacer("_", "", "-", "").Replace(code))
}

// statusEnhanceCalm is Salesforce's own answer to too many requests, besides 429.
const statusEnhanceCalm = 420

// isRedirect tells the statuses that send a client to another place (RFC 9110, 15.4); the other 3xx, which nothing asked
// for, do not.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMultipleChoices, http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

func verdictOfStatus(status int) verdict {
	switch {
	case status == http.StatusUnauthorized:
		return verdict{exit: exitRefused, hint: hintSession, repeat: &signedOut}
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, status == statusEnhanceCalm,
		status == http.StatusNotAcceptable, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return verdict{exit: exitUnavailable, hint: hintLater, repeat: &overloaded}
	case isRedirect(status):
		return verdict{exit: exitRefused, hint: "a redirect is never followed: set salesforce.instance_url to the org's present My Domain"}
	case status < http.StatusBadRequest: // no answer to what was asked
		return verdict{exit: exitUnavailable, hint: hintProxy}
	case status == http.StatusForbidden:
		return verdict{exit: exitRefused, hint: "the integration user, or this machine's address, is not allowed to do this"}
	case status == http.StatusConflict:
		return verdict{exit: exitUnavailable, hint: "the results of a job are read with the API version that created it: run again"}
	case status == http.StatusGone:
		return verdict{exit: exitUsage, hint: "this API version is retired: choose a newer salesforce.api_version"}
	case status == http.StatusRequestURITooLong, status == http.StatusRequestHeaderFieldsTooLarge:
		return verdict{exit: exitUsage, hint: "the request is too long for a URL: choose salesforce.api: bulk; where it is chosen, look for a proxy in between"}
	case status == http.StatusBadRequest:
		return verdict{exit: exitUsage, hint: "Salesforce does not take this request: check the objects and fields of the configuration"}
	}
	return verdict{exit: exitUnavailable, hint: hintLater}
}
