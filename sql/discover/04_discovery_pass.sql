-- purpose: hold how much this pass looks at: one of so many coarse keys, and at most so many pairs
-- reads: none; writes: discovery_pass
CREATE TABLE discovery_pass (
    modulus BIGINT,
    pairs BIGINT
)
