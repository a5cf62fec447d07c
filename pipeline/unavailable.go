package pipeline

import "strings"

// refuseUnavailable stops a run whose configuration asks for what this version reads and checks but does not do yet: a
// contact or a note that silently stays away would be worse than an error.
func refuseUnavailable(config *Config) error {
	var wanted []string
	for _, setting := range []struct {
		key string
		set bool
	}{
		{"salesforce.notes", config.Salesforce.Notes},
		{"contacts.owner", config.Contacts.Owner},
		{"contacts.lookups", len(config.Contacts.Lookups) > 0},
		{"contacts.child_accounts", config.Contacts.ChildAccounts > 0},
	} {
		if setting.set {
			wanted = append(wanted, setting.key)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return &UsageError{
		Problem: "configuration: not in this version: " + strings.Join(wanted, ", "),
		Fix:     "leave them at their defaults",
	}
}
