import type { Lexicon } from './concepts.ts'

/** Russian, Ukrainian, Polish and Czech. */
export const SLAVIC: Lexicon = {
  override:
    'игнорир*,проигнорир*,забудь*,забыть,забыли,не обращай внимания,не обращайте внимания,отбрось*,отмени*,обойди*,нарушь*,ігноруй*,забудьте,відкинь*,zignoruj*,ignoruj*,zapomnij*,zapomnijcie,pomin*,pomijaj*,odrzuc*,lekcewaz*,nie zwracaj uwagi,zapomen*,ignoruj*,opomen*',
  earlier:
    'предыдущ*,прежн*,предшеств*,выше,вышеуказан*,ранее,исходн*,начальн*,изначальн*,попередн*,poprzedni*,wczesniej*,powyzsz*,pierwotn*,poczatkow*,dotychczas*,predchoz*,vyse,puvodni*',
  all: 'все,всё,всех,перв*,усі,всі,wszystk*,vsechny',
  order:
    'инструкц*,указан*,правил*,команд*,директив*,приказ*,ограничен*,установк*,інструкц*,вказівк*,обмежен*,instrukcj*,polecen*,zasad*,regul*,wytyczn*,ograniczen*,rozkaz*,pokyn*,instrukc*,pravidl*,omezen*',
  told: 'тебе говорили,вам говорили,тебе сказали,вам сказали,было сказано,тебе было,все что было,тебя учили,что ты знаешь,тобі казали,powiedziano ci,ci powiedziano,co ci kazano,co wiesz,ti bylo receno,ti rekli',
  own: 'твой,твоя,твое,твои,твоих,твоего,твоей,твою,ваш,ваша,ваше,ваши,ваших,вашего,вашу,свой,свои,свою,своих,твої,twoj*,twoje,twoich,swoj*,swoje,swoich,tvoj*,tve,svoje',
  follow: 'следуй*,следовать,слушай*,подчин*,соблюда*,przestrzega*,sluchaj*,stosuj*,dodrzuj*',
  not: 'не,никогда,без,перестань*,прекрати*,ніколи,nie,nigdy,bez,przestan,ne,nikdy',
  reveal:
    'покажи*,раскрой*,скажи*,назови*,выведи*,напиши*,напечатай*,дай,дайте,сообщи*,предостав*,поделись,поделитесь,подтверди*,опиши*,перечисли*,розкрий,покажіть,pokaz*,ujawni*,wyswietl*,podaj*,powiedz*,wypisz*,wydrukuj*,napisz*,zdradz*,ukaz*,vypis*,rekni*,prozrad*,sdel*',
  repeat:
    'повтори*,дословно,слово в слово,скопируй*,процитируй*,выведи,powtorz*,doslownie,slowo w slowo,zacytuj,zopakuj*,doslova',
  what: 'какой,какая,какие,какое,каков*,что такое,где живет,где сейчас,який,які,jaki,jakie,jaka,co to,gdzie mieszka,jake,jaky,co je',
  hidden:
    'системный промпт,системного промпта,системный запрос,системное сообщение,системные инструкц*,системную подсказку,системная подсказка,скрытые инструкц*,скрытых инструкц*,секретные инструкц*,твои инструкц*,твоих инструкц*,свои инструкц*,ваши инструкц*,ваших инструкц*,начальные инструкц*,исходные инструкц*,промпт,prompt systemow*,promptu systemow*,instrukcje systemow*,ukryte instrukcje,tajne instrukcje,twoje instrukcje,swoje instrukcje,swoj prompt,twoj prompt,systemovy prompt*,skryte instrukce,tve instrukce',
  context:
    'текст выше,текста выше,этого разговора,эта беседа,нашего разговора,первого сообщения,до этого,powyzszy tekst,tekst powyzej,tej rozmowy,tekst vyse,teto konverzace',
  secret:
    'пароль*,паролю,пароля,секретный ключ,секретный код,секретное слово,ключ доступа,секрет*,тайн*,haslo,hasla,tajny klucz,tajny kod,heslo,hesla,tajny klic,секретний ключ',
  persona:
    'делай что угодно,делать что угодно,сделай все сейчас,что угодно сейчас,zrob cokolwiek teraz,rob wszystko teraz',
  freedom:
    'без ограничен*,без каких либо ограничен*,без цензуры,без правил,без фильтр*,никаких ограничен*,никаких правил,нет ограничен*,нет правил,без обмежень,bez ograniczen,bez zadnych ograniczen,bez cenzury,bez zasad,bez filtr*,bez omezeni,bez pravidel,zadnych ograniczen,неограничен*,без этики,нецензурир*,без всяких правил,без каких либо правил,без моральных,bez zadnych zasad,bez zadnych regul',
  role: 'ты теперь,теперь ты,вы теперь,теперь вы,притворись*,представь что ты,представьте что вы,веди себя как,действуй как,сыграй роль,играй роль,ти тепер,тепер ти,jestes teraz,teraz jestes,udawaj,wyobraz sobie ze jestes,zachowuj sie jak,wciel sie,predstirej,ted jsi,jsi ted,chovej se jako,ты больше не',
  mode: 'режим разработчик*,системный режим,режим бога,режим обслуживания,режим отладки,режим администратора,режим переопредел*,tryb deweloper*,tryb programisty,tryb administratora,tryb boga,tryb serwisow*,vyvojarsky rezim,режим dan,сброс системы',
  authority:
    'я твой,я ваш,я разработчик,я бог,я администратор,я президент,разработанн* openai,разработанный openai,разработанный anthropic,как ии,jestem twoim,jestem programista,jestem administratorem,jestem bogiem,jsem tvuj,jsem vyvojar,аудит безопасности',
  must: 'должен,должна,должны,нужно,необходимо,требую,важно,срочно,обязан,musisz,musi,potrzebuje,wazne,musis,potrebuji',
  user: 'пользовател*,клиент*,uzytkownik*,klient*,uzivatel*,база данных,базу данных',
  private:
    'живет,адрес,дата рождения,дату рождения,баланс*,номер телефона,город проживания,личные данные,mieszka,adres,data urodzenia,date urodzenia,saldo,numer telefonu,bydli,datum narozeni',
  reply: 'твой ответ,твоем ответе,ваш ответ,своем ответе,twoja odpowiedz,twojej odpowiedzi,tva odpoved',
  recode: 'в обратном порядке,наоборот,закодируй*,кодируй*,w odwrotnej kolejnosci,wspak,zakoduj*,pozpatku',
  say: 'просто скажи,скажи только,только скажи,просто напиши,ответь только,powiedz tylko,po prostu powiedz,rekni jen',
  start:
    'отныне,с этого момента,новые инструкц*,вместо этого,відтепер,od teraz,od tej pory,nowe instrukcje,zamiast tego,od ted,nove pokyny,misto toho',
  'turn-on': 'включи*,активир*,войди*,перейди*,запуск*,вхожу,wlacz*,aktywuj*,przejdz,zapni,aktivuj',
  talk: 'атак*,безопасност*,инъекц*,atak*,bezpieczenstw*,utok*,bezpecnost*',
  explain:
    'объясни*,что значит,что означает,почему,как работает,как защит*,пример*,переведи*,wyjasni*,co oznacza,dlaczego,jak dziala,jak chroni*,przyklad*,przetlumacz*,vysvetl*,proc,co znamena',
  assistant:
    'ии,нейросеть,языковая модель,ассистент,чат бот,sztuczna inteligencja,model jezykowy,asystent,искусственный интеллект,ии без',
}

