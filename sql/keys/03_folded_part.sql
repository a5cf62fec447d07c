-- purpose: fold each character of a text that holds no İ: lower case, then the letters that fold to another one
-- reads: none; writes: key_folded_part
--
-- Generated from Unicode 15.0.0 by go test ./transform -run TestGeneratedMacros -update.
CREATE MACRO key_folded_part(value) AS
    CASE
        WHEN
            regexp_matches(lower(value), '[\x{B5}\x{17F}\x{345}\x{3C2}\x{3D0}-\x{3D1}\x{3D5}-\x{3D6}\x{3F0}-\x{3F1}\x{3F5}\x{13F8}-\x{13FD}\x{1C80}-\x{1C88}\x{1E9B}\x{1FBE}\x{AB70}-\x{ABBF}]')
            THEN translate(
                lower(value),
                'µſͅςϐϑϕϖϰϱϵᏸᏹᏺᏻᏼᏽᲀᲁᲂᲃᲄᲅᲆᲇᲈẛιꭰꭱꭲꭳꭴꭵꭶꭷꭸꭹꭺꭻꭼꭽꭾꭿꮀꮁꮂꮃꮄꮅꮆꮇꮈꮉꮊꮋꮌꮍꮎꮏꮐꮑꮒꮓꮔꮕꮖꮗꮘꮙꮚꮛꮜꮝꮞꮟꮠꮡꮢꮣꮤꮥꮦꮧꮨꮩꮪꮫꮬꮭꮮꮯꮰꮱꮲꮳꮴꮵꮶꮷꮸꮹꮺꮻꮼꮽꮾꮿ',
                'μsισβθφπκρεᏰᏱᏲᏳᏴᏵвдосттъѣꙋṡιᎠᎡᎢᎣᎤᎥᎦᎧᎨᎩᎪᎫᎬᎭᎮᎯᎰᎱᎲᎳᎴᎵᎶᎷᎸᎹᎺᎻᎼᎽᎾᎿᏀᏁᏂᏃᏄᏅᏆᏇᏈᏉᏊᏋᏌᏍᏎᏏᏐᏑᏒᏓᏔᏕᏖᏗᏘᏙᏚᏛᏜᏝᏞᏟᏠᏡᏢᏣᏤᏥᏦᏧᏨᏩᏪᏫᏬᏭᏮᏯ'
            )
        ELSE lower(value)
    END
