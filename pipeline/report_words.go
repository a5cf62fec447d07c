package pipeline

// words are how the page speaks of a status, a cause, a change or a guard: its name, what it means, what to do.
type words struct{ Name, Means, Do string }

var statusWords = map[string]words{
	"linked":               {"Linked", "The identifier is the same on both sides.", "Nothing."},
	"linked_many":          {"Linked to several", "Several accounts carry the identifier of this customer, which the rule allows.", "Nothing, unless two of the accounts are duplicates of one another."},
	"blank_identifier":     {"No identifier", "The record has no identifier, so there is nothing to compare. An account without one is a prospect.", "Fill in the identifier. An account that is a prospect needs none."},
	"key_collision":        {"Identifiers collide", "Identifiers that are written differently become the same once they are cleaned. Whose it is cannot be told, so none of them is linked.", "Correct the identifier that is wrong, or make them differ in more than their spelling."},
	"duplicate_identifier": {"Identifier shared", "Several records carry the same identifier where only one may. None of them is linked.", "Find out which record it belongs to, and merge or correct the others."},
	"near_miss":            {"Near miss", "The identifier matches no other exactly, but one comes very close. It is never linked by guessing.", "Look at the suggestion. If it is right, make the change that it names."},
	"not_found":            {"Not found", "Nobody on the other side carries this identifier, and nothing comes close.", "Create the missing record, or correct the identifier."},
	"published":            {"At a customer", "The contact belongs to a linked account and stands in the contacts.", "Nothing."},
	"no_account":           {"Without an account", "The contact belongs to no account in Salesforce.", "Give the contact its account, if it has one."},
	"account_not_linked":   {"Account not linked", "The account of the contact is not linked, is deleted, or cannot be seen.", "Link the account first."},
}

// causeOrder lists the causes of a near miss from the smallest to the greatest.
var causeOrder = []string{
	"case", "space", "invisible_character", "width", "unicode_form", "punctuation", "leading_zeros", "trailing_decimal",
	"salesforce_id_length", "prefix", "look_alike", "other_field", "deleted", "merged", "typo",
}

var causeWords = map[string]words{
	"case":                 {Name: "Upper and lower case", Means: "The letters are the same, but for capitals."},
	"space":                {Name: "Spaces", Means: "One of the two has spaces that the other has not."},
	"invisible_character":  {Name: "Invisible character", Means: "One of the two holds a character that nobody can see. It comes along when text is copied."},
	"width":                {Name: "Wide characters", Means: "One of the two was typed in wide characters, as on an East Asian keyboard."},
	"unicode_form":         {Name: "Another form of letters", Means: "The letters look the same and are stored in another form."},
	"punctuation":          {Name: "Punctuation", Means: "One of the two has dashes, dots or slashes that the other has not."},
	"leading_zeros":        {Name: "Leading zeros", Means: "One of the two lost the zeros in front. Spreadsheets do that."},
	"trailing_decimal":     {Name: "A decimal at the end", Means: "One of the two ends with .0 because it was once a number. Spreadsheets do that."},
	"salesforce_id_length": {Name: "Length of the Salesforce id", Means: "One of the two is the short form of a Salesforce id, the other the long one."},
	"prefix":               {Name: "Letters around it", Means: "One of the two has letters before or after the identifier."},
	"look_alike":           {Name: "Look-alike letters", Means: "One of the two has a letter of another alphabet, or a digit, that looks the same."},
	"other_field":          {Name: "In another field", Means: "The identifier stands in another field than the one that is compared."},
	"deleted":              {Name: "Deleted account", Means: "The account that carried the identifier is in the recycle bin of Salesforce."},
	"merged":               {Name: "Merged account", Means: "The account that carried the identifier was merged into another one."},
	"typo":                 {Name: "Typing mistake", Means: "One character differs, and the names are much alike."},
}

// reasonWords say, beside a status, which of its kinds it is; of a collision, in what the identifiers differ.
var reasonWords = map[string]string{
	"customers":         "shared by customers",
	"accounts":          "shared by accounts",
	"bad_salesforce_id": "is no Salesforce id",
	"parent_holds_it":   "the parent account has it",

	"nfkc":                "differ in the form of letters",
	"strip_invisible":     "differ in a character that cannot be seen",
	"trim":                "differ in spaces around",
	"collapse_space":      "differ in spaces",
	"casefold":            "differ in capitals",
	"strip_punctuation":   "differ in punctuation",
	"strip_leading_zeros": "differ in zeros in front",
	"strip_decimal":       "differ in a decimal at the end",
	"digits_only":         "differ in letters",
	"strip_prefix":        "differ in what stands in front",
	"salesforce_id":       "differ in the length of the Salesforce id",
}

var sideWords = map[string]string{"erp": "Customer (ERP)", "salesforce": "Account (Salesforce)"}

// changeOrder and changeWords are the kinds of change since the last publication.
var (
	changeOrder = []string{"linked", "lost", "moved", "status", "new", "gone"}
	changeWords = map[string]words{
		"linked": {Name: "Linked", Means: "The customer was not linked before and is now."},
		"lost":   {Name: "Link lost", Means: "The customer was linked before and is not any more."},
		"moved":  {Name: "Moved", Means: "The customer is linked to another account than before."},
		"status": {Name: "Other status", Means: "The customer has another status than before, and won or lost no link by it."},
		"new":    {Name: "New", Means: "The customer was not in the ERP file before."},
		"gone":   {Name: "Gone", Means: "The customer is no longer in the ERP file."},
	}
)

var guardWords = map[string]string{
	"min_link_rate": "Share of customers that are linked, at least",
	"max_drop":      "Fall since the last publication, at most",
	"max_moved":     "Share of customers that moved to another account, at most",
	"allow_empty":   "Rows, at least",
	guardUnchanged:  "The ERP's file is that of an earlier date",
}

// nameOf is the name of a word, or the word itself where the page has none for it.
func nameOf(known map[string]words, word string) string {
	if found, ok := known[word]; ok {
		return found.Name
	}
	return shown(word, shownValue)
}
