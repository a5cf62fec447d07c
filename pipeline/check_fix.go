package pipeline

import (
	"errors"
	"strings"

	"crosswalk/extract/salesforce"
)

// Click paths in Setup of Lightning Experience.
const (
	pathApp       = "Setup > External Client App Manager > (the app) > "
	pathSecret    = pathApp + "Settings > OAuth Settings > Consumer Key and Secret: copy the secret into salesforce.client_secret"
	pathKey       = pathApp + "Settings > OAuth Settings > Consumer Key and Secret: copy the key into salesforce.client_id; a new app is known after up to ten minutes"
	pathFlow      = pathApp + "Policies > Edit > OAuth Policies > OAuth Flows: enable the flow of salesforce.login"
	pathRunAs     = pathApp + "Policies > Edit > OAuth Policies > Enable Client Credentials Flow: name the integration user under Run As"
	pathApproved  = pathApp + "Policies > Edit > App Policies: add the profile or permission set of the integration user, with Permitted Users set to admin-approved"
	pathScopes    = pathApp + "Settings > OAuth Settings > Selected OAuth Scopes: keep \"Manage user data via APIs (api)\" and \"Perform requests at any time (refresh_token, offline_access)\", and no other"
	pathAddress   = pathApp + "Policies > Edit > IP Relaxation, and Setup > Profiles > (the user's) > Login IP Ranges: allow the address of this machine"
	pathActive    = "Setup > Users > (the integration user) > Edit: tick Active"
	pathMyDomain  = "Setup > My Domain: set salesforce.instance_url to https://, then the Current My Domain URL"
	pathAPI       = "Setup > Permission Sets > (the integration user's) > System Permissions > Edit: tick API Enabled"
	pathField     = "Setup > Object Manager > %s > Fields & Relationships > (the field) > Set Field-Level Security: tick Visible for the integration user's profile, or add Read Access in Setup > Permission Sets > (the user's) > Object Settings > %s; where the name is wrong, correct it in the configuration"
	pathObject    = "Setup > Permission Sets > (the integration user's) > Object Settings > %ss > Edit: tick Read"
	pathViewAll   = "Setup > Permission Sets > (the integration user's) > Object Settings > Accounts and Contacts > Edit: tick View All Records"
	pathUsage     = "run later, raise limits.api_quota, or find out in Setup > Company Information and Setup > System Overview what else uses the calls"
	pathAccess    = "Setup > Session Settings, and Setup > API Access Control: let the External Client App in"
	pathOtherOrg  = "set salesforce.instance_url to the My Domain of the org that is meant (Setup > My Domain), with the app of that org"
	pathClock     = "let this machine keep its time by NTP (systemd: timedatectl set-ntp true; containers take the time of their host)"
	pathJobs      = "Setup > Permission Sets > (the integration user's) > System Permissions: tick API Enabled; where Bulk API 2.0 stays refused, set salesforce.api: rest"
	pathExport    = "let the ERP's export run again, and look at erp.source and erp.max_age"
	pathFillField = "fill %s with the ERP's identifier (Data Import Wizard, or ask who keeps the accounts), or name another field in link"
)

// fixes are click paths by errorCode of Salesforce, in capitals without underscores.
var fixes = map[string]string{
	"INVALIDCLIENT":        pathSecret,
	"INVALIDCLIENTID":      pathKey,
	"INVALIDAPPACCESS":     pathApproved,
	"UNSUPPORTEDGRANTTYPE": pathFlow,
	"UNAUTHORIZEDCLIENT":   pathFlow,
	"INVALIDSCOPE":         pathScopes,
	"INACTIVEUSER":         pathActive,
	"APIDISABLEDFORORG":    pathAPI,
	"APICURRENTLYDISABLED": pathAPI,
	"INVALIDSESSIONID":     pathAccess,
}

// grantFixes are click paths by what an invalid_grant says, which is many errors in one.
var grantFixes = []struct{ says, fix string }{
	{"not supported on this domain", pathMyDomain},
	{"no client credentials user", pathRunAs},
	{"no valid scopes", pathScopes},
	{"ip restricted", pathAddress},
	{"hasn't approved this consumer", pathApproved},
	{"not admin approved", pathApproved},
	{"audience", pathOtherOrg + "; a sandbox has a host such as acme--uat.sandbox.my.salesforce.com, production has none of it"},
}

// codeOf is the errorCode of Salesforce's answer as a key of fixes, with what it said in lower case.
func codeOf(err error) (code, message string) {
	var refused *salesforce.Error
	if !errors.As(err, &refused) {
		return "", ""
	}
	return strings.ToUpper(strings.NewReplacer("_", "", "-", "").Replace(refused.Code)), strings.ToLower(refused.Message)
}

// fixFor is the click path for what Salesforce answered, or empty.
func fixFor(err error) string {
	code, message := codeOf(err)
	if code != "INVALIDGRANT" {
		return fixes[code]
	}
	for _, grant := range grantFixes {
		if strings.Contains(message, grant.says) {
			return grant.fix
		}
	}
	return ""
}

// fixOf is the click path of an item that another item found to have failed.
func (c *check) fixOf(id string) string {
	return map[string]string{
		"quota": pathUsage, "api_enabled": pathAPI, "instance_url": pathMyDomain, "clock": pathClock, "app": pathKey,
		"identity": pathOtherOrg,
	}[id]
}

// culprit is the item that an error speaks of, whichever item met it.
func (c *check) culprit(id string, err error) string {
	code, message := codeOf(err)
	switch {
	case code == "REQUESTLIMITEXCEEDED" && !strings.Contains(message, "concurrent"), code == "EXCEEDEDQUOTA":
		return "quota"
	case code == "APIDISABLEDFORORG", code == "APICURRENTLYDISABLED":
		return "api_enabled"
	case code == "INVALIDGRANT" && strings.Contains(message, "not supported on this domain"):
		return "instance_url"
	case code == "ORGANIZATION":
		return "identity"
	case id == "sign_in" && unknownApp(err):
		return "app"
	case id == "sign_in" && code == "INVALIDGRANT" && c.config.Salesforce.Login == "jwt_bearer" && c.skewed():
		return "clock" // an assertion is good for three minutes
	}
	return id
}

// unknownApp tells an app that the org does not have from one that it refuses.
func unknownApp(err error) bool {
	code, message := codeOf(err)
	return code == "INVALIDCLIENTID" || code == "OAUTHECAPPNOTFOUND" || strings.Contains(message, "app must be installed") ||
		strings.Contains(message, "app is not installed")
}

// knownApp tells that the org answered for an app that it has.
func knownApp(err error) bool {
	code, _ := codeOf(err)
	switch code {
	case "INVALIDCLIENT", "INVALIDGRANT", "INVALIDAPPACCESS", "UNSUPPORTEDGRANTTYPE", "UNAUTHORIZEDCLIENT", "INVALIDSCOPE", "INACTIVEUSER", "INACTIVEORG",
		"ORGANIZATION": // told by this client of a token that it got
		return !unknownApp(err)
	}
	return false
}