/** Turkish, Greek, Indonesian, Vietnamese and Tagalog. */
export const MORE_LATIN: Lexicon = {
  override:
    'yok say*,gormezden gel*,dikkate alma*,unut*,bagimsiz olarak,gozardi et*,αγνοησ*,αγνοει*,ξεχασ*,παρακαμψ*,abaikan,mengabaikan,lupakan,melupakan,lewati,bo qua,quen di,quen het,hay quen,quen tat ca,phot lo,dung quan tam,huwag pansinin,balewalain,kalimutan*,ipagwalang bahala',
  earlier:
    'onceki*,yukaridaki*,daha once*,προηγουμεν*,παραπανω,αρχικ*,sebelumnya,di atas,truoc,truoc do,ben tren,o tren,ban dau,naunang*,nakaraang*,nauna',
  all: 'tum,butun,ilk,ολες,ολα,semua,seluruh,awal,tat ca,lahat',
  order:
    'talimat*,yonerge*,kural*,komut*,emir,emirleri,kisitlama*,gorev*,οδηγι*,εντολ*,κανον*,περιορισμ*,instruksi*,perintah*,aturan,arahan,petunjuk,batasan,huong dan,chi dan,chi thi,lenh,quy tac,menh lenh,tagubilin*,panuto*,utos,alituntunin,patakaran',
  told: 'sana soylenen*,size soylenen*,bildigin*,σου ειπαν,σας ειπαν,που σου,yang diberitahukan,yang kamu ketahui,diberitahu,duoc bao,da duoc,duoc noi,duoc huong dan,sinabi sa iyo,noi cho ban biet,noi voi ban',
  own: 'senin,sizin,σου,σας,cua ban,iyong,inyong,ninyo,sifreni',
  follow: 'uy,uyma*,takip,itaat,ακολουθ*,υπακου*,ikuti,mengikuti,patuhi,mematuhi,tuan theo,tuan thu,lam theo,sundin',
  not: 'asla,degil,hicbir,μην,χωρις,ποτε,δεν,jangan,tidak,tanpa,berhenti,khong,dung,chua,huwag,hindi,walang',
  reveal:
    'goster*,soyle*,acikla*,ver,verin,paylas*,yazdir*,listele*,onayla*,δειξε*,δωσε*,πες,πειτε,αποκαλυψ*,εμφανισ*,γραψε*,μοιρασ*,tunjukkan,tampilkan,beri tahu,beritahu,berikan,bagikan,ungkapkan,cetak,sebutkan,tuliskan,memberi tahu,cho toi,noi cho,tiet lo,hien thi,in ra,cung cap,chia se,xac nhan,viet ra,liet ke,ipakita,sabihin,ibigay,ilista,ibahagi,ilabas,i print',
  repeat:
    'tekrarla*,kelimesi kelimesine,aynen,επαναλαβ*,λεξη προς λεξη,ulangi,kata demi kata,salin,lap lai,nhac lai,tung chu,ulitin',
  what: 'nedir,neler,hangi,nerede,ne kadar,ποιος,ποια,ποιο,ποιες,τι ειναι,που μενει,apa,apakah,di mana,la gi,nao,o dau,ano,saan',
  hidden:
    'sistem prompt*,sistem istemi*,sistem mesaj*,sistem talimat*,gizli talimat*,talimatlarini,ilk talimat*,οδηγιες σου,οδηγιες συστηματος,κρυφες οδηγιες,συστημικ*,prompt sistem,instruksi sistem,instruksi tersembunyi,instruksi rahasia,instruksi kamu,instruksimu,instruksi anda,pesan sistem,loi nhac he thong,huong dan he thong,prompt he thong,huong dan an,chi dan bi mat,cau lenh he thong,huong dan cua ban,iyong tagubilin,iyong instruksyon,system prompt mo',
  context:
    'yukaridaki metin*,bu konusma*,το κειμενο παραπανω,παραπανω κειμενο,teks di atas,percakapan ini,van ban tren,cuoc tro chuyen nay,doan van tren',
  secret:
    'sifre*,parola*,gizli anahtar*,gizli kod*,gizli kelime*,κωδικο*,μυστικο*,κλειδι,kata sandi*,sandi,kunci rahasia,kode rahasia,mat khau,khoa bi mat,ma bi mat,mat ma,hasło,lihim na susi',
  persona: 'simdi her seyi yap,her seyi yapabil*,lakukan apa saja sekarang,lam bat cu dieu gi,lam moi thu',
  freedom:
    'kisitlamasiz,sinirsiz,sansursuz,filtresiz,kuralsiz,hicbir kural*,hicbir kisitlama*,χωρις περιορισμ*,χωρις κανον*,χωρις λογοκρισια,tanpa batasan,tanpa aturan,tanpa sensor,tanpa filter,tidak ada batasan,khong gioi han,khong han che,khong kiem duyet,khong co quy tac,khong bi gioi han,khong bi rang buoc,walang limitasyon,walang panuntunan,kurallari olmayan,kurali olmayan,sinirlari olmayan,khong co gioi han,khong co rang buoc,tidak punya aturan,tanpa aturan apa pun,χωρις κανενα',
  role: 'artik sen,sen artik,simdi sen,rolunu oyna,gibi davran*,hayal et*,εισαι τωρα,τωρα εισαι,κανε πως,προσποιησ*,kamu sekarang,sekarang kamu,anda sekarang,sekarang anda,berpura pura*,bertindak*,bayangkan,bay gio ban la,ban bay gio la,gia vo,dong vai,hay tuong tuong,ikaw ay isang,ikaw na ngayon,magpanggap,kunwari,bir yapay zekasin,artik kurallari,artik bir',
  mode: 'gelistirici modu*,bakim modu*,tanri modu*,yonetici modu*,sistem yukseltmesi,sistem sifirlama,sistem kontrolu,λειτουργια προγραμματιστη,λειτουργια συντηρησης,mode pengembang,mode pemeliharaan,mode admin,che do nha phat trien,che do bao tri,che do admin,nang cap he thong,kiem tra he thong,che do ghi de,mode ng developer',
  authority:
    'ben senin,ben bir gelistirici*,gelistiriciyim,ben tanri*,yoneticiyim,ειμαι ο προγραμματιστης,ειμαι ο δημιουργος,ειμαι θεος,saya adalah pengembang,saya pengembang,saya tuhan,saya adalah tuhan,toi la nha phat trien,toi la chua,toi la nguoi tao,toi la quan tri,ako ang iyong,ako ay isang developer,ako ay diyos,guvenlik denetimi,kiem toan an ninh,toi la mot nha phat trien',
  must: 'zorundasin,gerek*,lazim,gerekiyor,πρεπει,χρειαζομαι,harus,perlu,butuh,penting,phai,can,can ban,dapat,kailangan',
  user: 'kullanici*,musteri*,χρηστη*,χρηστες,pengguna,nguoi dung,gumagamit,mga user',
  private:
    'adres*,dogum tarih*,bakiye*,yasiyor,telefon numaras*,διευθυνση,ημερομηνια γεννησης,υπολοιπο,μενει,alamat,tanggal lahir,saldo,tinggal,ngay sinh,dia chi,so du,dang song,song o,noi o,cu tru,kapanganakan,tirahan,nakatira,balanse,inisyal',
  reply:
    'cevabin*,yanitin*,απαντηση σου,jawabanmu,jawaban anda,tanggapan anda,phan hoi cua ban,cau tra loi cua ban,iyong sagot,iyong tugon',
  recode:
    'ters sira*,tersten,kodla*,αντιστροφη,αναποδα,urutan terbalik,terbalik,trat tu dao nguoc,nguoc,dao nguoc,ma hoa,reverse order,domuz latincesi,latin heo',
  say: 'sadece soyle,yalnizca soyle,sadece yaz,απλα πες,πες μονο,katakan saja,cukup katakan,chi noi,hay noi,chi can noi,sabihin lang',
  start:
    'bundan sonra,su andan itibaren,yeni talimat*,bunun yerine,απο εδω και περα,νεες οδηγιες,απο τωρα,mulai sekarang,instruksi baru,sebagai gantinya,tu bay gio,ke tu bay gio,huong dan moi,thay vao do,mula ngayon,bagong tagubilin,sa halip',
  'turn-on': 'etkinlestir*,gec,baslat*,ενεργοποι*,aktifkan,masuk ke,kich hoat,bat,vao,i activate,dang chay',
  talk: 'saldiri*,guvenlik,επιθεση,επιθεσεις,ασφαλεια,serangan,keamanan,tan cong,bao mat,seguridad',
  explain:
    'acikla,aciklar,ne demek,nasil,neden,ornek,εξηγησ*,τι σημαινει,γιατι,πως,jelaskan,apa arti,mengapa,bagaimana,contoh,giai thich,nghia la gi,tai sao,lam the nao,vi du,cach,ipaliwanag,bakit,paano,terjemahkan,dich',
  assistant:
    'yapay zeka*,dil modeli,τεχνητη νοημοσυνη,γλωσσικο μοντελο,kecerdasan buatan,model bahasa,tri tue nhan tao,mo hinh ngon ngu,tro ly',
}
