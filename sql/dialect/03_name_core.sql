-- purpose: leave the legal form, and words such as "and" and "the", out of the words of a company's name
-- reads: none; writes: name_core
--
-- A name of nothing else stays as it is.
CREATE MACRO name_core(words) AS
    coalesce(
        nullif(
            trim(regexp_replace(regexp_replace(
                words,
                '\b(gmbh|mbh|ag|kg|kgaa|ohg|ug|ev|eg|ltd|limited|llc|llp|plc|inc|incorporated|corp|corporation|company|co|sa|sas|sarl|spa|srl|bv|nv|oy|oyj|ab|as|asa|aps|pty|pte|sl|slu|doo|sp z oo|kft|zrt|sro|ltda|kk|and|und|et|the)\b',
                '', 'g'
            ), ' +', ' ', 'g')),
            ''
        ),
        nullif(words, '')
    )
