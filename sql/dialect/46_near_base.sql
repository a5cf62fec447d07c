-- purpose: take what a near miss is looked for by: the key, or the identifier where the steps of the rule refuse it
-- reads: none; writes: near_base
--
-- An account's id that the steps do not know as one is taken as it is.
CREATE MACRO near_base(identifier, link_key) AS
    CASE WHEN is_account_id_like(identifier) AND NOT is_long_account_id(link_key) THEN identifier ELSE coalesce(link_key, identifier) END
