package pipeline

// badConfigs are the files of testdata/config with every problem they have, one a line.
var badConfigs = []struct{ file, why, want string }{
	{"allowed_hosts", "credentials go to these hosts: no wildcard, no scheme, none twice", `
line 4: salesforce.allowed_hosts[0]: got "*.example.com"; want a host, or host:port, without a scheme, a path or a wildcard
line 4: salesforce.allowed_hosts[1]: got "https://a.example"; want a host, or host:port, without a scheme, a path or a wildcard
line 4: salesforce.allowed_hosts[3]: got "A.example"; it is in the list already
line 4: salesforce.allowed_hosts[4]: got "b.example:99999"; want a host, or host:port, without a scheme, a path or a wildcard`},
	{"anchor_and_alias", "an alias could carry a value past its own line in a message", `
line 3: output.directory: an anchor (&) is not supported; write the value where it is used
line 4: state.directory: an alias (*) is not supported; write the value out`},
	{"api_version", "the v of the path is not part of the version", `
line 3: salesforce.api_version: got "v66"; want a version such as 66.0, 47.0 or later`},
	{"api_version_old", "Bulk API 2.0 queries came with 47.0", `
line 3: salesforce.api_version: got "46.0"; want a version such as 66.0, 47.0 or later`},
	{"bad_reference", "a reference that is cut off or has the syntax of a shell", `
line 4: output.directory: ${ without a }; write $${ for the characters themselves
line 6: state.directory: a ${...} that names no variable; want ${NAME} or ${NAME:-default}, or $${ for the characters themselves`},
	{"bad_words", "three enumerations in one line, in the order of their columns", `
line 3: salesforce.source: got "prod"; want fixtures or org
line 3: salesforce.login: got "password"; want web_server, client_credentials or jwt_bearer
line 3: salesforce.api: got "bluk"; want auto, bulk or rest`},
	{"boolean_quoted", "a quoted true is text", `
line 3: contacts.owner: got "true"; want true or false, without quotes`},
	{"boolean_word", "yes is true in YAML 1.1 and text in 1.2", `
line 3: contacts.owner: got "yes"; want true or false`},
	{"callback_port", "port 0 is a different one each time, the callback URL has one", `
line 3: salesforce.callback_port: got "0"; want a number from 1 to 65535`},
	{"callback_port_80", "browsers leave it out, so no answer would be known as one", `
line 3: salesforce.callback_port: got "80"; want another port than 80, which browsers leave out of an address; for example 1717`},
	{"column_injection", "what could end a quoted name in SQL is refused before any call", `
line 3: erp.customer_id: got "id; DROP TABLE customers"; want the name of a column, without quotes, semicolons, backslashes, control characters, -- and /*
line 4: erp.customer_name: got "na\nme"; want the name of a column, without quotes, semicolons, backslashes, control characters, -- and /*
line 5: erp.types. since: got " since"; want the name of a column, without spaces around it`},
	{"complex_key", "the parser refuses it, with the line", `
line 4: not YAML: found an invalid key for this map`},
	{"directive", "a directive would make the file a second document", `
line 1: a YAML directive is not supported`},
	{"duration_overflow", "more than an int64 of nanoseconds", `
line 3: limits.deadline: got "99999999w"; too large`},
	{"duration_unit", "hours has no meaning, and no space is allowed", `
line 3: limits.deadline: got "2 hours"; want a number with a unit: ms, s, m, h, d, w, such as 36h, 90m or 1h30m`},
	{"duration_without_unit", "120 seconds, minutes or hours", `
line 3: limits.deadline: got "120"; want a number with a unit: ms, s, m, h, d, w, such as 36h, 90m or 1h30m`},
	{"duration_zero", "a run without any time cannot end well", `
line 3: limits.deadline: got "0"; want more than 0, such as 2h`},
	{"empty", "an empty file lacks all that is required", `
erp.source.path: required: the ERP's customer file
erp.customer_id: required: the column that identifies a customer
link: required: at least one rule, such as {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}`},
	{"erp_words", "the four words of the ERP file", `
line 2: erp.source.format: got "xls"; want auto, csv, tsv or parquet
line 2: erp.source.delimiter: got ":"; want auto, ",", ";", "|" or tab
line 2: erp.source.encoding: got "ebcdic"; want auto, utf-8, utf-16, utf-16le, utf-16be, latin-1 or windows-1252
line 2: erp.source.final_newline: got "maybe"; want required or optional`},
	{"expanded_value", "what a variable held is not quoted: it may be a secret", `
line 4: salesforce.api: got "${SECRET}", after its variables were put in; want auto, bulk or rest
line 6: limits.threads: got "${SECRET}", after its variables were put in; want a whole number`},
	{"field_injection", "SOQL has no quotes for names, so the pattern is the guard", `
line 8: salesforce.objects.Account.fields[1]: got "Name FROM User--"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
line 9: salesforce.objects.Account.fields[2]: got "Name,Id"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
line 10: salesforce.objects.Account.fields[3]: got "1Name"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
line 11: salesforce.objects.Account.fields[4]: got "Naïve__c"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
line 12: salesforce.objects.Account.fields[5]: got "A.B.C.D.E.F.G"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name`},
	{"field_repeated", "names of Salesforce are not case-sensitive: one column, twice", `
line 5: salesforce.objects.Contact.fields[2]: got "email"; it is in the list already`},
	{"five_mistakes", "all of them at once", `
line 3: salesforce.api: got "bluk"; want auto, bulk or rest
line 5: salesforce.objects.Account.fields[1]: got "Name; --"; want the API name of a field, such as Name, ERP_Customer_ID__c or Owner.Name
line 9: erp.max_agee: unknown key; did you mean max_age?
line 13: link[0].many: got "some"; want accounts, customers, both or none
line 15: limits.memory: got "512"; want a number with a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024), such as 512MiB`},
	{"formats", "one format that exists, one that does not", `
line 3: output.formats[1]: got "json"; want parquet or csv`},
	{"host_elsewhere", "a host that ends like Salesforce only at first sight", `
line 5: salesforce.instance_url: acme.my.salesforce.com.evil.example is neither under salesforce.com or force.com nor in salesforce.allowed_hosts; want the My Domain of the org, such as https://acme.my.salesforce.com`},
	{"host_http", "credentials in clear over the network", `
line 5: salesforce.instance_url: http on acme.my.salesforce.com, which is no loopback address; want the My Domain of the org, such as https://acme.my.salesforce.com`},
	{"host_login", "the login host refuses client_credentials, after the secret was sent", `
line 5: salesforce.instance_url: login.salesforce.com has no client_credentials sign-in; want the My Domain of the org, such as https://acme.my.salesforce.com`},
	{"host_password", "a password in the address would end up in logs; it is not quoted either", `
line 5: salesforce.instance_url: a user name or password in it; want the My Domain of the org, such as https://acme.my.salesforce.com`},
	{"host_path", "the API path is not part of the address", `
line 5: salesforce.instance_url: a path, query or fragment in it; want the My Domain of the org, such as https://acme.my.salesforce.com`},
	{"key_alias", "an anchor in front of a key", `
line 3: a key that is no plain text; write it as key: value`},
	{"key_control", "a key can hold anything, and goes to a terminal", `
line 3: "a\nb\x1b[31m": unknown key; want salesforce, erp, link, blank_identifiers, contacts, guards, output, state or limits
line 4: "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...": unknown key; want salesforce, erp, link, blank_identifiers, contacts, guards, output, state or limits`},
	{"link_empty", "without a rule nothing links", `
line 2: link: required: at least one rule, such as {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}`},
	{"link_not_a_list", "one rule without its dash", `
line 2: link: got a mapping; want a list, such as [a, b]`},
	{"list_holes", "nothing, an alias and a tag as elements", `
line 5: blank_identifiers[1]: got nothing; want one value
line 6: blank_identifiers[2]: an alias (*) is not supported; write the value out
line 7: blank_identifiers[3]: a tag (!) is not supported; write the value alone`},
	{"list_is_text", "one format is still a list", `
line 4: output.formats: got text; want a list, such as [a, b]`},
	{"list_of_lists", "one bracket too many", `
line 4: output.formats[0]: got a list; want one value
line 4: output.formats[1]: got a list; want one value`},
	{"lookup_name", "a field of Account itself, none twice", `
line 3: contacts.lookups[1]: got "Owner.Id"; want the API name of an Account field, such as Billing_Contact__c
line 3: contacts.lookups[2]: got "billing_contact__C"; it is in the list already`},
	{"merge_key", "the value is not where the key is", `
line 4: limits: a merge key (<<) is not supported; write the keys out`},
	{"missing_required", "a section that is there does not help", `
erp.source.path: required: the ERP's customer file
erp.customer_id: required: the column that identifies a customer
link: required: at least one rule, such as {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}`},
	{"missing_variable", "two of them in one value", `
line 4: output.directory: variable HOME_OF_OUTPUT is not set; set it, or write ${HOME_OF_OUTPUT:-default}
line 4: output.directory: variable RUN is not set; set it, or write ${RUN:-default}`},
	{"misspelt_required_key", "what is misspelt is not missing as well", `
line 3: erp.customer_idd: unknown key; did you mean customer_id?`},
	{"not_utf8", "Latin-1 bytes would become replacement characters", `
line 2: not UTF-8, or a NUL byte in it`},
	{"nul", "NUL cuts a path short in the system", `
line 2: not UTF-8, or a NUL byte in it`},
	{"null_word", "the words null and ~ without quotes are no words", `
line 3: blank_identifiers[1]: got nothing; want a value, or "null" in quotes for the word itself
line 3: blank_identifiers[2]: got nothing; want a value, or "~" in quotes for the word itself`},
	{"number_huge", "more than fits", `
line 3: limits.threads: got "99999999999999999999"; want a whole number`},
	{"number_quoted", "a quoted number is text", `
line 3: limits.threads: got "4"; want a whole number, without quotes`},
	{"octal", "030 is 24 in YAML 1.1", `
line 3: state.keep_stages: got "030"; want a whole number`},
	{"only_comments", "a file whose every key is commented out", `
erp.source.path: required: the ERP's customer file
erp.customer_id: required: the column that identifies a customer
link: required: at least one rule, such as {salesforce: Account.ERP_Customer_ID__c, erp: customer_id}`},
	{"path_address", "a database or a bucket is no file, and its address may hold a password", `
line 3: erp.source.path: an address; want a path on this machine
line 5: output.directory: an address; want a path on this machine`},
	{"path_control", "NUL by an escape in quotes", `
line 3: output.directory: got "out\x00"; want a path without control characters`},
	{"path_home", "a folder named ~ is never meant", `
line 3: output.directory: got "~/out"; want a path; ~ is not expanded, write ${HOME}`},
	{"primary_empty", "somebody has to be the primary contact", `
line 3: contacts.primary: got an empty list; want at least one of lookup, billing_title, has_email or oldest`},
	{"primary_words", "an unknown one, and one twice", `
line 3: contacts.primary[1]: got "newest"; want lookup, billing_title, has_email or oldest
line 3: contacts.primary[2]: got "oldest"; it is in the list already`},
	{"rate_nan", "NaN passes every comparison", `
line 3: guards.max_drop: got ".nan"; want a number, such as 0.8`},
	{"rate_range", "percent in place of shares", `
line 3: guards.min_link_rate: got "1.01"; want a number from 0 to 1
line 3: guards.max_drop: got "-0.1"; want a number from 0 to 1
line 4: limits.api_quota: got "80"; want a number from 0 to 1`},
	{"rate_word", "a percent sign", `
line 3: guards.max_drop: got "20%"; want a number, such as 0.8`},
	{"repeated_key", "which of the two counts?", `
line 5: output: repeated; the first is in line 3`},
	{"repeated_nested_key", "the same, one level down", `
line 6: limits.threads: repeated; the first is in line 4`},
	{"root_list", "the file of something else", `
line 1: got a list; want a mapping of keys to values`},
	{"root_text", "a word", `
line 1: got text; want a mapping of keys to values`},
	{"rule_incomplete", "both sides of a rule", `
line 3: link[0].erp: required: a column of the ERP's file
line 4: link[1].salesforce: required: Account.<Field>`},
	{"rule_injection", "names of both sides reach queries", `
line 3: link[0].salesforce: got "Account.X__c FROM Account"; want Account.<Field>, such as Account.ERP_Customer_ID__c
line 4: link[0].erp: got "id\" OR 1=1 --"; want the name of a column, without quotes, semicolons, backslashes, control characters, -- and /*`},
	{"rule_is_text", "the way the output names a rule is not the way to write it", `
line 3: link[0]: got text; want a mapping`},
	{"rule_key", "a step alone, an unknown step, a short name in a list, no prefix, no steps, a step twice, a mapping", `
line 3: link[0].key: got "trim"; want exact, standard, salesforce_id or a list of steps, such as [trim, strip_leading_zeros]
line 4: link[1].key[1]: got "lower"; want nfkc, strip_invisible, trim, collapse_space, casefold, strip_punctuation, strip_leading_zeros, strip_decimal, digits_only, salesforce_id or strip_prefix:TEXT; exact and standard stand alone
line 5: link[2].key[0]: got "standard"; want nfkc, strip_invisible, trim, collapse_space, casefold, strip_punctuation, strip_leading_zeros, strip_decimal, digits_only, salesforce_id or strip_prefix:TEXT; exact and standard stand alone
line 6: link[3].key[0]: got "strip_prefix:"; want the prefix after the colon, such as strip_prefix:CUST-
line 7: link[4].key: got an empty list; want exact, standard, salesforce_id or a list of steps
line 8: link[5].key[1]: got "trim"; it is in the list already
line 9: link[6].key: got a mapping; want one value`},
	{"rule_many", "an unknown word and an empty one", `
line 3: link[0].many: got "all"; want accounts, customers, both or none
line 4: link[1].many: got ""; want accounts, customers, both or none`},
	{"rule_object", "only fields of Account itself link", `
line 3: link[0].salesforce: got "Contact.X__c"; want Account.<Field>, such as Account.ERP_Customer_ID__c
line 4: link[1].salesforce: got "Account.Owner.Name"; want Account.<Field>, such as Account.ERP_Customer_ID__c
line 5: link[2].salesforce: got "X__c"; want Account.<Field>, such as Account.ERP_Customer_ID__c`},
	{"rule_repeated", "link_rule in the output could not tell them apart", `
line 5: link[2]: Account.a=id again, as in rule 1; one rule for a pair, with the steps of its key`},
	{"rule_unknown_key", "two letters swapped", `
line 3: link[0].kye: unknown key; did you mean key?`},
	{"same_folder", "a publication would list recorded runs", `
line 4: state.directory: the same folder as output.directory; want another one`},
	{"state_below_output", "analysts would read tokens and recorded runs", `
line 4: state.directory: lies in output.directory, which others read; want a folder beside it`},
	{"output_in_the_state", "the sweep would take a publication for what a dead run left", `
line 3: output.directory: lies in a folder of the state, which is swept; want one outside state.directory`},
	{"output_is_the_stages", "publications and recorded runs have the same names", `
line 3: output.directory: lies in a folder of the state, which is swept; want one outside state.directory`},
	{"pattern_in_path", "DuckDB would read what else the pattern meets", `
line 3: output.directory: got "out*"; want a path that is UTF-8 from the root on, without *, ? and [, which DuckDB takes for a pattern`},
	{"field_taken", "the table has a column of that name", `
line 3: salesforce.objects.Account.fields[1]: got "Status"; want another field: a column of that name is there already
line 4: salesforce.objects.Contact.fields[0]: got "Source"; want another field: a column of that name is there already
line 6: link[0].salesforce: got "Account.Status"; want another field: a column of that name is there already
line 7: contacts.lookups[0]: got "link_key"; want another field: a column of that name is there already`},
	{"temporary_in_output", "analysts would read a database in the making", `
line 5: limits.temp_directory: lies in output.directory, which others read; want a folder elsewhere`},
	{"secret_file_folder", "a folder opens, but holds no secret", `
line 7: salesforce.client_secret_file: not a regular file`},
	{"secret_file_missing", "the file is read at the start, not when the token expires", `
line 7: salesforce.client_secret_file: no such file or directory`},
	{"secret_twice", "which of the two counts?", `
line 8: salesforce.client_secret_file: salesforce.client_secret is set too; want one of them`},
	{"section_is_list", "objects are keys, not elements", `
line 4: salesforce.objects: got a list; want a mapping`},
	{"section_is_text", "a number in place of a section", `
line 3: limits: got a number; want a mapping`},
	{"sign_in_incomplete", "everything that an org needs, at once", `
line 3: salesforce.instance_url: required: the My Domain of the org, where salesforce.source is org
line 3: salesforce.client_id: required: the consumer key of the External Client App, where salesforce.source is org
line 3: salesforce.client_secret: required: the consumer secret, or client_secret_file, where salesforce.login is client_credentials`},
	{"sign_in_keys", "an id of another object, and a store that there is not", `
line 3: salesforce.organization_id: got "001Fx0000000001MAA"; want the id of an org, 00D and 12 or 15 more letters and digits
line 4: salesforce.token_store: got "vault"; want file or keyring`},
	{"sign_in_jwt", "what jwt_bearer needs", `
line 3: salesforce.username: required: the user to sign in as, where salesforce.login is jwt_bearer
line 3: salesforce.key_file: required: the private key, where salesforce.login is jwt_bearer`},
	{"size_small", "DuckDB opens no database in it", `
line 3: limits.memory: got "1MiB"; want at least 128MiB`},
	{"size_unit", "gig is no unit", `
line 3: limits.memory: got "1 gig"; want a number with a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024), such as 512MiB`},
	{"size_without_unit", "1024 of what?", `
line 3: limits.memory: got "1024"; want a number with a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024), such as 512MiB`},
	{"source_unsaid", "the fixtures must not be published by somebody who forgot a line", `
line 3: salesforce.source: required beside salesforce.instance_url: org, or fixtures to try crosswalk without one`},
	{"step_mapping", "a space behind the colon makes it a mapping", `
line 7: link[0].key[1]: got a mapping; want one value`},
	{"syntax", "a bracket that is not closed", `
line 3: not YAML: could not find flow mapping end token '}'`},
	{"tab_indent", "YAML indents with spaces", `
line 2: not YAML: found character '\t' that cannot start any token`},
	{"tag", "a tag would choose the type", `
line 3: limits.threads: a tag (!) is not supported; write the value alone`},
	{"text_is_list", "one folder", `
line 4: output.directory: got a list; want one value`},
	{"text_is_mapping", "an indented line by mistake", `
line 5: salesforce.client_id: got a mapping; want one value`},
	{"threads_range", "below and above the bounds", `
line 3: limits.threads: got "-1"; want a number from 0 to 1024
line 4: state.keep_stages: got "10001"; want a number from 0 to 10000
line 5: contacts.child_accounts: got "101"; want a number from 0 to 100`},
	{"trailing_separator", "half of a second document", `
line 3: a second YAML document; want one`},
	{"two_documents", "the second one would be ignored", `
line 3: a second YAML document; want one`},
	{"type_names", "no digits, too many, more behind the point than there are, a word", `
line 5: erp.types.a: got "decimal"; want decimal(18,2), integer, date, timestamp, boolean or text
line 6: erp.types.b: got "decimal(39,2)"; want decimal(p,s) with p from 1 to 38 and s from 0 to p
line 7: erp.types.c: got "decimal(4,5)"; want decimal(p,s) with p from 1 to 38 and s from 0 to p
line 8: erp.types.d: got "money"; want decimal(18,2), integer, date, timestamp, boolean or text`},
	{"type_of_identifier", "an identifier never goes through a number", `
line 5: erp.types.number: an identifier (erp.customer_id) is text, whatever it looks like; leave it out here
line 6: erp.types.id: an identifier (link[0].erp) is text, whatever it looks like; leave it out here`},
	{"attributes", "a fact that customers has no column for, and a name that is no column", `
line 5: erp.attributes.fax: unknown key; want phone, website, street, city or country
line 6: erp.attributes.phone: got " TELF1"; want the name of a column, without spaces around it`},
	{"types_list", "a column without its type", `
line 4: erp.types: got a list; want a mapping`},
	{"unknown_key", "one letter too many", `
line 3: outputs: unknown key; did you mean output?`},
	{"unknown_key_elsewhere", "the right key in the wrong place", `
line 3: memory: unknown key; did you mean limits.memory?`},
	{"unknown_key_nowhere", "nothing is near: the keys that are there", `
line 4: guards.colour: unknown key; want min_link_rate, max_drop, max_moved, allow_empty or unchanged_snapshot`},
	{"unknown_object", "only Account and Contact take part", `
line 5: salesforce.objects.Opportunity: unknown key; want Account or Contact`},
	{"value_missing", "a key and a colon", `
line 4: output.directory: got nothing; want one value`},
	{"value_too_long", "a message stays readable", `
line 3: output.formats[0]: got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."; want parquet or csv`},
	{"whole_number", "half a processor", `
line 3: limits.threads: got "1.5"; want a whole number`},
}
