-- purpose: hold the criteria for the primary contact in the order in which they decide
-- reads: none; writes: primary_criterion
CREATE TABLE primary_criterion (
    position INTEGER,
    criterion STRING
)
