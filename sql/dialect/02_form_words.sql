-- purpose: write the legal forms in the words of a company's name with their letters: Aktiengesellschaft is ag
-- reads: none; writes: form_words
--
-- Words are small letters without accents, parted by single spaces. gmbh&co.kg, written without a space, is cokg here.
CREATE MACRO form_words(words) AS
    trim(list_reduce(
        [
            ['gesellschaft mit beschrankter haftung', 'gmbh'],
            ['gesellschaft mbh', 'gmbh'],
            ['ges mbh', 'gmbh'],
            ['gesmbh', 'gmbh'],
            ['kommanditgesellschaft auf aktien', 'kgaa'],
            ['kommanditgesellschaft', 'kg'],
            ['aktiengesellschaft', 'ag'],
            ['cokg', 'co kg'],
            ['cokgaa', 'co kgaa'],
            ['public limited company', 'plc'],
            ['private limited', 'pvt ltd'],
            ['societe anonyme', 'sa'],
            ['societe a responsabilite limitee', 'sarl'],
            ['societa per azioni', 'spa'],
            ['societa a responsabilita limitata', 'srl'],
            ['sociedad anonima', 'sa'],
            ['sociedad limitada', 'sl'],
            ['besloten vennootschap', 'bv'],
            ['naamloze vennootschap', 'nv'],
            ['aktiebolag', 'ab'],
            ['handelsbolag', 'hb'],
            ['aktieselskab', 'as'],
            ['aksjeselskap', 'as'],
            ['anpartsselskab', 'aps'],
            ['osakeyhtio', 'oy'],
            ['spolka akcyjna', 'sa'],
            ['spolka z ograniczona odpowiedzialnoscia', 'sp z oo']
        ],
        lambda text, form: [replace(text[1], ' ' || form[1] || ' ', ' ' || form[2] || ' '), ''],
        [' ' || words || ' ', '']
    )[1])
