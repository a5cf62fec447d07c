-- purpose: tell of the identifiers of near misses what spoils them, and what of them is to be typed
-- reads: near_miss, near_identifier, key_step; writes: typed_identifier
--
-- damage has the numbers of the causes that have spoilt one, between commas; visible is what is left without what nobody
-- sees; digits that, where it reads as digits alone; typed is without what the steps of the rule leave out anyway: space at
-- the ends and characters that nobody sees. A prefix may be a step's only behind them.
CREATE TABLE typed_identifier AS
WITH step_of_rule AS (
    SELECT
        rule,
        max(CASE WHEN step = 'trim' THEN 1 ELSE 0 END) > max(CASE WHEN step = 'strip_prefix' THEN 1 ELSE 0 END) AS trims,
        max(CASE WHEN step = 'strip_invisible' THEN 1 ELSE 0 END) > max(CASE WHEN step = 'strip_prefix' THEN 1 ELSE 0 END) AS strips_invisible
    FROM key_step
    GROUP BY rule
),
needed AS (
    SELECT side, rule, record
    FROM near_miss
    UNION
    SELECT candidate_side AS side, rule, candidate AS record
    FROM near_miss
    WHERE candidate_side <> 'deleted'
),
seen AS (
    SELECT
        i.side, i.rule, i.record, i.identifier,
        key_strip_invisible(i.identifier) AS stripped,
        coalesce(s.strips_invisible, false) AS strips_invisible,
        coalesce(s.trims, false) AS trims
    FROM near_identifier i
    JOIN needed n ON n.side = i.side AND n.rule = i.rule AND n.record = i.record
    LEFT JOIN step_of_rule s ON s.rule = i.rule
),
normal AS (
    SELECT
        side, rule, record, identifier, stripped, trims, key_nfkc(identifier) AS form, foreign_letter(identifier) AS letter,
        CASE WHEN strips_invisible THEN stripped ELSE identifier END AS typed
    FROM seen
),
visible AS (
    SELECT side, rule, record, identifier, stripped, form, letter, trims, typed, key_strip_invisible(form) AS visible
    FROM normal
),
trimmed AS (
    SELECT side, rule, record, identifier, stripped, form, letter, key_trim(visible) AS visible, CASE WHEN trims THEN key_trim(typed) ELSE typed END AS typed
    FROM visible
),
read AS (
    SELECT side, rule, record, identifier, stripped, form, letter, visible, typed, key_look_alike(visible) AS digits
    FROM trimmed
)
SELECT
    side,
    rule,
    record,
    CASE WHEN is_badly_spaced(identifier) THEN ',2,' ELSE '' END
    || CASE WHEN stripped <> identifier THEN ',3,' ELSE '' END
    || CASE WHEN key_plain_width(identifier) <> identifier THEN ',4,' ELSE '' END
    || CASE WHEN form <> identifier THEN ',5,' ELSE '' END
    || CASE WHEN has_loose_signs(identifier) THEN ',6,' ELSE '' END
    || CASE WHEN is_decimal_like(identifier) THEN ',8,' ELSE '' END
    || CASE WHEN letter IS NOT NULL OR (is_misspelt(identifier) AND NOT is_foreign_text(identifier)) THEN ',11,' ELSE '' END AS damage,
    visible,
    letter,
    typed,
    CASE WHEN NOT has_letters(digits) THEN digits END AS digits
FROM read
