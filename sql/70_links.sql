-- purpose: publish one row for each linked customer and account
-- reads: ranked_link, rule; writes: links
CREATE VIEW links AS
SELECT
    l.customer_id,
    l.account_id,
    l.link_key,
    r.name AS link_rule,
    l.account_rank
FROM ranked_link l
JOIN rule r ON r.rule = l.rule
