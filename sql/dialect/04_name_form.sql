-- purpose: find the legal form in the words of a company's name; empty where it names none
-- reads: none; writes: name_form
CREATE MACRO name_form(words) AS
    replace(replace(replace(array_to_string(
        regexp_extract_all(
            words,
            '\b(gmbh|ag|kg|kgaa|ohg|ug|ev|eg|ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|sa|sas|sarl|spa|srl|bv|nv|oy|oyj|ab|as|asa|aps|pty|pte|sl|slu|doo|sp z oo|kft|zrt|sro|ltda|kk)\b'
        ),
        ' '
    ), 'limited', 'ltd'), 'incorporated', 'inc'), 'corporation', 'corp')
