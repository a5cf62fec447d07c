-- purpose: write a list of texts as one text, joined with semicolons as in a CSV file
-- reads: none; writes: joined_text
--
-- Stands apart because engines name this function differently.
CREATE MACRO joined_text(texts) AS array_to_string(texts, ';')
