-- purpose: write the legal forms in the words of a company's name with their letters: Aktiengesellschaft is ag
-- reads: none; writes: form_words
--
-- Words are small letters without accents, parted by single spaces. gmbh&co.kg, written without a space, is cokg here. Few
-- names have any, so one look comes first.
CREATE MACRO form_words(words) AS
    CASE
        WHEN
            regexp_matches(words, 'gesellschaft|ges ?mbh|cokg|limited (liability|partnership|company|sirketi)|private limited|vennootschap|osakeyhtio|selskap|selskab|bolag|microempresa|limitada|anonim|kaufmann|εταιρεια|общество|rucenim|tarsasag|sirketi|societ|sociedad|spolka|sp (z oo|j|k)|s coop')
            THEN trim(list_reduce(
                [
                    ['limited liability company', 'llc'],
                    ['limited liability partnership', 'llp'],
                    ['limited partnership', 'lp'],
                    ['vennootschap onder firma', 'vof'],
                    ['commanditaire vennootschap', 'cv'],
                    ['julkinen osakeyhtio', 'oyj'],
                    ['allmennaksjeselskap', 'asa'],
                    ['microempresa', 'me'],
                    ['sociedade anonima', 'sa'],
                    ['sociedade limitada', 'ltda'],
                    ['offene handelsgesellschaft', 'ohg'],
                    ['eingetragener kaufmann', 'ek'],
                    ['gesellschaft burgerlichen rechts', 'gbr'],
                    ['sociedad de responsabilidad limitada', 'srl'],
                    ['ανωνυμη εταιρεια', 'αε'],
                    ['ανωνυμοσ εταιρεια', 'αε'],
                    ['εταιρεια περιορισμενησ ευθυνησ', 'επε'],
                    ['общество с ограниченнои ответственностью', 'ооо'],
                    ['spolecnost s rucenim omezenym', 'sro'],
                    ['korlatolt felelossegu tarsasag', 'kft'],
                    ['anonim sirketi', 'as'],
                    ['limited sirketi', 'ltd sti'],
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
                    ['limitada', 'ltda'],
                    ['s coop', 'scoop'],
                    ['besloten vennootschap', 'bv'],
                    ['naamloze vennootschap', 'nv'],
                    ['aktiebolag', 'ab'],
                    ['handelsbolag', 'hb'],
                    ['aktieselskab', 'as'],
                    ['aksjeselskap', 'as'],
                    ['anpartsselskab', 'aps'],
                    ['osakeyhtio', 'oy'],
                    ['spolka akcyjna', 'sa'],
                    ['spolka jawna', 'spj'],
                    ['sp j', 'spj'],
                    ['spolka komandytowa', 'spk'],
                    ['sp k', 'spk'],
                    ['spolka z ograniczona odpowiedzialnoscia', 'spzoo'],
                    ['spolka z oo', 'spzoo'],
                    ['sp z oo', 'spzoo']
                ],
                lambda text, form: [replace(text[1], ' ' || form[1] || ' ', ' ' || form[2] || ' '), ''],
                [' ' || words || ' ', '']
            )[1])
        ELSE words
    END
