-- purpose: leave the legal form, words such as "and" and "the", and the address within the house out of a company's name
-- reads: none; writes: name_core
--
-- A name of nothing else stays as it is. Spaces are doubled first, so that each word has two of its own. Head office,
-- accounts payable and billing tell where a company's post goes. A legal form may have been cut short by a narrow column.
CREATE MACRO name_core(words) AS
    coalesce(
        nullif(
            trim(regexp_replace(regexp_replace(
                ' ' || replace(words, ' ', '  ') || ' ',
                ' (gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|ek|ev|eg|se|ltd|limited|llc|llp|lp|plc|pllc|inc|incorporated|corp|corporation|company|co|cie|pvt|sa|sas|sasu|sarl|eurl|snc|spa|srl|srls|sagl|bv|nv|vof|cv|bvba|oy|oyj|ab|hb|me|as|asa|aps|ivs|hf|ehf|pty|pte|sdn|bhd|tbk|sl|slu|sau|lda|ltda|doo|dd|ood|eood|ad|sp  z  oo|spzoo|spk|spj|scoop|kft|zrt|nyrt|bt|sro|spol|uab|sia|ou|kk|sti|sirketi|anonim|san|tic|sanayi|ticaret|ve|και|and|und|u|et|og|och|the|fa|firma|hq|headquarters|head  office|zentrale|hauptsitz|hauptverwaltung|accounts  payable|billing|buchhaltung|lim|limi|limit|limite|gmb|incorp|incorpor|incorporate|corpor|corporat|corporatio|αε|αβεε|επε|ικε|οε|εε|ооо|оао|зао|пао|ао|тоо|ип|شركة|شمل|شمم|شمك|شمع|ذمم|מ|בע|בעמ|株|有|株式会社|有限会社|合同会社|合資会社|合名会社|股份有限公司|有限责任公司|有限公司|股份公司|주식회사|유한회사|주) ',
                ' ', 'g'
            ), ' +', ' ', 'g')),
            ''
        ),
        nullif(words, '')
    )
