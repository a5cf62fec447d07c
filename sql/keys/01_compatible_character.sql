-- purpose: replace one character by its compatibility decomposition: full-width, circled, ligatures and so on
-- reads: none; writes: key_compatible_character
--
-- Generated from Unicode 15.0.0 by go test ./transform -run TestGeneratedMacros -update. The blocks ascend. One is a run of
-- characters at a fixed distance from their decompositions, or a list of characters and a list of decompositions; the
-- place in the first list, or 0, picks from the second, which begins with the character itself.
CREATE MACRO key_compatible_character(value) AS
    CASE
        WHEN value < chr(160) OR value = '␟' THEN value
        WHEN value <= '℅' THEN CASE
            WHEN value <= 'Ǉ'
                THEN split_part(value || '␟ ␟ ̈␟a␟ ̄␟2␟3␟ ́␟μ␟ ̧␟1␟o␟1⁄4␟1⁄2␟3⁄4␟IJ␟ij␟L·␟l·␟ʼn␟s␟DŽ␟Dž␟dž␟LJ', '␟', instr(chr(160) || '¨ª¯²³´µ¸¹º¼½¾ĲĳĿŀŉſǄǅǆǇ', value) + 1)
            WHEN value <= 'ˠ'
                THEN split_part(value || '␟Lj␟lj␟NJ␟Nj␟nj␟DZ␟Dz␟dz␟h␟ɦ␟j␟r␟ɹ␟ɻ␟ʁ␟w␟y␟ ̆␟ ̇␟ ̊␟ ̨␟ ̃␟ ̋␟ɣ', '␟', instr('ǈǉǊǋǌǱǲǳʰʱʲʳʴʵʶʷʸ˘˙˚˛˜˝ˠ', value) + 1)
            WHEN value <= 'ٷ'
                THEN split_part(value || '␟l␟s␟x␟ʕ␟ ͅ␟ ́␟ ̈́␟β␟θ␟Υ␟Ύ␟Ϋ␟φ␟π␟κ␟ρ␟ς␟Θ␟ε␟Σ␟եւ␟اٴ␟وٴ␟ۇٴ', '␟', instr('ˡˢˣˤͺ΄΅ϐϑϒϓϔϕϖϰϱϲϴϵϹևٵٶٷ', value) + 1)
            WHEN value <= 'ᴼ'
                THEN split_part(value || '␟يٴ␟ํา␟ໍາ␟ຫນ␟ຫມ␟་␟ྲཱྀ␟ླཱྀ␟ნ␟A␟Æ␟B␟D␟E␟Ǝ␟G␟H␟I␟J␟K␟L␟M␟N␟O', '␟', instr('ٸำຳໜໝ༌ཷཹჼᴬᴭᴮᴰᴱᴲᴳᴴᴵᴶᴷᴸᴹᴺᴼ', value) + 1)
            WHEN value <= 'ᵕ'
                THEN split_part(value || '␟Ȣ␟P␟R␟T␟U␟W␟a␟ɐ␟ɑ␟ᴂ␟b␟d␟e␟ə␟ɛ␟ɜ␟g␟k␟m␟ŋ␟o␟ɔ␟ᴖ␟ᴗ', '␟', instr('ᴽᴾᴿᵀᵁᵂᵃᵄᵅᵆᵇᵈᵉᵊᵋᵌᵍᵏᵐᵑᵒᵓᵔᵕ', value) + 1)
            WHEN value <= 'ᶜ'
                THEN split_part(value || '␟p␟t␟u␟ᴝ␟ɯ␟v␟ᴥ␟β␟γ␟δ␟φ␟χ␟i␟r␟u␟v␟β␟γ␟ρ␟φ␟χ␟н␟ɒ␟c', '␟', instr('ᵖᵗᵘᵙᵚᵛᵜᵝᵞᵟᵠᵡᵢᵣᵤᵥᵦᵧᵨᵩᵪᵸᶛᶜ', value) + 1)
            WHEN value <= 'ᶴ'
                THEN split_part(value || '␟ɕ␟ð␟ɜ␟f␟ɟ␟ɡ␟ɥ␟ɨ␟ɩ␟ɪ␟ᵻ␟ʝ␟ɭ␟ᶅ␟ʟ␟ɱ␟ɰ␟ɲ␟ɳ␟ɴ␟ɵ␟ɸ␟ʂ␟ʃ', '␟', instr('ᶝᶞᶟᶠᶡᶢᶣᶤᶥᶦᶧᶨᶩᶪᶫᶬᶭᶮᶯᶰᶱᶲᶳᶴ', value) + 1)
            WHEN value <= '῭'
                THEN split_part(value || '␟ƫ␟ʉ␟ʊ␟ᴜ␟ʋ␟ʌ␟z␟ʐ␟ʑ␟ʒ␟θ␟aʾ␟ṡ␟ ̓␟ ̓␟ ͂␟ ̈͂␟ ̓̀␟ ̓́␟ ̓͂␟ ̔̀␟ ̔́␟ ̔͂␟ ̈̀', '␟', instr('ᶵᶶᶷᶸᶹᶺᶻᶼᶽᶾᶿẚẛ᾽᾿῀῁῍῎῏῝῞῟῭', value) + 1)
            WHEN value <= '‷'
                THEN split_part(value || '␟ ̈́␟ ́␟ ̔␟ ␟ ␟ ␟ ␟ ␟ ␟ ␟ ␟ ␟ ␟ ␟‐␟ ̳␟.␟..␟...␟ ␟′′␟′′′␟‵‵␟‵‵‵', '␟', instr('΅´῾' || chr(8192) || chr(8193) || chr(8194) || chr(8195) || chr(8196) || chr(8197) || chr(8198) || chr(8199) || chr(8200) || chr(8201) || chr(8202) || '‑‗․‥…' || chr(8239) || '″‴‶‷', value) + 1)
            WHEN value <= 'ⁿ'
                THEN split_part(value || '␟!!␟ ̅␟??␟?!␟!?␟′′′′␟ ␟0␟i␟4␟5␟6␟7␟8␟9␟+␟−␟=␟(␟)␟n', '␟', instr('‼‾⁇⁈⁉⁗' || chr(8287) || '⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ', value) + 1)
            WHEN value <= '₉'
                THEN CASE WHEN value >= '₀' THEN chr(unicode(value) + (-8272)) ELSE value END
            WHEN value <= '℅'
                THEN split_part(value || '␟+␟−␟=␟(␟)␟a␟e␟o␟x␟ə␟h␟k␟l␟m␟n␟p␟s␟t␟Rs␟a/c␟a/s␟C␟°C␟c/o', '␟', instr('₊₋₌₍₎ₐₑₒₓₔₕₖₗₘₙₚₛₜ₨℀℁ℂ℃℅', value) + 1)
        END
        WHEN value <= '⼥' THEN CASE
            WHEN value <= 'ℤ'
                THEN split_part(value || '␟c/u␟Ɛ␟°F␟g␟H␟H␟H␟h␟ħ␟I␟I␟L␟l␟N␟No␟P␟Q␟R␟R␟R␟SM␟TEL␟TM␟Z', '␟', instr('℆ℇ℉ℊℋℌℍℎℏℐℑℒℓℕ№ℙℚℛℜℝ℠℡™ℤ', value) + 1)
            WHEN value <= 'ⅉ'
                THEN split_part(value || '␟Z␟B␟C␟e␟E␟F␟M␟o␟א␟ב␟ג␟ד␟i␟FAX␟π␟γ␟Γ␟Π␟∑␟D␟d␟e␟i␟j', '␟', instr('ℨℬℭℯℰℱℳℴℵℶℷℸℹ℻ℼℽℾℿ⅀ⅅⅆⅇⅈⅉ', value) + 1)
            WHEN value <= 'Ⅷ'
                THEN split_part(value || '␟1⁄7␟1⁄9␟1⁄10␟1⁄3␟2⁄3␟1⁄5␟2⁄5␟3⁄5␟4⁄5␟1⁄6␟5⁄6␟1⁄8␟3⁄8␟5⁄8␟7⁄8␟1⁄␟I␟II␟III␟IV␟V␟VI␟VII␟VIII', '␟', instr('⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅟ⅠⅡⅢⅣⅤⅥⅦⅧ', value) + 1)
            WHEN value <= 'ⅿ'
                THEN split_part(value || '␟IX␟X␟XI␟XII␟L␟C␟D␟M␟i␟ii␟iii␟iv␟v␟vi␟vii␟viii␟ix␟x␟xi␟xii␟l␟c␟d␟m', '␟', instr('ⅨⅩⅪⅫⅬⅭⅮⅯⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹⅺⅻⅼⅽⅾⅿ', value) + 1)
            WHEN value <= '⑲'
                THEN split_part(value || '␟0⁄3␟∫∫␟∫∫∫␟∮∮␟∮∮∮␟1␟2␟3␟4␟5␟6␟7␟8␟9␟10␟11␟12␟13␟14␟15␟16␟17␟18␟19', '␟', instr('↉∬∭∯∰①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲', value) + 1)
            WHEN value <= '⒊'
                THEN split_part(value || '␟20␟(1)␟(2)␟(3)␟(4)␟(5)␟(6)␟(7)␟(8)␟(9)␟(10)␟(11)␟(12)␟(13)␟(14)␟(15)␟(16)␟(17)␟(18)␟(19)␟(20)␟1.␟2.␟3.', '␟', instr('⑳⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇⒈⒉⒊', value) + 1)
            WHEN value <= '⒢'
                THEN split_part(value || '␟4.␟5.␟6.␟7.␟8.␟9.␟10.␟11.␟12.␟13.␟14.␟15.␟16.␟17.␟18.␟19.␟20.␟(a)␟(b)␟(c)␟(d)␟(e)␟(f)␟(g)', '␟', instr('⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛⒜⒝⒞⒟⒠⒡⒢', value) + 1)
            WHEN value <= '⒵'
                THEN split_part(value || '␟(h)␟(i)␟(j)␟(k)␟(l)␟(m)␟(n)␟(o)␟(p)␟(q)␟(r)␟(s)␟(t)␟(u)␟(v)␟(w)␟(x)␟(y)␟(z)', '␟', instr('⒣⒤⒥⒦⒧⒨⒩⒪⒫⒬⒭⒮⒯⒰⒱⒲⒳⒴⒵', value) + 1)
            WHEN value <= 'Ⓩ'
                THEN CASE WHEN value >= 'Ⓐ' THEN chr(unicode(value) + (-9333)) ELSE value END
            WHEN value <= 'ⓩ'
                THEN CASE WHEN value >= 'ⓐ' THEN chr(unicode(value) + (-9327)) ELSE value END
            WHEN value <= '⼍'
                THEN split_part(value || '␟0␟∫∫∫∫␟::=␟==␟===␟j␟V␟ⵡ␟母␟龟␟一␟丨␟丶␟丿␟乙␟亅␟二␟亠␟人␟儿␟入␟八␟冂␟冖', '␟', instr('⓪⨌⩴⩵⩶ⱼⱽⵯ⺟⻳⼀⼁⼂⼃⼄⼅⼆⼇⼈⼉⼊⼋⼌⼍', value) + 1)
            WHEN value <= '⼥'
                THEN split_part(value || '␟冫␟几␟凵␟刀␟力␟勹␟匕␟匚␟匸␟十␟卜␟卩␟厂␟厶␟又␟口␟囗␟土␟士␟夂␟夊␟夕␟大␟女', '␟', instr('⼎⼏⼐⼑⼒⼓⼔⼕⼖⼗⼘⼙⼚⼛⼜⼝⼞⼟⼠⼡⼢⼣⼤⼥', value) + 1)
        END
        WHEN value <= 'ㅻ' THEN CASE
            WHEN value <= '⼽'
                THEN split_part(value || '␟子␟宀␟寸␟小␟尢␟尸␟屮␟山␟巛␟工␟己␟巾␟干␟幺␟广␟廴␟廾␟弋␟弓␟彐␟彡␟彳␟心␟戈', '␟', instr('⼦⼧⼨⼩⼪⼫⼬⼭⼮⼯⼰⼱⼲⼳⼴⼵⼶⼷⼸⼹⼺⼻⼼⼽', value) + 1)
            WHEN value <= '⽕'
                THEN split_part(value || '␟戶␟手␟支␟攴␟文␟斗␟斤␟方␟无␟日␟曰␟月␟木␟欠␟止␟歹␟殳␟毋␟比␟毛␟氏␟气␟水␟火', '␟', instr('⼾⼿⽀⽁⽂⽃⽄⽅⽆⽇⽈⽉⽊⽋⽌⽍⽎⽏⽐⽑⽒⽓⽔⽕', value) + 1)
            WHEN value <= '⽭'
                THEN split_part(value || '␟爪␟父␟爻␟爿␟片␟牙␟牛␟犬␟玄␟玉␟瓜␟瓦␟甘␟生␟用␟田␟疋␟疒␟癶␟白␟皮␟皿␟目␟矛', '␟', instr('⽖⽗⽘⽙⽚⽛⽜⽝⽞⽟⽠⽡⽢⽣⽤⽥⽦⽧⽨⽩⽪⽫⽬⽭', value) + 1)
            WHEN value <= '⾅'
                THEN split_part(value || '␟矢␟石␟示␟禸␟禾␟穴␟立␟竹␟米␟糸␟缶␟网␟羊␟羽␟老␟而␟耒␟耳␟聿␟肉␟臣␟自␟至␟臼', '␟', instr('⽮⽯⽰⽱⽲⽳⽴⽵⽶⽷⽸⽹⽺⽻⽼⽽⽾⽿⾀⾁⾂⾃⾄⾅', value) + 1)
            WHEN value <= '⾝'
                THEN split_part(value || '␟舌␟舛␟舟␟艮␟色␟艸␟虍␟虫␟血␟行␟衣␟襾␟見␟角␟言␟谷␟豆␟豕␟豸␟貝␟赤␟走␟足␟身', '␟', instr('⾆⾇⾈⾉⾊⾋⾌⾍⾎⾏⾐⾑⾒⾓⾔⾕⾖⾗⾘⾙⾚⾛⾜⾝', value) + 1)
            WHEN value <= '⾵'
                THEN split_part(value || '␟車␟辛␟辰␟辵␟邑␟酉␟釆␟里␟金␟長␟門␟阜␟隶␟隹␟雨␟靑␟非␟面␟革␟韋␟韭␟音␟頁␟風', '␟', instr('⾞⾟⾠⾡⾢⾣⾤⾥⾦⾧⾨⾩⾪⾫⾬⾭⾮⾯⾰⾱⾲⾳⾴⾵', value) + 1)
            WHEN value <= '⿍'
                THEN split_part(value || '␟飛␟食␟首␟香␟馬␟骨␟高␟髟␟鬥␟鬯␟鬲␟鬼␟魚␟鳥␟鹵␟鹿␟麥␟麻␟黃␟黍␟黑␟黹␟黽␟鼎', '␟', instr('⾶⾷⾸⾹⾺⾻⾼⾽⾾⾿⿀⿁⿂⿃⿄⿅⿆⿇⿈⿉⿊⿋⿌⿍', value) + 1)
            WHEN value <= 'ㄷ'
                THEN split_part(value || '␟鼓␟鼠␟鼻␟齊␟齒␟龍␟龜␟龠␟ ␟〒␟十␟卄␟卅␟ ゙␟ ゚␟より␟コト␟ᄀ␟ᄁ␟ᆪ␟ᄂ␟ᆬ␟ᆭ␟ᄃ', '␟', instr('⿎⿏⿐⿑⿒⿓⿔⿕' || chr(12288) || '〶〸〹〺゛゜ゟヿㄱㄲㄳㄴㄵㄶㄷ', value) + 1)
            WHEN value <= 'ㅄ'
                THEN split_part(value || '␟ᄄ␟ᄅ␟ᆰ␟ᆱ␟ᆲ␟ᆳ␟ᆴ␟ᆵ␟ᄚ␟ᄆ␟ᄇ␟ᄈ␟ᄡ', '␟', instr('ㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄ', value) + 1)
            WHEN value <= 'ㅎ'
                THEN CASE WHEN value >= 'ㅅ' THEN chr(unicode(value) + (-8252)) ELSE value END
            WHEN value <= 'ㅣ'
                THEN CASE WHEN value >= 'ㅏ' THEN chr(unicode(value) + (-8174)) ELSE value END
            WHEN value <= 'ㅻ'
                THEN split_part(value || '␟ᅠ␟ᄔ␟ᄕ␟ᇇ␟ᇈ␟ᇌ␟ᇎ␟ᇓ␟ᇗ␟ᇙ␟ᄜ␟ᇝ␟ᇟ␟ᄝ␟ᄞ␟ᄠ␟ᄢ␟ᄣ␟ᄧ␟ᄩ␟ᄫ␟ᄬ␟ᄭ␟ᄮ', '␟', instr('ㅤㅥㅦㅧㅨㅩㅪㅫㅬㅭㅮㅯㅰㅱㅲㅳㅴㅵㅶㅷㅸㅹㅺㅻ', value) + 1)
        END
        WHEN value <= '㌈' THEN CASE
            WHEN value <= '㆖'
                THEN split_part(value || '␟ᄯ␟ᄲ␟ᄶ␟ᅀ␟ᅇ␟ᅌ␟ᇱ␟ᇲ␟ᅗ␟ᅘ␟ᅙ␟ᆄ␟ᆅ␟ᆈ␟ᆑ␟ᆒ␟ᆔ␟ᆞ␟ᆡ␟一␟二␟三␟四␟上', '␟', instr('ㅼㅽㅾㅿㆀㆁㆂㆃㆄㆅㆆㆇㆈㆉㆊㆋㆌㆍㆎ㆒㆓㆔㆕㆖', value) + 1)
            WHEN value <= '㈎'
                THEN split_part(value || '␟中␟下␟甲␟乙␟丙␟丁␟天␟地␟人␟(ᄀ)␟(ᄂ)␟(ᄃ)␟(ᄅ)␟(ᄆ)␟(ᄇ)␟(ᄉ)␟(ᄋ)␟(ᄌ)␟(ᄎ)␟(ᄏ)␟(ᄐ)␟(ᄑ)␟(ᄒ)␟(가)', '␟', instr('㆗㆘㆙㆚㆛㆜㆝㆞㆟㈀㈁㈂㈃㈄㈅㈆㈇㈈㈉㈊㈋㈌㈍㈎', value) + 1)
            WHEN value <= '㈧'
                THEN split_part(value || '␟(나)␟(다)␟(라)␟(마)␟(바)␟(사)␟(아)␟(자)␟(차)␟(카)␟(타)␟(파)␟(하)␟(주)␟(오전)␟(오후)␟(一)␟(二)␟(三)␟(四)␟(五)␟(六)␟(七)␟(八)', '␟', instr('㈏㈐㈑㈒㈓㈔㈕㈖㈗㈘㈙㈚㈛㈜㈝㈞㈠㈡㈢㈣㈤㈥㈦㈧', value) + 1)
            WHEN value <= '㈿'
                THEN split_part(value || '␟(九)␟(十)␟(月)␟(火)␟(水)␟(木)␟(金)␟(土)␟(日)␟(株)␟(有)␟(社)␟(名)␟(特)␟(財)␟(祝)␟(労)␟(代)␟(呼)␟(学)␟(監)␟(企)␟(資)␟(協)', '␟', instr('㈨㈩㈪㈫㈬㈭㈮㈯㈰㈱㈲㈳㈴㈵㈶㈷㈸㈹㈺㈻㈼㈽㈾㈿', value) + 1)
            WHEN value <= '㉟'
                THEN split_part(value || '␟(祭)␟(休)␟(自)␟(至)␟問␟幼␟文␟箏␟PTE␟21␟22␟23␟24␟25␟26␟27␟28␟29␟30␟31␟32␟33␟34␟35', '␟', instr('㉀㉁㉂㉃㉄㉅㉆㉇㉐㉑㉒㉓㉔㉕㉖㉗㉘㉙㉚㉛㉜㉝㉞㉟', value) + 1)
            WHEN value <= '㉷'
                THEN split_part(value || '␟ᄀ␟ᄂ␟ᄃ␟ᄅ␟ᄆ␟ᄇ␟ᄉ␟ᄋ␟ᄌ␟ᄎ␟ᄏ␟ᄐ␟ᄑ␟ᄒ␟가␟나␟다␟라␟마␟바␟사␟아␟자␟차', '␟', instr('㉠㉡㉢㉣㉤㉥㉦㉧㉨㉩㉪㉫㉬㉭㉮㉯㉰㉱㉲㉳㉴㉵㉶㉷', value) + 1)
            WHEN value <= '㊐'
                THEN split_part(value || '␟카␟타␟파␟하␟참고␟주의␟우␟一␟二␟三␟四␟五␟六␟七␟八␟九␟十␟月␟火␟水␟木␟金␟土␟日', '␟', instr('㉸㉹㉺㉻㉼㉽㉾㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉㊊㊋㊌㊍㊎㊏㊐', value) + 1)
            WHEN value <= '㊨'
                THEN split_part(value || '␟株␟有␟社␟名␟特␟財␟祝␟労␟秘␟男␟女␟適␟優␟印␟注␟項␟休␟写␟正␟上␟中␟下␟左␟右', '␟', instr('㊑㊒㊓㊔㊕㊖㊗㊘㊙㊚㊛㊜㊝㊞㊟㊠㊡㊢㊣㊤㊥㊦㊧㊨', value) + 1)
            WHEN value <= '㋀'
                THEN split_part(value || '␟医␟宗␟学␟監␟企␟資␟協␟夜␟36␟37␟38␟39␟40␟41␟42␟43␟44␟45␟46␟47␟48␟49␟50␟1月', '␟', instr('㊩㊪㊫㊬㊭㊮㊯㊰㊱㊲㊳㊴㊵㊶㊷㊸㊹㊺㊻㊼㊽㊾㊿㋀', value) + 1)
            WHEN value <= '㋘'
                THEN split_part(value || '␟2月␟3月␟4月␟5月␟6月␟7月␟8月␟9月␟10月␟11月␟12月␟Hg␟erg␟eV␟LTD␟ア␟イ␟ウ␟エ␟オ␟カ␟キ␟ク␟ケ', '␟', instr('㋁㋂㋃㋄㋅㋆㋇㋈㋉㋊㋋㋌㋍㋎㋏㋐㋑㋒㋓㋔㋕㋖㋗㋘', value) + 1)
            WHEN value <= '㋰'
                THEN split_part(value || '␟コ␟サ␟シ␟ス␟セ␟ソ␟タ␟チ␟ツ␟テ␟ト␟ナ␟ニ␟ヌ␟ネ␟ノ␟ハ␟ヒ␟フ␟ヘ␟ホ␟マ␟ミ␟ム', '␟', instr('㋙㋚㋛㋜㋝㋞㋟㋠㋡㋢㋣㋤㋥㋦㋧㋨㋩㋪㋫㋬㋭㋮㋯㋰', value) + 1)
            WHEN value <= '㌈'
                THEN split_part(value || '␟メ␟モ␟ヤ␟ユ␟ヨ␟ラ␟リ␟ル␟レ␟ロ␟ワ␟ヰ␟ヱ␟ヲ␟令和␟アパート␟アルファ␟アンペア␟アール␟イニング␟インチ␟ウォン␟エスクード␟エーカー', '␟', instr('㋱㋲㋳㋴㋵㋶㋷㋸㋹㋺㋻㋼㋽㋾㋿㌀㌁㌂㌃㌄㌅㌆㌇㌈', value) + 1)
        END
        WHEN value <= 'ﭔ' THEN CASE
            WHEN value <= '㌠'
                THEN split_part(value || '␟オンス␟オーム␟カイリ␟カラット␟カロリー␟ガロン␟ガンマ␟ギガ␟ギニー␟キュリー␟ギルダー␟キロ␟キログラム␟キロメートル␟キロワット␟グラム␟グラムトン␟クルゼイロ␟クローネ␟ケース␟コルナ␟コーポ␟サイクル␟サンチーム', '␟', instr('㌉㌊㌋㌌㌍㌎㌏㌐㌑㌒㌓㌔㌕㌖㌗㌘㌙㌚㌛㌜㌝㌞㌟㌠', value) + 1)
            WHEN value <= '㌸'
                THEN split_part(value || '␟シリング␟センチ␟セント␟ダース␟デシ␟ドル␟トン␟ナノ␟ノット␟ハイツ␟パーセント␟パーツ␟バーレル␟ピアストル␟ピクル␟ピコ␟ビル␟ファラッド␟フィート␟ブッシェル␟フラン␟ヘクタール␟ペソ␟ペニヒ', '␟', instr('㌡㌢㌣㌤㌥㌦㌧㌨㌩㌪㌫㌬㌭㌮㌯㌰㌱㌲㌳㌴㌵㌶㌷㌸', value) + 1)
            WHEN value <= '㍐'
                THEN split_part(value || '␟ヘルツ␟ペンス␟ページ␟ベータ␟ポイント␟ボルト␟ホン␟ポンド␟ホール␟ホーン␟マイクロ␟マイル␟マッハ␟マルク␟マンション␟ミクロン␟ミリ␟ミリバール␟メガ␟メガトン␟メートル␟ヤード␟ヤール␟ユアン', '␟', instr('㌹㌺㌻㌼㌽㌾㌿㍀㍁㍂㍃㍄㍅㍆㍇㍈㍉㍊㍋㍌㍍㍎㍏㍐', value) + 1)
            WHEN value <= '㍨'
                THEN split_part(value || '␟リットル␟リラ␟ルピー␟ルーブル␟レム␟レントゲン␟ワット␟0点␟1点␟2点␟3点␟4点␟5点␟6点␟7点␟8点␟9点␟10点␟11点␟12点␟13点␟14点␟15点␟16点', '␟', instr('㍑㍒㍓㍔㍕㍖㍗㍘㍙㍚㍛㍜㍝㍞㍟㍠㍡㍢㍣㍤㍥㍦㍧㍨', value) + 1)
            WHEN value <= '㎀'
                THEN split_part(value || '␟17点␟18点␟19点␟20点␟21点␟22点␟23点␟24点␟hPa␟da␟AU␟bar␟oV␟pc␟dm␟dm2␟dm3␟IU␟平成␟昭和␟大正␟明治␟株式会社␟pA', '␟', instr('㍩㍪㍫㍬㍭㍮㍯㍰㍱㍲㍳㍴㍵㍶㍷㍸㍹㍺㍻㍼㍽㍾㍿㎀', value) + 1)
            WHEN value <= '㎘'
                THEN split_part(value || '␟nA␟μA␟mA␟kA␟KB␟MB␟GB␟cal␟kcal␟pF␟nF␟μF␟μg␟mg␟kg␟Hz␟kHz␟MHz␟GHz␟THz␟μl␟ml␟dl␟kl', '␟', instr('㎁㎂㎃㎄㎅㎆㎇㎈㎉㎊㎋㎌㎍㎎㎏㎐㎑㎒㎓㎔㎕㎖㎗㎘', value) + 1)
            WHEN value <= '㎰'
                THEN split_part(value || '␟fm␟nm␟μm␟mm␟cm␟km␟mm2␟cm2␟m2␟km2␟mm3␟cm3␟m3␟km3␟m∕s␟m∕s2␟Pa␟kPa␟MPa␟GPa␟rad␟rad∕s␟rad∕s2␟ps', '␟', instr('㎙㎚㎛㎜㎝㎞㎟㎠㎡㎢㎣㎤㎥㎦㎧㎨㎩㎪㎫㎬㎭㎮㎯㎰', value) + 1)
            WHEN value <= '㏈'
                THEN split_part(value || '␟ns␟μs␟ms␟pV␟nV␟μV␟mV␟kV␟MV␟pW␟nW␟μW␟mW␟kW␟MW␟kΩ␟MΩ␟a.m.␟Bq␟cc␟cd␟C∕kg␟Co.␟dB', '␟', instr('㎱㎲㎳㎴㎵㎶㎷㎸㎹㎺㎻㎼㎽㎾㎿㏀㏁㏂㏃㏄㏅㏆㏇㏈', value) + 1)
            WHEN value <= '㏠'
                THEN split_part(value || '␟Gy␟ha␟HP␟in␟KK␟KM␟kt␟lm␟ln␟log␟lx␟mb␟mil␟mol␟PH␟p.m.␟PPM␟PR␟sr␟Sv␟Wb␟V∕m␟A∕m␟1日', '␟', instr('㏉㏊㏋㏌㏍㏎㏏㏐㏑㏒㏓㏔㏕㏖㏗㏘㏙㏚㏛㏜㏝㏞㏟㏠', value) + 1)
            WHEN value <= '㏸'
                THEN split_part(value || '␟2日␟3日␟4日␟5日␟6日␟7日␟8日␟9日␟10日␟11日␟12日␟13日␟14日␟15日␟16日␟17日␟18日␟19日␟20日␟21日␟22日␟23日␟24日␟25日', '␟', instr('㏡㏢㏣㏤㏥㏦㏧㏨㏩㏪㏫㏬㏭㏮㏯㏰㏱㏲㏳㏴㏵㏶㏷㏸', value) + 1)
            WHEN value <= 'ﬃ'
                THEN split_part(value || '␟26日␟27日␟28日␟29日␟30日␟31日␟gal␟ъ␟ь␟ꝯ␟C␟F␟Q␟Ħ␟œ␟ꜧ␟ꬷ␟ɫ␟ꭒ␟ʍ␟ff␟fi␟fl␟ffi', '␟', instr('㏹㏺㏻㏼㏽㏾㏿ꚜꚝꝰꟲꟳꟴꟸꟹꭜꭝꭞꭟꭩﬀﬁﬂﬃ', value) + 1)
            WHEN value <= 'ﭔ'
                THEN split_part(value || '␟ffl␟st␟st␟մն␟մե␟մի␟վն␟մխ␟ע␟א␟ד␟ה␟כ␟ל␟ם␟ר␟ת␟+␟אל␟ٱ␟ٱ␟ٻ␟ٻ␟ٻ', '␟', instr('ﬄﬅﬆﬓﬔﬕﬖﬗﬠﬡﬢﬣﬤﬥﬦﬧﬨ﬩ﭏﭐﭑﭒﭓﭔ', value) + 1)
        END
        WHEN value <= 'ﲕ' THEN CASE
            WHEN value <= 'ﭬ'
                THEN split_part(value || '␟ٻ␟پ␟پ␟پ␟پ␟ڀ␟ڀ␟ڀ␟ڀ␟ٺ␟ٺ␟ٺ␟ٺ␟ٿ␟ٿ␟ٿ␟ٿ␟ٹ␟ٹ␟ٹ␟ٹ␟ڤ␟ڤ␟ڤ', '␟', instr('ﭕﭖﭗﭘﭙﭚﭛﭜﭝﭞﭟﭠﭡﭢﭣﭤﭥﭦﭧﭨﭩﭪﭫﭬ', value) + 1)
            WHEN value <= 'ﮄ'
                THEN split_part(value || '␟ڤ␟ڦ␟ڦ␟ڦ␟ڦ␟ڄ␟ڄ␟ڄ␟ڄ␟ڃ␟ڃ␟ڃ␟ڃ␟چ␟چ␟چ␟چ␟ڇ␟ڇ␟ڇ␟ڇ␟ڍ␟ڍ␟ڌ', '␟', instr('ﭭﭮﭯﭰﭱﭲﭳﭴﭵﭶﭷﭸﭹﭺﭻﭼﭽﭾﭿﮀﮁﮂﮃﮄ', value) + 1)
            WHEN value <= 'ﮜ'
                THEN split_part(value || '␟ڌ␟ڎ␟ڎ␟ڈ␟ڈ␟ژ␟ژ␟ڑ␟ڑ␟ک␟ک␟ک␟ک␟گ␟گ␟گ␟گ␟ڳ␟ڳ␟ڳ␟ڳ␟ڱ␟ڱ␟ڱ', '␟', instr('ﮅﮆﮇﮈﮉﮊﮋﮌﮍﮎﮏﮐﮑﮒﮓﮔﮕﮖﮗﮘﮙﮚﮛﮜ', value) + 1)
            WHEN value <= 'ﯕ'
                THEN split_part(value || '␟ڱ␟ں␟ں␟ڻ␟ڻ␟ڻ␟ڻ␟ۀ␟ۀ␟ہ␟ہ␟ہ␟ہ␟ھ␟ھ␟ھ␟ھ␟ے␟ے␟ۓ␟ۓ␟ڭ␟ڭ␟ڭ', '␟', instr('ﮝﮞﮟﮠﮡﮢﮣﮤﮥﮦﮧﮨﮩﮪﮫﮬﮭﮮﮯﮰﮱﯓﯔﯕ', value) + 1)
            WHEN value <= 'ﯭ'
                THEN split_part(value || '␟ڭ␟ۇ␟ۇ␟ۆ␟ۆ␟ۈ␟ۈ␟ۇٴ␟ۋ␟ۋ␟ۅ␟ۅ␟ۉ␟ۉ␟ې␟ې␟ې␟ې␟ى␟ى␟ئا␟ئا␟ئە␟ئە', '␟', instr('ﯖﯗﯘﯙﯚﯛﯜﯝﯞﯟﯠﯡﯢﯣﯤﯥﯦﯧﯨﯩﯪﯫﯬﯭ', value) + 1)
            WHEN value <= 'ﰅ'
                THEN split_part(value || '␟ئو␟ئو␟ئۇ␟ئۇ␟ئۆ␟ئۆ␟ئۈ␟ئۈ␟ئې␟ئې␟ئې␟ئى␟ئى␟ئى␟ی␟ی␟ی␟ی␟ئج␟ئح␟ئم␟ئى␟ئي␟بج', '␟', instr('ﯮﯯﯰﯱﯲﯳﯴﯵﯶﯷﯸﯹﯺﯻﯼﯽﯾﯿﰀﰁﰂﰃﰄﰅ', value) + 1)
            WHEN value <= 'ﰝ'
                THEN split_part(value || '␟بح␟بخ␟بم␟بى␟بي␟تج␟تح␟تخ␟تم␟تى␟تي␟ثج␟ثم␟ثى␟ثي␟جح␟جم␟حج␟حم␟خج␟خح␟خم␟سج␟سح', '␟', instr('ﰆﰇﰈﰉﰊﰋﰌﰍﰎﰏﰐﰑﰒﰓﰔﰕﰖﰗﰘﰙﰚﰛﰜﰝ', value) + 1)
            WHEN value <= 'ﰵ'
                THEN split_part(value || '␟سخ␟سم␟صح␟صم␟ضج␟ضح␟ضخ␟ضم␟طح␟طم␟ظم␟عج␟عم␟غج␟غم␟فج␟فح␟فخ␟فم␟فى␟في␟قح␟قم␟قى', '␟', instr('ﰞﰟﰠﰡﰢﰣﰤﰥﰦﰧﰨﰩﰪﰫﰬﰭﰮﰯﰰﰱﰲﰳﰴﰵ', value) + 1)
            WHEN value <= 'ﱍ'
                THEN split_part(value || '␟قي␟كا␟كج␟كح␟كخ␟كل␟كم␟كى␟كي␟لج␟لح␟لخ␟لم␟لى␟لي␟مج␟مح␟مخ␟مم␟مى␟مي␟نج␟نح␟نخ', '␟', instr('ﰶﰷﰸﰹﰺﰻﰼﰽﰾﰿﱀﱁﱂﱃﱄﱅﱆﱇﱈﱉﱊﱋﱌﱍ', value) + 1)
            WHEN value <= 'ﱥ'
                THEN split_part(value || '␟نم␟نى␟ني␟هج␟هم␟هى␟هي␟يج␟يح␟يخ␟يم␟يى␟يي␟ذٰ␟رٰ␟ىٰ␟ ٌّ␟ ٍّ␟ َّ␟ ُّ␟ ِّ␟ ّٰ␟ئر␟ئز', '␟', instr('ﱎﱏﱐﱑﱒﱓﱔﱕﱖﱗﱘﱙﱚﱛﱜﱝﱞﱟﱠﱡﱢﱣﱤﱥ', value) + 1)
            WHEN value <= 'ﱽ'
                THEN split_part(value || '␟ئم␟ئن␟ئى␟ئي␟بر␟بز␟بم␟بن␟بى␟بي␟تر␟تز␟تم␟تن␟تى␟تي␟ثر␟ثز␟ثم␟ثن␟ثى␟ثي␟فى␟في', '␟', instr('ﱦﱧﱨﱩﱪﱫﱬﱭﱮﱯﱰﱱﱲﱳﱴﱵﱶﱷﱸﱹﱺﱻﱼﱽ', value) + 1)
            WHEN value <= 'ﲕ'
                THEN split_part(value || '␟قى␟قي␟كا␟كل␟كم␟كى␟كي␟لم␟لى␟لي␟ما␟مم␟نر␟نز␟نم␟نن␟نى␟ني␟ىٰ␟ير␟يز␟يم␟ين␟يى', '␟', instr('ﱾﱿﲀﲁﲂﲃﲄﲅﲆﲇﲈﲉﲊﲋﲌﲍﲎﲏﲐﲑﲒﲓﲔﲕ', value) + 1)
        END
        WHEN value <= 'ﷱ' THEN CASE
            WHEN value <= 'ﲭ'
                THEN split_part(value || '␟يي␟ئج␟ئح␟ئخ␟ئم␟ئه␟بج␟بح␟بخ␟بم␟به␟تج␟تح␟تخ␟تم␟ته␟ثم␟جح␟جم␟حج␟حم␟خج␟خم␟سج', '␟', instr('ﲖﲗﲘﲙﲚﲛﲜﲝﲞﲟﲠﲡﲢﲣﲤﲥﲦﲧﲨﲩﲪﲫﲬﲭ', value) + 1)
            WHEN value <= 'ﳅ'
                THEN split_part(value || '␟سح␟سخ␟سم␟صح␟صخ␟صم␟ضج␟ضح␟ضخ␟ضم␟طح␟ظم␟عج␟عم␟غج␟غم␟فج␟فح␟فخ␟فم␟قح␟قم␟كج␟كح', '␟', instr('ﲮﲯﲰﲱﲲﲳﲴﲵﲶﲷﲸﲹﲺﲻﲼﲽﲾﲿﳀﳁﳂﳃﳄﳅ', value) + 1)
            WHEN value <= 'ﳝ'
                THEN split_part(value || '␟كخ␟كل␟كم␟لج␟لح␟لخ␟لم␟له␟مج␟مح␟مخ␟مم␟نج␟نح␟نخ␟نم␟نه␟هج␟هم␟هٰ␟يج␟يح␟يخ␟يم', '␟', instr('ﳆﳇﳈﳉﳊﳋﳌﳍﳎﳏﳐﳑﳒﳓﳔﳕﳖﳗﳘﳙﳚﳛﳜﳝ', value) + 1)
            WHEN value <= 'ﳵ'
                THEN split_part(value || '␟يه␟ئم␟ئه␟بم␟به␟تم␟ته␟ثم␟ثه␟سم␟سه␟شم␟شه␟كل␟كم␟لم␟نم␟نه␟يم␟يه␟ـَّ␟ـُّ␟ـِّ␟طى', '␟', instr('ﳞﳟﳠﳡﳢﳣﳤﳥﳦﳧﳨﳩﳪﳫﳬﳭﳮﳯﳰﳱﳲﳳﳴﳵ', value) + 1)
            WHEN value <= 'ﴍ'
                THEN split_part(value || '␟طي␟عى␟عي␟غى␟غي␟سى␟سي␟شى␟شي␟حى␟حي␟جى␟جي␟خى␟خي␟صى␟صي␟ضى␟ضي␟شج␟شح␟شخ␟شم␟شر', '␟', instr('ﳶﳷﳸﳹﳺﳻﳼﳽﳾﳿﴀﴁﴂﴃﴄﴅﴆﴇﴈﴉﴊﴋﴌﴍ', value) + 1)
            WHEN value <= 'ﴥ'
                THEN split_part(value || '␟سر␟صر␟ضر␟طى␟طي␟عى␟عي␟غى␟غي␟سى␟سي␟شى␟شي␟حى␟حي␟جى␟جي␟خى␟خي␟صى␟صي␟ضى␟ضي␟شج', '␟', instr('ﴎﴏﴐﴑﴒﴓﴔﴕﴖﴗﴘﴙﴚﴛﴜﴝﴞﴟﴠﴡﴢﴣﴤﴥ', value) + 1)
            WHEN value <= 'ﴽ'
                THEN split_part(value || '␟شح␟شخ␟شم␟شر␟سر␟صر␟ضر␟شج␟شح␟شخ␟شم␟سه␟شه␟طم␟سج␟سح␟سخ␟شج␟شح␟شخ␟طم␟ظم␟اً␟اً', '␟', instr('ﴦﴧﴨﴩﴪﴫﴬﴭﴮﴯﴰﴱﴲﴳﴴﴵﴶﴷﴸﴹﴺﴻﴼﴽ', value) + 1)
            WHEN value <= 'ﵧ'
                THEN split_part(value || '␟تجم␟تحج␟تحج␟تحم␟تخم␟تمج␟تمح␟تمخ␟جمح␟جمح␟حمي␟حمى␟سحج␟سجح␟سجى␟سمح␟سمح␟سمج␟سمم␟سمم␟صحح␟صحح␟صمم␟شحم', '␟', instr('ﵐﵑﵒﵓﵔﵕﵖﵗﵘﵙﵚﵛﵜﵝﵞﵟﵠﵡﵢﵣﵤﵥﵦﵧ', value) + 1)
            WHEN value <= 'ﵿ'
                THEN split_part(value || '␟شحم␟شجي␟شمخ␟شمخ␟شمم␟شمم␟ضحى␟ضخم␟ضخم␟طمح␟طمح␟طمم␟طمي␟عجم␟عمم␟عمم␟عمى␟غمم␟غمي␟غمى␟فخم␟فخم␟قمح␟قمم', '␟', instr('ﵨﵩﵪﵫﵬﵭﵮﵯﵰﵱﵲﵳﵴﵵﵶﵷﵸﵹﵺﵻﵼﵽﵾﵿ', value) + 1)
            WHEN value <= 'ﶙ'
                THEN split_part(value || '␟لحم␟لحي␟لحى␟لجج␟لجج␟لخم␟لخم␟لمح␟لمح␟محج␟محم␟محي␟مجح␟مجم␟مخج␟مخم␟مجخ␟همج␟همم␟نحم␟نحى␟نجم␟نجم␟نجى', '␟', instr('ﶀﶁﶂﶃﶄﶅﶆﶇﶈﶉﶊﶋﶌﶍﶎﶏﶒﶓﶔﶕﶖﶗﶘﶙ', value) + 1)
            WHEN value <= 'ﶱ'
                THEN split_part(value || '␟نمي␟نمى␟يمم␟يمم␟بخي␟تجي␟تجى␟تخي␟تخى␟تمي␟تمى␟جمي␟جحى␟جمى␟سخى␟صحي␟شحي␟ضحي␟لجي␟لمي␟يحي␟يجي␟يمي␟ممي', '␟', instr('ﶚﶛﶜﶝﶞﶟﶠﶡﶢﶣﶤﶥﶦﶧﶨﶩﶪﶫﶬﶭﶮﶯﶰﶱ', value) + 1)
            WHEN value <= 'ﷱ'
                THEN split_part(value || '␟قمي␟نحي␟قمح␟لحم␟عمي␟كمي␟نجح␟مخي␟لجم␟كمم␟لجم␟نجح␟جحي␟حجي␟مجي␟فمي␟بحي␟كمم␟عجم␟صمم␟سخي␟نجي␟صلے␟قلے', '␟', instr('ﶲﶳﶴﶵﶶﶷﶸﶹﶺﶻﶼﶽﶾﶿﷀﷁﷂﷃﷄﷅﷆﷇﷰﷱ', value) + 1)
        END
        WHEN value <= 'ﾎ' THEN CASE
            WHEN value <= '︲'
                THEN split_part(value || '␟الله␟اكبر␟محمد␟صلعم␟رسول␟عليه␟وسلم␟صلى␟صلى الله عليه وسلم␟جل جلاله␟ریال␟,␟、␟。␟:␟;␟!␟?␟〖␟〗␟...␟..␟—␟–', '␟', instr('ﷲﷳﷴﷵﷶﷷﷸﷹﷺﷻ﷼︐︑︒︓︔︕︖︗︘︙︰︱︲', value) + 1)
            WHEN value <= '﹌'
                THEN split_part(value || '␟_␟_␟(␟)␟{␟}␟〔␟〕␟【␟】␟《␟》␟〈␟〉␟「␟」␟『␟』␟[␟]␟ ̅␟ ̅␟ ̅␟ ̅', '␟', instr('︳︴︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹇﹈﹉﹊﹋﹌', value) + 1)
            WHEN value <= '﹥'
                THEN split_part(value || '␟_␟_␟_␟,␟、␟.␟;␟:␟?␟!␟—␟(␟)␟{␟}␟〔␟〕␟#␟&␟*␟+␟-␟<␟>', '␟', instr('﹍﹎﹏﹐﹑﹒﹔﹕﹖﹗﹘﹙﹚﹛﹜﹝﹞﹟﹠﹡﹢﹣﹤﹥', value) + 1)
            WHEN value <= 'ﺄ'
                THEN split_part(value || '␟=␟\␟$␟%␟@␟ ً␟ـً␟ ٌ␟ ٍ␟ َ␟ـَ␟ ُ␟ـُ␟ ِ␟ـِ␟ ّ␟ـّ␟ ْ␟ـْ␟ء␟آ␟آ␟أ␟أ', '␟', instr('﹦﹨﹩﹪﹫ﹰﹱﹲﹴﹶﹷﹸﹹﹺﹻﹼﹽﹾﹿﺀﺁﺂﺃﺄ', value) + 1)
            WHEN value <= 'ﺜ'
                THEN split_part(value || '␟ؤ␟ؤ␟إ␟إ␟ئ␟ئ␟ئ␟ئ␟ا␟ا␟ب␟ب␟ب␟ب␟ة␟ة␟ت␟ت␟ت␟ت␟ث␟ث␟ث␟ث', '␟', instr('ﺅﺆﺇﺈﺉﺊﺋﺌﺍﺎﺏﺐﺑﺒﺓﺔﺕﺖﺗﺘﺙﺚﺛﺜ', value) + 1)
            WHEN value <= 'ﺴ'
                THEN split_part(value || '␟ج␟ج␟ج␟ج␟ح␟ح␟ح␟ح␟خ␟خ␟خ␟خ␟د␟د␟ذ␟ذ␟ر␟ر␟ز␟ز␟س␟س␟س␟س', '␟', instr('ﺝﺞﺟﺠﺡﺢﺣﺤﺥﺦﺧﺨﺩﺪﺫﺬﺭﺮﺯﺰﺱﺲﺳﺴ', value) + 1)
            WHEN value <= 'ﻌ'
                THEN split_part(value || '␟ش␟ش␟ش␟ش␟ص␟ص␟ص␟ص␟ض␟ض␟ض␟ض␟ط␟ط␟ط␟ط␟ظ␟ظ␟ظ␟ظ␟ع␟ع␟ع␟ع', '␟', instr('ﺵﺶﺷﺸﺹﺺﺻﺼﺽﺾﺿﻀﻁﻂﻃﻄﻅﻆﻇﻈﻉﻊﻋﻌ', value) + 1)
            WHEN value <= 'ﻤ'
                THEN split_part(value || '␟غ␟غ␟غ␟غ␟ف␟ف␟ف␟ف␟ق␟ق␟ق␟ق␟ك␟ك␟ك␟ك␟ل␟ل␟ل␟ل␟م␟م␟م␟م', '␟', instr('ﻍﻎﻏﻐﻑﻒﻓﻔﻕﻖﻗﻘﻙﻚﻛﻜﻝﻞﻟﻠﻡﻢﻣﻤ', value) + 1)
            WHEN value <= 'ﻼ'
                THEN split_part(value || '␟ن␟ن␟ن␟ن␟ه␟ه␟ه␟ه␟و␟و␟ى␟ى␟ي␟ي␟ي␟ي␟لآ␟لآ␟لأ␟لأ␟لإ␟لإ␟لا␟لا', '␟', instr('ﻥﻦﻧﻨﻩﻪﻫﻬﻭﻮﻯﻰﻱﻲﻳﻴﻵﻶﻷﻸﻹﻺﻻﻼ', value) + 1)
            WHEN value <= '～'
                THEN CASE WHEN value >= '！' THEN chr(unicode(value) + (-65248)) ELSE value END
            WHEN value <= 'ｶ'
                THEN split_part(value || '␟⦅␟⦆␟。␟「␟」␟、␟・␟ヲ␟ァ␟ィ␟ゥ␟ェ␟ォ␟ャ␟ュ␟ョ␟ッ␟ー␟ア␟イ␟ウ␟エ␟オ␟カ', '␟', instr('｟｠｡｢｣､･ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶ', value) + 1)
            WHEN value <= 'ﾎ'
                THEN split_part(value || '␟キ␟ク␟ケ␟コ␟サ␟シ␟ス␟セ␟ソ␟タ␟チ␟ツ␟テ␟ト␟ナ␟ニ␟ヌ␟ネ␟ノ␟ハ␟ヒ␟フ␟ヘ␟ホ', '␟', instr('ｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎ', value) + 1)
        END
        WHEN value <= '𝑧' THEN CASE
            WHEN value <= 'ﾦ'
                THEN split_part(value || '␟マ␟ミ␟ム␟メ␟モ␟ヤ␟ユ␟ヨ␟ラ␟リ␟ル␟レ␟ロ␟ワ␟ン␟゙␟゚␟ᅠ␟ᄀ␟ᄁ␟ᆪ␟ᄂ␟ᆬ␟ᆭ', '␟', instr('ﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟﾠﾡﾢﾣﾤﾥﾦ', value) + 1)
            WHEN value <= 'ﾴ'
                THEN split_part(value || '␟ᄃ␟ᄄ␟ᄅ␟ᆰ␟ᆱ␟ᆲ␟ᆳ␟ᆴ␟ᆵ␟ᄚ␟ᄆ␟ᄇ␟ᄈ␟ᄡ', '␟', instr('ﾧﾨﾩﾪﾫﾬﾭﾮﾯﾰﾱﾲﾳﾴ', value) + 1)
            WHEN value <= 'ﾾ'
                THEN CASE WHEN value >= 'ﾵ' THEN chr(unicode(value) + (-61100)) ELSE value END
            WHEN value <= '￢'
                THEN split_part(value || '␟ᅡ␟ᅢ␟ᅣ␟ᅤ␟ᅥ␟ᅦ␟ᅧ␟ᅨ␟ᅩ␟ᅪ␟ᅫ␟ᅬ␟ᅭ␟ᅮ␟ᅯ␟ᅰ␟ᅱ␟ᅲ␟ᅳ␟ᅴ␟ᅵ␟¢␟£␟¬', '␟', instr('ￂￃￄￅￆￇￊￋￌￍￎￏￒￓￔￕￖￗￚￛￜ￠￡￢', value) + 1)
            WHEN value <= '𐞎'
                THEN split_part(value || '␟ ̄␟¦␟¥␟₩␟│␟←␟↑␟→␟↓␟■␟○␟ː␟ˑ␟æ␟ʙ␟ɓ␟ʣ␟ꭦ␟ʥ␟ʤ␟ɖ␟ɗ␟ᶑ␟ɘ', '␟', instr('￣￤￥￦￨￩￪￫￬￭￮𐞁𐞂𐞃𐞄𐞅𐞇𐞈𐞉𐞊𐞋𐞌𐞍𐞎', value) + 1)
            WHEN value <= '𐞦'
                THEN split_part(value || '␟ɞ␟ʩ␟ɤ␟ɢ␟ɠ␟ʛ␟ħ␟ʜ␟ɧ␟ʄ␟ʪ␟ʫ␟ɬ␟𝼄␟ꞎ␟ɮ␟𝼅␟ʎ␟𝼆␟ø␟ɶ␟ɷ␟q␟ɺ', '␟', instr('𐞏𐞐𐞑𐞒𐞓𐞔𐞕𐞖𐞗𐞘𐞙𐞚𐞛𐞜𐞝𐞞𐞟𐞠𐞡𐞢𐞣𐞤𐞥𐞦', value) + 1)
            WHEN value <= '𐞺'
                THEN split_part(value || '␟𝼈␟ɽ␟ɾ␟ʀ␟ʨ␟ʦ␟ꭧ␟ʧ␟ʈ␟ⱱ␟ʏ␟ʡ␟ʢ␟ʘ␟ǀ␟ǁ␟ǂ␟𝼊␟𝼞', '␟', instr('𐞧𐞨𐞩𐞪𐞫𐞬𐞭𐞮𐞯𐞰𐞲𐞳𐞴𐞵𐞶𐞷𐞸𐞹𐞺', value) + 1)
            WHEN value <= '𝐙'
                THEN CASE WHEN value >= '𝐀' THEN chr(unicode(value) + (-119743)) ELSE value END
            WHEN value <= '𝐳'
                THEN CASE WHEN value >= '𝐚' THEN chr(unicode(value) + (-119737)) ELSE value END
            WHEN value <= '𝑍'
                THEN CASE WHEN value >= '𝐴' THEN chr(unicode(value) + (-119795)) ELSE value END
            WHEN value <= '𝑔'
                THEN split_part(value || '␟a␟b␟c␟d␟e␟f␟g', '␟', instr('𝑎𝑏𝑐𝑑𝑒𝑓𝑔', value) + 1)
            WHEN value <= '𝑧'
                THEN CASE WHEN value >= '𝑖' THEN chr(unicode(value) + (-119789)) ELSE value END
        END
        WHEN value <= '𝖅' THEN CASE
            WHEN value <= '𝒁'
                THEN CASE WHEN value >= '𝑨' THEN chr(unicode(value) + (-119847)) ELSE value END
            WHEN value <= '𝒛'
                THEN CASE WHEN value >= '𝒂' THEN chr(unicode(value) + (-119841)) ELSE value END
            WHEN value <= '𝒽'
                THEN split_part(value || '␟A␟C␟D␟G␟J␟K␟N␟O␟P␟Q␟S␟T␟U␟V␟W␟X␟Y␟Z␟a␟b␟c␟d␟f␟h', '␟', instr('𝒜𝒞𝒟𝒢𝒥𝒦𝒩𝒪𝒫𝒬𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵𝒶𝒷𝒸𝒹𝒻𝒽', value) + 1)
            WHEN value <= '𝓃'
                THEN split_part(value || '␟i␟j␟k␟l␟m␟n', '␟', instr('𝒾𝒿𝓀𝓁𝓂𝓃', value) + 1)
            WHEN value <= '𝓏'
                THEN CASE WHEN value >= '𝓅' THEN chr(unicode(value) + (-119893)) ELSE value END
            WHEN value <= '𝓩'
                THEN CASE WHEN value >= '𝓐' THEN chr(unicode(value) + (-119951)) ELSE value END
            WHEN value <= '𝔃'
                THEN CASE WHEN value >= '𝓪' THEN chr(unicode(value) + (-119945)) ELSE value END
            WHEN value <= '𝔜'
                THEN split_part(value || '␟A␟B␟D␟E␟F␟G␟J␟K␟L␟M␟N␟O␟P␟Q␟S␟T␟U␟V␟W␟X␟Y', '␟', instr('𝔄𝔅𝔇𝔈𝔉𝔊𝔍𝔎𝔏𝔐𝔑𝔒𝔓𝔔𝔖𝔗𝔘𝔙𝔚𝔛𝔜', value) + 1)
            WHEN value <= '𝔷'
                THEN CASE WHEN value >= '𝔞' THEN chr(unicode(value) + (-119997)) ELSE value END
            WHEN value <= '𝕐'
                THEN split_part(value || '␟A␟B␟D␟E␟F␟G␟I␟J␟K␟L␟M␟O␟S␟T␟U␟V␟W␟X␟Y', '␟', instr('𝔸𝔹𝔻𝔼𝔽𝔾𝕀𝕁𝕂𝕃𝕄𝕆𝕊𝕋𝕌𝕍𝕎𝕏𝕐', value) + 1)
            WHEN value <= '𝕫'
                THEN CASE WHEN value >= '𝕒' THEN chr(unicode(value) + (-120049)) ELSE value END
            WHEN value <= '𝖅'
                THEN CASE WHEN value >= '𝕬' THEN chr(unicode(value) + (-120107)) ELSE value END
        END
        WHEN value <= '𝚥' THEN CASE
            WHEN value <= '𝖟'
                THEN CASE WHEN value >= '𝖆' THEN chr(unicode(value) + (-120101)) ELSE value END
            WHEN value <= '𝖹'
                THEN CASE WHEN value >= '𝖠' THEN chr(unicode(value) + (-120159)) ELSE value END
            WHEN value <= '𝗓'
                THEN CASE WHEN value >= '𝖺' THEN chr(unicode(value) + (-120153)) ELSE value END
            WHEN value <= '𝗭'
                THEN CASE WHEN value >= '𝗔' THEN chr(unicode(value) + (-120211)) ELSE value END
            WHEN value <= '𝘇'
                THEN CASE WHEN value >= '𝗮' THEN chr(unicode(value) + (-120205)) ELSE value END
            WHEN value <= '𝘡'
                THEN CASE WHEN value >= '𝘈' THEN chr(unicode(value) + (-120263)) ELSE value END
            WHEN value <= '𝘻'
                THEN CASE WHEN value >= '𝘢' THEN chr(unicode(value) + (-120257)) ELSE value END
            WHEN value <= '𝙕'
                THEN CASE WHEN value >= '𝘼' THEN chr(unicode(value) + (-120315)) ELSE value END
            WHEN value <= '𝙯'
                THEN CASE WHEN value >= '𝙖' THEN chr(unicode(value) + (-120309)) ELSE value END
            WHEN value <= '𝚉'
                THEN CASE WHEN value >= '𝙰' THEN chr(unicode(value) + (-120367)) ELSE value END
            WHEN value <= '𝚣'
                THEN CASE WHEN value >= '𝚊' THEN chr(unicode(value) + (-120361)) ELSE value END
            WHEN value <= '𝚥'
                THEN split_part(value || '␟ı␟ȷ', '␟', instr('𝚤𝚥', value) + 1)
        END
        WHEN value <= '𝝕' THEN CASE
            WHEN value <= '𝚸'
                THEN CASE WHEN value >= '𝚨' THEN chr(unicode(value) + (-119575)) ELSE value END
            WHEN value <= '𝛁'
                THEN split_part(value || '␟Θ␟Σ␟Τ␟Υ␟Φ␟Χ␟Ψ␟Ω␟∇', '␟', instr('𝚹𝚺𝚻𝚼𝚽𝚾𝚿𝛀𝛁', value) + 1)
            WHEN value <= '𝛚'
                THEN CASE WHEN value >= '𝛂' THEN chr(unicode(value) + (-119569)) ELSE value END
            WHEN value <= '𝛡'
                THEN split_part(value || '␟∂␟ε␟θ␟κ␟φ␟ρ␟π', '␟', instr('𝛛𝛜𝛝𝛞𝛟𝛠𝛡', value) + 1)
            WHEN value <= '𝛲'
                THEN CASE WHEN value >= '𝛢' THEN chr(unicode(value) + (-119633)) ELSE value END
            WHEN value <= '𝛻'
                THEN split_part(value || '␟Θ␟Σ␟Τ␟Υ␟Φ␟Χ␟Ψ␟Ω␟∇', '␟', instr('𝛳𝛴𝛵𝛶𝛷𝛸𝛹𝛺𝛻', value) + 1)
            WHEN value <= '𝜔'
                THEN CASE WHEN value >= '𝛼' THEN chr(unicode(value) + (-119627)) ELSE value END
            WHEN value <= '𝜛'
                THEN split_part(value || '␟∂␟ε␟θ␟κ␟φ␟ρ␟π', '␟', instr('𝜕𝜖𝜗𝜘𝜙𝜚𝜛', value) + 1)
            WHEN value <= '𝜬'
                THEN CASE WHEN value >= '𝜜' THEN chr(unicode(value) + (-119691)) ELSE value END
            WHEN value <= '𝜵'
                THEN split_part(value || '␟Θ␟Σ␟Τ␟Υ␟Φ␟Χ␟Ψ␟Ω␟∇', '␟', instr('𝜭𝜮𝜯𝜰𝜱𝜲𝜳𝜴𝜵', value) + 1)
            WHEN value <= '𝝎'
                THEN CASE WHEN value >= '𝜶' THEN chr(unicode(value) + (-119685)) ELSE value END
            WHEN value <= '𝝕'
                THEN split_part(value || '␟∂␟ε␟θ␟κ␟φ␟ρ␟π', '␟', instr('𝝏𝝐𝝑𝝒𝝓𝝔𝝕', value) + 1)
        END
        WHEN value <= '𝟵' THEN CASE
            WHEN value <= '𝝦'
                THEN CASE WHEN value >= '𝝖' THEN chr(unicode(value) + (-119749)) ELSE value END
            WHEN value <= '𝝯'
                THEN split_part(value || '␟Θ␟Σ␟Τ␟Υ␟Φ␟Χ␟Ψ␟Ω␟∇', '␟', instr('𝝧𝝨𝝩𝝪𝝫𝝬𝝭𝝮𝝯', value) + 1)
            WHEN value <= '𝞈'
                THEN CASE WHEN value >= '𝝰' THEN chr(unicode(value) + (-119743)) ELSE value END
            WHEN value <= '𝞏'
                THEN split_part(value || '␟∂␟ε␟θ␟κ␟φ␟ρ␟π', '␟', instr('𝞉𝞊𝞋𝞌𝞍𝞎𝞏', value) + 1)
            WHEN value <= '𝞠'
                THEN CASE WHEN value >= '𝞐' THEN chr(unicode(value) + (-119807)) ELSE value END
            WHEN value <= '𝞩'
                THEN split_part(value || '␟Θ␟Σ␟Τ␟Υ␟Φ␟Χ␟Ψ␟Ω␟∇', '␟', instr('𝞡𝞢𝞣𝞤𝞥𝞦𝞧𝞨𝞩', value) + 1)
            WHEN value <= '𝟂'
                THEN CASE WHEN value >= '𝞪' THEN chr(unicode(value) + (-119801)) ELSE value END
            WHEN value <= '𝟋'
                THEN split_part(value || '␟∂␟ε␟θ␟κ␟φ␟ρ␟π␟Ϝ␟ϝ', '␟', instr('𝟃𝟄𝟅𝟆𝟇𝟈𝟉𝟊𝟋', value) + 1)
            WHEN value <= '𝟗'
                THEN CASE WHEN value >= '𝟎' THEN chr(unicode(value) + (-120734)) ELSE value END
            WHEN value <= '𝟡'
                THEN CASE WHEN value >= '𝟘' THEN chr(unicode(value) + (-120744)) ELSE value END
            WHEN value <= '𝟫'
                THEN CASE WHEN value >= '𝟢' THEN chr(unicode(value) + (-120754)) ELSE value END
            WHEN value <= '𝟵'
                THEN CASE WHEN value >= '𝟬' THEN chr(unicode(value) + (-120764)) ELSE value END
        END
        WHEN value <= '🄨' THEN CASE
            WHEN value <= '𝟿'
                THEN CASE WHEN value >= '𝟶' THEN chr(unicode(value) + (-120774)) ELSE value END
            WHEN value <= '𞀻'
                THEN split_part(value || '␟а␟б␟в␟г␟д␟е␟ж␟з␟и␟к␟л␟м', '␟', instr('𞀰𞀱𞀲𞀳𞀴𞀵𞀶𞀷𞀸𞀹𞀺𞀻', value) + 1)
            WHEN value <= '𞁆'
                THEN CASE WHEN value >= '𞀼' THEN chr(unicode(value) + (-121854)) ELSE value END
            WHEN value <= '𞁞'
                THEN split_part(value || '␟ы␟э␟ю␟ꚉ␟ә␟і␟ј␟ө␟ү␟ӏ␟а␟б␟в␟г␟д␟е␟ж␟з␟и␟к␟л␟о␟п␟с', '␟', instr('𞁇𞁈𞁉𞁊𞁋𞁌𞁍𞁎𞁏𞁐𞁑𞁒𞁓𞁔𞁕𞁖𞁗𞁘𞁙𞁚𞁛𞁜𞁝𞁞', value) + 1)
            WHEN value <= '𞸉'
                THEN split_part(value || '␟у␟ф␟х␟ц␟ч␟ш␟ъ␟ы␟ґ␟і␟ѕ␟џ␟ҫ␟ꙑ␟ұ␟ا␟ب␟ج␟د␟و␟ز␟ح␟ط␟ي', '␟', instr('𞁟𞁠𞁡𞁢𞁣𞁤𞁥𞁦𞁧𞁨𞁩𞁪𞁫𞁬𞁭𞸀𞸁𞸂𞸃𞸅𞸆𞸇𞸈𞸉', value) + 1)
            WHEN value <= '𞸢'
                THEN split_part(value || '␟ك␟ل␟م␟ن␟س␟ع␟ف␟ص␟ق␟ر␟ش␟ت␟ث␟خ␟ذ␟ض␟ظ␟غ␟ٮ␟ں␟ڡ␟ٯ␟ب␟ج', '␟', instr('𞸊𞸋𞸌𞸍𞸎𞸏𞸐𞸑𞸒𞸓𞸔𞸕𞸖𞸗𞸘𞸙𞸚𞸛𞸜𞸝𞸞𞸟𞸡𞸢', value) + 1)
            WHEN value <= '𞹎'
                THEN split_part(value || '␟ه␟ح␟ي␟ك␟ل␟م␟ن␟س␟ع␟ف␟ص␟ق␟ش␟ت␟ث␟خ␟ض␟غ␟ج␟ح␟ي␟ل␟ن␟س', '␟', instr('𞸤𞸧𞸩𞸪𞸫𞸬𞸭𞸮𞸯𞸰𞸱𞸲𞸴𞸵𞸶𞸷𞸹𞸻𞹂𞹇𞹉𞹋𞹍𞹎', value) + 1)
            WHEN value <= '𞹴'
                THEN split_part(value || '␟ع␟ص␟ق␟ش␟خ␟ض␟غ␟ں␟ٯ␟ب␟ج␟ه␟ح␟ط␟ي␟ك␟م␟ن␟س␟ع␟ف␟ص␟ق␟ش', '␟', instr('𞹏𞹑𞹒𞹔𞹗𞹙𞹛𞹝𞹟𞹡𞹢𞹤𞹧𞹨𞹩𞹪𞹬𞹭𞹮𞹯𞹰𞹱𞹲𞹴', value) + 1)
            WHEN value <= '𞺐'
                THEN split_part(value || '␟ت␟ث␟خ␟ض␟ظ␟غ␟ٮ␟ڡ␟ا␟ب␟ج␟د␟ه␟و␟ز␟ح␟ط␟ي␟ل␟م␟ن␟س␟ع␟ف', '␟', instr('𞹵𞹶𞹷𞹹𞹺𞹻𞹼𞹾𞺀𞺁𞺂𞺃𞺄𞺅𞺆𞺇𞺈𞺉𞺋𞺌𞺍𞺎𞺏𞺐', value) + 1)
            WHEN value <= '𞺯'
                THEN split_part(value || '␟ص␟ق␟ر␟ش␟ت␟ث␟خ␟ذ␟ض␟ظ␟غ␟ب␟ج␟د␟و␟ز␟ح␟ط␟ي␟ل␟م␟ن␟س␟ع', '␟', instr('𞺑𞺒𞺓𞺔𞺕𞺖𞺗𞺘𞺙𞺚𞺛𞺡𞺢𞺣𞺥𞺦𞺧𞺨𞺩𞺫𞺬𞺭𞺮𞺯', value) + 1)
            WHEN value <= '🄐'
                THEN split_part(value || '␟ف␟ص␟ق␟ر␟ش␟ت␟ث␟خ␟ذ␟ض␟ظ␟غ␟0.␟0,␟1,␟2,␟3,␟4,␟5,␟6,␟7,␟8,␟9,␟(A)', '␟', instr('𞺰𞺱𞺲𞺳𞺴𞺵𞺶𞺷𞺸𞺹𞺺𞺻🄀🄁🄂🄃🄄🄅🄆🄇🄈🄉🄊🄐', value) + 1)
            WHEN value <= '🄨'
                THEN split_part(value || '␟(B)␟(C)␟(D)␟(E)␟(F)␟(G)␟(H)␟(I)␟(J)␟(K)␟(L)␟(M)␟(N)␟(O)␟(P)␟(Q)␟(R)␟(S)␟(T)␟(U)␟(V)␟(W)␟(X)␟(Y)', '␟', instr('🄑🄒🄓🄔🄕🄖🄗🄘🄙🄚🄛🄜🄝🄞🄟🄠🄡🄢🄣🄤🄥🄦🄧🄨', value) + 1)
        END
        WHEN value <= '🯹' THEN CASE
            WHEN value <= '🄮'
                THEN split_part(value || '␟(Z)␟〔S〕␟C␟R␟CD␟WZ', '␟', instr('🄩🄪🄫🄬🄭🄮', value) + 1)
            WHEN value <= '🅉'
                THEN CASE WHEN value >= '🄰' THEN chr(unicode(value) + (-127215)) ELSE value END
            WHEN value <= '🈚'
                THEN split_part(value || '␟HV␟MV␟SD␟SS␟PPV␟WC␟MC␟MD␟MR␟DJ␟ほか␟ココ␟サ␟手␟字␟双␟デ␟二␟多␟解␟天␟交␟映␟無', '␟', instr('🅊🅋🅌🅍🅎🅏🅪🅫🅬🆐🈀🈁🈂🈐🈑🈒🈓🈔🈕🈖🈗🈘🈙🈚', value) + 1)
            WHEN value <= '🈲'
                THEN split_part(value || '␟料␟前␟後␟再␟新␟初␟終␟生␟販␟声␟吹␟演␟投␟捕␟一␟三␟遊␟左␟中␟右␟指␟走␟打␟禁', '␟', instr('🈛🈜🈝🈞🈟🈠🈡🈢🈣🈤🈥🈦🈧🈨🈩🈪🈫🈬🈭🈮🈯🈰🈱🈲', value) + 1)
            WHEN value <= '🉑'
                THEN split_part(value || '␟空␟合␟満␟有␟月␟申␟割␟営␟配␟〔本〕␟〔三〕␟〔二〕␟〔安〕␟〔点〕␟〔打〕␟〔盗〕␟〔勝〕␟〔敗〕␟得␟可', '␟', instr('🈳🈴🈵🈶🈷🈸🈹🈺🈻🉀🉁🉂🉃🉄🉅🉆🉇🉈🉐🉑', value) + 1)
            WHEN value <= '🯹'
                THEN CASE WHEN value >= '🯰' THEN chr(unicode(value) + (-129984)) ELSE value END
        END
        ELSE value
    END
