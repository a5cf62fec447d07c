package pipeline

import (
	"context"
	"database/sql"
	"fmt"
)

// contact is where a contact is published, or why it is not, which only the recorded stage knows.
func (e *explanation) contact(ctx context.Context, id string) (*ExplainedRecord, error) {
	record := newRecord(objectOfContact, id, "")
	var customers int64
	err := e.published.Ask(ctx, "contact", func(scan func(...any) error) error {
		c := ExplainedContact{}
		var customer, name, reason sql.NullString
		if err := scan(&customer, &c.AccountID, &c.ID, &name, &c.Source, &c.Primary, &reason, &record.ContactCount, &customers); err != nil {
			return err
		}
		c.CustomerID, c.Name, c.PrimaryReason = customer.String, name.String, reason.String
		record.Name, record.Contacts = c.Name, append(record.Contacts, c)
		return nil
	}, id)
	if err != nil {
		return nil, err
	}
	if len(record.Contacts) > 0 {
		record.Status = "published"
		record.Plain = "is published: " + contactWords(record.Contacts[0], true)
		if more := customers - 1; more > 0 {
			record.Plain += fmt.Sprintf(", and with %s more", counted(more, "customer", "customers"))
		}
		record.Plain += "."
		return record, nil
	}
	return e.unpublishedContact(ctx, record)
}

// contactWords say where a contact is published and why it is the primary one.
func contactWords(c ExplainedContact, where bool) string {
	text := ""
	if where {
		text = fmt.Sprintf("it comes to customer %s by account %s (source: %s)", quoted(visible(c.CustomerID)), c.AccountID, c.Source)
	}
	if !c.Primary {
		return text
	}
	if where {
		text += ", whose primary contact it is, "
	}
	return text + primaryWords(c.PrimaryReason)
}

func primaryWords(reason string) string {
	words := map[string]string{
		"only_contact": "as the only one", "lookup": "because a lookup field of the account names it", "billing_title": "because of its title",
		"has_email": "because it has an email address", "oldest": "because it is the oldest", "smallest_id": "because nothing but its id sets it apart",
	}
	if text, found := words[reason]; found {
		return text
	}
	return "because of " + reason
}

func (e *explanation) unpublishedContact(ctx context.Context, record *ExplainedRecord) (*ExplainedRecord, error) {
	var name, account sql.NullString
	deleted, rows := false, 0
	err := e.published.Ask(ctx, "kept_contact", func(scan func(...any) error) error { rows++; return scan(&name, &account, &deleted) }, record.ID)
	if err != nil || rows == 0 {
		return nil, err
	}
	record.Name = name.String
	switch {
	case deleted:
		record.Status, record.Plain = statusDeleted, "is in the recycle bin, so it is not published."
		record.Fix = "restore it in Salesforce, where it was deleted by mistake"
		return record, nil
	case account.String == "":
		record.Status, record.Plain = "no_account", "belongs to no account, so it cannot come to a customer."
		record.Fix = "give the contact its account in Salesforce"
		return record, nil
	}
	record.Status = "account_not_linked"
	holder, err := e.account(ctx, account.String)
	if err != nil {
		return nil, err
	}
	if holder == nil {
		record.Plain = "belongs to account " + account.String + ", which this run did not see, so it cannot come to a customer."
		record.Fix = "let the integration user see all accounts: crosswalk check"
		return record, nil
	}
	record.Plain = fmt.Sprintf("belongs to account %s, %s, which %s", holder.ID, quoted(visible(holder.Name)), holder.Plain)
	record.Fix = holder.Fix
	return record, nil
}

// quoted puts a value between quotes as it is: what cannot be seen in it was made visible before.
func quoted(text string) string { return `"` + text + `"` }
