package pipeline

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"crosswalk/transform"
)

// Rule is one way of linking: a field of Account holds what a column of the ERP holds. Rules are tried in order.
type Rule struct {
	Salesforce string `yaml:"salesforce"` // Account.<Field>
	ERP        string `yaml:"erp"`        // column
	Key        Key    `yaml:"key"`        // exact | standard | salesforce_id | steps
	Many       string `yaml:"many"`       // accounts | customers | both | none: the side that may share an identifier
}

// Key is how an identifier becomes the text that is compared. Of a configuration that was read it holds the steps, in
// order, with the short names resolved: exact has none.
type Key []string

// standardSteps are what the key standard stands for.
var standardSteps = Key{"nfkc", "strip_invisible", "trim", "collapse_space", "casefold"}

// keySteps are the steps that a list may name; strip_prefix takes the prefix after a colon.
var keySteps = []string{
	"nfkc", "strip_invisible", "trim", "collapse_space", "casefold", "strip_punctuation", "strip_leading_zeros",
	"strip_decimal", "digits_only", "salesforce_id",
}

const (
	stepPrefix = "strip_prefix:"
	accountID  = "Account.Id"
)

var accountField = regexp.MustCompile(`^Account\.[A-Za-z][A-Za-z0-9_]*$`)

// checkRules fills in the defaults of each rule and refuses what cannot be tried.
func (r *configReader) checkRules(rules []Rule) {
	if len(rules) == 0 {
		r.tell("link", "required: at least one rule, such as {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}")
	}
	first := map[string]int{}
	for i := range rules {
		rule, key := &rules[i], indexed("link", i)
		r.checkSides(key, rule)
		r.checkKey(key+".key", rule)
		r.checkMany(key+".many", rule)
		name := strings.ToLower(rule.Salesforce) + "=" + rule.ERP
		if earlier, repeated := first[name]; repeated && rule.Salesforce != "" && rule.ERP != "" {
			pair := rule.Salesforce + "=" + rule.ERP
			if r.origins[key+".salesforce"].held != "" || r.origins[key+".erp"].held != "" {
				pair = "the same pair"
			}
			r.tell(key, "%s again, as in rule %d; one rule for a pair, with the steps of its key", pair, earlier+1)
		} else {
			first[name] = i
		}
	}
}

func (r *configReader) checkSides(key string, rule *Rule) {
	if r.required(key+".salesforce", rule.Salesforce, "Account.<Field>") {
		r.unless(accountField.MatchString(rule.Salesforce), key+".salesforce", "Account.<Field>, such as Account.ERP_Customer_ID__c")
		_, field, _ := strings.Cut(rule.Salesforce, ".")
		r.unless(!transform.IsTaken("Account", field), key+".salesforce", "another field: a column of that name is there already")
		r.unless(!strings.EqualFold(field, "IsDeleted"), key+".salesforce", "another field: IsDeleted tells what lies in the recycle bin and identifies nobody")
	}
	if strings.EqualFold(rule.Salesforce, accountID) {
		rule.Salesforce = accountID
	}
	if r.required(key+".erp", rule.ERP, "a column of the ERP's file") {
		r.checkColumn(key+".erp", rule.ERP, r.shown(key+".erp"))
	}
}

// checkKey resolves the short names. An Account id is compared as one, unless the rule says otherwise.
func (r *configReader) checkKey(key string, rule *Rule) {
	switch {
	case rule.Key == nil && rule.Salesforce == accountID:
		rule.Key = Key{"salesforce_id"}
		return
	case rule.Key == nil, slices.Equal(rule.Key, Key{"standard"}):
		rule.Key = slices.Clone(standardSteps)
		return
	case slices.Equal(rule.Key, Key{"exact"}):
		rule.Key = Key{}
		return
	case len(rule.Key) == 0:
		r.tell(key, "got an empty list; want exact, standard, salesforce_id or a list of steps")
	}
	listed := !r.isText(key)
	for i, step := range rule.Key {
		at := key
		if listed {
			at = indexed(key, i)
		}
		r.checkStep(at, step, listed)
	}
	if listed {
		r.checkRepeats(key, rule.Key, strings.Clone)
	}
}

func (r *configReader) checkStep(key, step string, listed bool) {
	prefix, takesPrefix := strings.CutPrefix(step, stepPrefix)
	switch {
	case !listed && step != "salesforce_id":
		r.wrongValue(key, "exact, standard, salesforce_id or a list of steps, such as [trim, strip_leading_zeros]")
	case takesPrefix && strings.ContainsFunc(prefix, unicode.IsControl):
		r.wrongValue(key, "a prefix without control characters: no identifier keeps them")
	case takesPrefix && prefix != "", slices.Contains(keySteps, step):
	case takesPrefix:
		r.wrongValue(key, "the prefix after the colon, such as strip_prefix:CUST-")
	default:
		r.wrongValue(key, oneOf(append(slices.Clone(keySteps), "strip_prefix:TEXT"))+"; exact and standard stand alone")
	}
}

// isText tells key: standard from key: [trim]. Only a text was noted with how it is shown.
func (r *configReader) isText(key string) bool { return r.origins[key].shown != "" }

// checkMany fills in the side on which sharing is natural: several accounts may carry a customer's own id, several
// customers the id of one account.
func (r *configReader) checkMany(key string, rule *Rule) {
	switch {
	case rule.Many != "" || r.origins[key].shown != "":
		r.checkWord(key, rule.Many, "accounts", "customers", "both", "none")
	case rule.Salesforce == accountID:
		rule.Many = "customers"
	default:
		rule.Many = "accounts"
	}
}
