-- purpose: tell whether a cause has spoilt an identifier, so that nobody should type it again
-- reads: none; writes: is_spoilt
--
-- damage has the numbers of the causes that have, between commas.
CREATE MACRO is_spoilt(cause, damage) AS
    coalesce(contains(damage, ',' || CAST(cause AS VARCHAR) || ','), false)
