package salesforce

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Grant is a permission set or a profile that lets the user read an object or a field.
type Grant struct {
	By      string // label of the permission set, or name of the profile
	Profile bool
	Of      string // Account, or Account.ERP_Customer_ID__c
}

// Grants finds what lets a user read the objects and the fields (Object.Field). It takes View Setup and Configuration:
// without it the *Error says that the objects it asks for do not exist. Sources: Object Reference,
// PermissionSetAssignment, ObjectPermissions, FieldPermissions. Fields that nobody can hide have no grants.
func (p *Probe) Grants(ctx context.Context, userID string, objects, fields []string) ([]Grant, error) {
	if !recordID.MatchString(userID) {
		return nil, &Error{Op: "query", Message: "no user id", exit: exitUsage}
	}
	for _, name := range slices.Concat(objects, fields) {
		if err := checkField("grants", name); err != nil {
			return nil, err
		}
	}
	sets, err := p.permissionSets(ctx, userID)
	if err != nil {
		return nil, err
	}
	parents := slices.Sorted(maps.Keys(sets))
	var grants []Grant
	for _, kind := range []struct {
		object, column string
		names          []string
	}{{"ObjectPermissions", "SobjectType", objects}, {"FieldPermissions", "Field", fields}} {
		if len(kind.names) == 0 {
			continue
		}
		var granted []struct {
			Parent string `json:"ParentId"`
			Object string `json:"SobjectType"`
			Field  string `json:"Field"`
		}
		soql := "SELECT ParentId, " + kind.column + " FROM " + kind.object + " WHERE PermissionsRead = true AND " +
			kind.column + " IN " + quotedList(kind.names) + " AND ParentId IN " + quotedList(parents)
		if err := p.rows(ctx, kind.object, soql, &granted); err != nil {
			return nil, err
		}
		for _, one := range granted {
			if set, ok := sets[one.Parent]; ok {
				grants = append(grants, Grant{By: set.By, Profile: set.Profile, Of: p.client.vault.without(firstOf(one.Field, one.Object))})
			}
		}
	}
	return grants, nil
}

// permissionSets are the permission sets of a user by id, the one of its profile among them.
func (p *Probe) permissionSets(ctx context.Context, userID string) (map[string]Grant, error) {
	var assigned []struct {
		ID  string `json:"PermissionSetId"`
		Set struct {
			Name    string
			Label   string
			Owned   bool `json:"IsOwnedByProfile"`
			Profile *struct{ Name string }
		} `json:"PermissionSet"`
	}
	soql := "SELECT PermissionSetId, PermissionSet.Name, PermissionSet.Label, PermissionSet.IsOwnedByProfile, PermissionSet.Profile.Name" +
		" FROM PermissionSetAssignment WHERE AssigneeId = '" + userID + "'"
	if err := p.rows(ctx, "PermissionSetAssignment", soql, &assigned); err != nil {
		return nil, err
	}
	sets := map[string]Grant{}
	for _, one := range assigned {
		if !recordID.MatchString(one.ID) {
			continue
		}
		grant := Grant{By: clip(p.client.vault.without(firstOf(one.Set.Label, one.Set.Name))), Profile: one.Set.Owned}
		if one.Set.Owned && one.Set.Profile != nil {
			grant.By = clip(p.client.vault.without(one.Set.Profile.Name))
		}
		sets[one.ID] = grant
	}
	if len(sets) == 0 {
		return nil, &Error{Op: "query", Object: "PermissionSetAssignment", Message: "no permission set of this user is visible", exit: exitRefused}
	}
	return sets, nil
}

// quotedList is a list of names and ids, which were checked before, as SOQL has it.
func quotedList(names []string) string { return "('" + strings.Join(names, "', '") + "')" }
