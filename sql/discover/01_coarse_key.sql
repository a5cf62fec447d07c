-- purpose: bring a value so far down that two spellings of one identifier agree: what to compare closer, not what links
-- reads: none; writes: discover_coarse_key
--
-- Letters and digits of ASCII, in small letters, without a trailing decimal, leading letters and leading zeros; of an
-- account's id the first 15 characters.
CREATE MACRO discover_coarse_key(value) AS
    regexp_replace(
        lower(
            regexp_replace(
                CASE
                    WHEN length(value) = 18 AND regexp_matches(value, '^[0-9A-Za-z]{18}$') THEN substring(value, 1, 15)
                    WHEN contains(value, '.') THEN regexp_replace(value, '^(\s*[0-9]+)\.0+\s*$', '\1')
                    ELSE value
                END,
                '[^0-9A-Za-z]+', '', 'g'
            )
        ),
        '^[a-z]*0*([0-9])', '\1'
    )
