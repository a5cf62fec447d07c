-- purpose: find the words of a name that tell one company of a house from another: Holding, Nord, Austria, Services
-- reads: none; writes: name_role
--
-- A house gives its companies numbers in a row and one name; what sets them apart is such a word, a letter or a Roman
-- number. Abbreviated it is the same one. The words are as name_words leaves them: logistique has no ue there.
CREATE MACRO name_role(words) AS
    array_to_string(list_sort(regexp_extract_all(
        regexp_replace(regexp_replace(regexp_replace(
            ' ' || replace(words, ' ', '  ') || ' ',
            ' (services|svcs?|serv) ', ' service ', 'g'), ' (mfg|manu|manuf) ', ' manufacturing ', 'g'), ' intl ', ' international ', 'g'),
        ' (holdings?|group|gruppe|groupe|grupo|gruppo|grup|beteiligung|beteiligungen|beteiligungs|beteiligungsgesellschaft|verwaltung|verwaltungs|verwaltungsgesellschaft|vermogensverwaltung|immobilien|immobilier|real|estate|property|properties|invest|investment|investments|capital|ventures?|finance|financial|leasing|service|servicios|servizi|servicos|logisti[ck]s?|logistiqu|logistica|solutions|systems|consulting|vertrieb|vertriebs|sales|export|import|produktion|produktions|production|manufacturing|retail|wholesale|online|digital|it|labs?|international|global|worldwide|national|regional|deutschland|germany|allemagne|osterreich|austria|schweiz|suisse|switzerland|france|frankreich|italia|italy|espana|spain|iberia|portugal|benelux|nederland|netherlands|belgium|polska|poland|turkiye|turkey|turk|hellas|uk|gb|usa|us|america|americas|europe|europa|emea|asia|china|japan|india|nordic|nordics|nord|sud|ost|west|nordost|nordwest|sudost|sudwest|mitte|north|south|east|northeast|northwest|southeast|southwest|central|noroeste|nordeste|norte|sur|este|norden|bati|dogu|kuzey|guney|branch|filiale|niederlassung|zweigniederlassung|standort|depot|lager|warehouse|plant|store|shop|stiftung|foundation|trust|ii|iii|iv|vi|vii|viii|ix|xi|xii|[a-z]) '
    )), '')
