-- purpose: tell whether two names are one word for word where words are abbreviated: Mak. for Makina, Wzg. for Werkzeug
-- reads: none; writes: name_abbreviates
--
-- An abbreviation begins with the same letter, keeps the order of the letters and leaves two at least out. The first five
-- letters and more are a word of their own as a rule: Solar is not Solartechnik. As many words on either side, and one of
-- four letters that is written out.
CREATE MACRO name_abbreviates(core, other) AS
    len(string_split(core, ' ')) = len(string_split(other, ' '))
    AND len(list_filter(
        list_zip(string_split(core, ' '), string_split(other, ' ')),
        lambda pair:
            pair[1] <> pair[2]
            AND NOT (
                length(pair[2]) >= 3 AND length(pair[1]) >= length(pair[2]) + 2
                AND NOT regexp_matches(pair[1] || pair[2], '[^\p{L}]')
                AND pair[1] LIKE regexp_replace(pair[2], '(.)', '\1%', 'g')
                AND (length(pair[2]) <= 4 OR NOT starts_with(pair[1], pair[2]))
            )
            AND NOT (
                length(pair[1]) >= 3 AND length(pair[2]) >= length(pair[1]) + 2
                AND NOT regexp_matches(pair[1] || pair[2], '[^\p{L}]')
                AND pair[2] LIKE regexp_replace(pair[1], '(.)', '\1%', 'g')
                AND (length(pair[1]) <= 4 OR NOT starts_with(pair[2], pair[1]))
            )
    )) = 0
    AND len(list_filter(list_intersect(string_split(core, ' '), string_split(other, ' ')), lambda word: length(word) >= 4 OR regexp_matches(word, '[^\x{0}-\x{24F}]'))) > 0
