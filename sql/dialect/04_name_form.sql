-- purpose: find the legal form in the words of a company's name; empty where it names none
-- reads: none; writes: name_form
--
-- Spaces are doubled first, so that each word has two of its own. What is written out is as good as its letters.
CREATE MACRO name_form(words) AS
    trim(replace(replace(replace(replace(replace(replace(replace(array_to_string(
        regexp_extract_all(
            ' ' || replace(words, ' ', '  ') || ' ',
            ' (gmbh|ag|kg|kgaa|ohg|gbr|ug|ek|ev|eg|se|ltd|limited|llc|llp|lp|plc|pllc|inc|incorporated|corp|corporation|sa|sas|sasu|sarl|eurl|snc|spa|srl|srls|sagl|bv|nv|vof|cv|bvba|oy|oyj|ab|hb|me|as|asa|aps|ivs|hf|ehf|pty|pte|sdn|bhd|tbk|sl|slu|sau|lda|ltda|doo|dd|ood|eood|ad|sp  z  oo|spzoo|spk|spj|kft|zrt|nyrt|bt|sro|uab|sia|ou|kk|αε|αβεε|επε|ικε|οε|εε|ооо|оао|зао|пао|ао|тоо|ип|شمل|شمم|شمك|شمع|ذمم|בעמ|株|有|株式会社|有限会社|合同会社|合資会社|合名会社|股份有限公司|有限责任公司|有限公司|股份公司|주식회사|유한회사|주) '
        ),
        ''
    ), 'limited', 'ltd'), 'incorporated', 'inc'), 'corporation', 'corp'), 'sp  z  oo', 'spzoo'), '株式会社', '株'), '有限会社', '有'), '주식회사', '주'))
