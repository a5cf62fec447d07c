-- purpose: take out of an identifier what the steps of its rule leave out anyway and nobody can type with care
-- reads: none; writes: typed_identifier
CREATE MACRO typed_identifier(strips_invisible, trims, identifier) AS
    list_transform(
        [CASE WHEN strips_invisible THEN key_strip_invisible(identifier) ELSE identifier END],
        lambda visible: CASE WHEN trims THEN key_trim(visible) ELSE visible END
    )[1]
