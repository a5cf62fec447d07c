-- purpose: tell whether two texts become one when two neighbours of the first change places
-- reads: none; writes: is_transposed
--
-- Where they first differ they must be crosswise, and agree in all that follows.
CREATE MACRO is_transposed(text, other) AS
    length(text) = length(other)
    AND list_transform(
        [list_position(list_transform(range(1, length(text) + 1), lambda i: substring(text, CAST(i AS INTEGER), 1) <> substring(other, CAST(i AS INTEGER), 1)), true)],
        lambda place:
            place IS NOT NULL
            AND substring(text, CAST(place AS INTEGER), 1) = substring(other, CAST(place AS INTEGER) + 1, 1)
            AND substring(text, CAST(place AS INTEGER) + 1, 1) = substring(other, CAST(place AS INTEGER), 1)
            AND substring(text, CAST(place AS INTEGER) + 2) = substring(other, CAST(place AS INTEGER) + 2)
    )[1]
