-- purpose: choose the near miss of each record: the first cause, the first rule, the most similar name, the smallest id
-- reads: near_candidate, near_party, near_identifier; writes: near_miss
--
-- Of names that are one but for the way they are written, the same one comes first. Customers may share id and name; what
-- else is told of a candidate decides between them, so that the order of the rows never does.
CREATE TABLE near_miss AS
WITH party_of AS (
    SELECT
        n.side, n.rule, n.record, n.candidate, n.first_cause, n.second_cause, n.place, n.rank, n.similarity, n.is_linked,
        coalesce(o.name = p.name, false) AS is_named_so,
        p.side AS candidate_side, p.id AS candidate_id, p.name AS candidate_name, p.holder, i.identifier
    FROM near_candidate n
    LEFT JOIN near_party o ON o.side = n.side AND o.record = n.record
    JOIN near_party p
        ON p.record = n.candidate
        AND p.side = CASE WHEN n.side = 'accounts' THEN 'customers' WHEN n.first_cause = 13 THEN 'deleted' ELSE 'accounts' END
    LEFT JOIN near_identifier i ON i.side = p.side AND i.rule = n.rule AND i.record = n.candidate
),
ordered AS (
    SELECT
        side, rule, record, candidate, first_cause, second_cause, place, is_linked, candidate_side, candidate_id, candidate_name,
        count(*) OVER (PARTITION BY side, record, rule, rank) AS candidates,
        row_number() OVER (
            PARTITION BY side, record
            ORDER BY
                rank, rule, similarity DESC, is_named_so DESC, candidate_id ASC NULLS LAST, candidate_name ASC NULLS LAST,
                identifier ASC NULLS LAST, holder ASC NULLS LAST, place ASC NULLS LAST
        ) AS position
    FROM party_of
)
SELECT side, rule, record, candidate, first_cause, second_cause, place, is_linked, candidate_side, candidate_id, candidate_name, candidates
FROM ordered
WHERE position = 1
