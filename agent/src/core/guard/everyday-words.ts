/**
 * The words of which most English sentences consist, three letters and more: by them it is seen that letters were moved,
 * and where a run of letters is to be cut.
 */
export const EVERYDAY_WORDS: readonly string[] = (
  'the and for are but not you all any can her was one our out day get has him his how its may new now old see two way who ' +
  'boy did let put say she too use that with have this will your from they know want been good much some time very when come ' +
  'here just like long make many more only over such take than them well were what year also back call came each even find ' +
  'give hand high keep last left life live look made most must name need next open part play said same seem show side tell ' +
  'then turn used wait walk went word work about above after again along among asked began being below bring carry cause ' +
  'check clean clear close could cover cross doing drive early earth every exact field final first found front given gives ' +
  'going great green group hands happy heard heart hello hence house human ideas issue known large later learn leave legal ' +
  'level light lines lists lives local looks lower lucky maker makes maybe means might model money month moved music names ' +
  'needs never night north noted notes offer often older opens order other owner paper parts party peace phone photo place ' +
  'plain plans plays point power press price print proof prove quick quite quote raise range reach reads ready right rules ' +
  'saved scene seems sends sense seven shall share short shown shows since sixth skill sleep small smart sorry sound south ' +
  'space speak spell spend stand start state still stood stops store story study stuff style super sweet swiss table taken ' +
  'takes talks teach tells thank thats their there these thing think third those three times title today token total touch ' +
  'tower track trade train treat tried truth trust turns twice under until upper usage users using usual value video visit ' +
  'voice wants watch water weeks where which while white whole whose woman women words works world worth would write wrong ' +
  'wrote years young yours zero able across action actions adding advice agree allow almost alone already although always ' +
  'amount another answer answers anybody anyone anything appear around article asking aside assume attack author avoid aware ' +
  'balance bank based basic because become before begin behind believe best better between beyond birth black block board ' +
  'book books born both bottom break build built business button buying cannot card care case certain chance change chapter ' +
  'character chat chief child children choose city class code codes colour come comes common company complete computer ' +
  'content continue control copy correct cost country couple course create crime current customer customers danger data date ' +
  'days dear decide deep delete describe design detail details develop different direct doctor document does done door double ' +
  'down draft draw dream drop during earlier easy either else email employee empty encode end ends engine english enough enter ' +
  'entire error evening event ever everybody everyone everything evil example except excuse exist expect explain export ' +
  'express extra face fact facts fail fair fake fall family famous fast father feel fiction figure file files fill film ' +
  'filter find fine finish fire five folder follow following foot force forest forget form forward four fox free freely ' +
  'french friday friend friends full function future game games gave general german gets giving goes gold gone grand ground ' +
  'grow guard guess guide hack half hair happen hard have head hear help helper helpful hero hidden hide hint hints history ' +
  'hold home hope hour hours however hundred idea imagine important include indeed inner inside instead internet into invent ' +
  'inside invoice item itself journal judge jump keys kind king knows language latest laugh laws lead least legal less letter ' +
  'letters licence lie likely limit limits line link list listen little loss lost love machine mail main manager mark master ' +
  'matter mean meant medical meeting member memory mention message messages method middle mind mine minute mode modern moment ' +
  'monday moral morning mother movie myself nature near nearly network news nice nobody none normal nothing notice novel ' +
  'number numbers office once online ones operator opinion opposite option options orders original others ourselves output ' +
  'outside pages paid paint paragraph parent partner pass past path people perhaps person piece pieces pirate plan please poem ' +
  'police policy possible post present president private probably problem process produce product program project promise ' +
  'public pull pure purpose question questions quiet rather reader reading real really reason receive record refuse regular ' +
  'related release remain remember remove repeat reply report request rest result return review rich river road role room ' +
  'round rule safe salary sale sample save saying school science screen search second secret secrets secure seek seen sell ' +
  'send sentence sentences separate serious server service session several shop should sign silent simple simply single sister ' +
  'site skip someone something sometimes somewhere song soon source speech stage step steps stop stopped street string strong ' +
  'student subject submit suggest summary sunday sure surely swap system systems talk talking task tasks team teams test text ' +
  'themselves therefore things though thought thousand through together tomorrow tonight took tool tools topic toward town ' +
  'translate trick true trying type unless update upon upset useful usually verse version victim view village void vowel wall ' +
  'warn warning weapon weather website week welcome were whatever whenever wherever whether whoever will window winter wish ' +
  'within without wonder worker wrong yesterday your yourself'
)
  .split(' ')
  .filter((word, at, all) => all.indexOf(word) === at)
