package pipeline

import "context"

// step is one item of the guide: what it builds on, and how it is asked.
type step struct {
	id, title string
	needs     []string
	remote    bool // asked of Salesforce
	exit      int  // of its failure, where no error has a better one
	ask       func(*check, context.Context) finding
}

// guide is the setup guide in its order. An item names only the nearest that it builds on. It is filled in init, because
// the questions refer back to it.
var guide []*step

func init() {
	configured, greeted, signedIn, served := []string{"configuration"}, []string{"instance_url"}, []string{"sign_in"}, []string{"api_enabled"}
	guide = []*step{
		{id: "configuration", title: "Configuration", exit: exitUsage, ask: (*check).askConfiguration},
		{id: "instance_url", title: "Instance URL is a My Domain that answers", needs: configured, remote: true, exit: exitUsage, ask: (*check).askInstance},
		{id: "api_version", title: "API version is offered", needs: greeted, exit: exitUsage, ask: (*check).askVersion},
		{id: "app", title: "External Client App is known", needs: greeted, remote: true, exit: exitRefused, ask: (*check).askApp},
		{id: "sign_in", title: "Sign-in", needs: []string{"app"}, remote: true, exit: exitRefused, ask: (*check).askSignIn},
		{id: "identity", title: "User and organization", needs: signedIn, remote: true, exit: exitUsage, ask: (*check).askIdentity},
		{id: "environment", title: "Sandbox or production", needs: served, remote: true, exit: exitUsage, ask: (*check).askEnvironment},
		{id: "scopes", title: "Scopes of the token", needs: signedIn, remote: true, exit: exitRefused, ask: (*check).askScopes},
		{id: "api_enabled", title: "API Enabled", needs: []string{"sign_in", "api_version"}, remote: true, exit: exitRefused, ask: (*check).askAPI},
		{id: "read_account", title: "Read on Account", needs: served, remote: true, exit: exitRefused, ask: func(c *check, ctx context.Context) finding { return c.askObject(ctx, objectAccount) }},
		{id: "read_contact", title: "Read on Contact", needs: served, remote: true, exit: exitRefused, ask: func(c *check, ctx context.Context) finding { return c.askObject(ctx, objectContact) }},
		{id: "fields", title: "Configured fields are visible", needs: served, remote: true, exit: exitUsage, ask: (*check).askFields},
		{id: "identifier", title: "Identifier field", needs: []string{"read_account"}, remote: true, exit: exitUsage, ask: (*check).askIdentifier},
		{id: "bulk", title: "Bulk API 2.0", needs: []string{"read_account"}, remote: true, exit: exitRefused, ask: (*check).askBulk},
		{id: "quota", title: "API calls", needs: served, remote: true, exit: exitUnavailable, ask: (*check).askQuota},
		{id: "visibility", title: "Records the user sees", needs: []string{"read_account", "read_contact"}, remote: true, exit: exitRefused, ask: (*check).askVisibility},
		{id: "clock", title: "Clock of this machine", needs: greeted, exit: exitUsage, ask: (*check).askClock},
		{id: "erp_snapshot", title: "ERP snapshot", needs: configured, exit: exitInput, ask: (*check).askSnapshot},
		{id: "folders", title: "Output, state and temporary folders", needs: configured, exit: exitUsage, ask: (*check).askFolders},
		{id: "grants", title: "What grants the user its access", needs: []string{"identity", "api_enabled"}, remote: true, exit: exitRefused, ask: (*check).askGrants},
	}
}

func stepOf(id string) *step {
	for _, step := range guide {
		if step.id == id {
			return step
		}
	}
	panic("no item " + id) // a slip in this file, which every test meets
}
