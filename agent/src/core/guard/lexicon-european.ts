import type { Lexicon } from './concepts.ts'

/** German, Dutch and Swedish. */
export const GERMANIC: Lexicon = {
  override:
    'ignorier*,missacht*,missachte,vergiss,vergesst,vergessen,vergesse,uberseh*,ubergeh*,umgeh*,verwirf*,verwerf*,setze dich uber,außer acht,halte dich nicht,losch*,streich*,negeer*,vergeet*,vergeten,omzeil*,overschrijf*,ignorera*,glom,bortse',
  earlier:
    'vorherig*,vorige*,fruher*,bisherig*,obig*,vorangegangen*,vorangehend*,vorstehend*,ursprunglich*,zuvor,bisher,vorher,anfanglich*,oben,eerdere,vorige,voorgaande,bovenstaande,tidigare,foregaende,ovanstaende,oorspronkelijke',
  all: 'alle,allen,alles,samtlich*,jegliche*,alla',
  order:
    'anweisung*,instruktion*,regel,regeln,vorgabe*,richtlinie*,befehl*,anordnung*,vorschrift*,einschrankung*,beschrankung*,anleitung*,auftrag,instructie*,regels,opdracht*,richtlijn*,aanwijzing*,instruktioner,anvisningar,regler*,riktlinjer*,kontext,direktiven',
  told: 'dir gesagt,ihnen gesagt,dir aufgetragen,gesagt wurde,gesagt hat,beigebracht,du weißt,man dir,euch gesagt,je verteld,is verteld,verteld is,jou gezegd,wat hierboven,was oben,alles davor,alles oben',
  own: 'dein*,ihr,ihre,ihren,ihrer,ihnen,euer,eure*,jouw,uw,din,ditt,dina',
  follow: 'befolg*,folge,folgen,halte dich,gehorch*,beacht*,volg,volgen,gehoorzaam*,folj*,houd je',
  not: 'nicht,keine,keinen,niemals,nie,ohne,hor auf,niet,geen,nooit,zonder,inte,aldrig,utan',
  reveal:
    'zeig*,verrat*,nenne*,gib mir,gib,geben,angeben,offenbar*,sag mir,sagen sie mir,teile mir,teilen,druck*,ausgeben,gib aus,enthull*,schreib*,toon*,laat zien,vertel*,onthul*,geef*,visa,avsloja*,skriv ut,beratta*,mir ihr,mir dein,bestatig*,bereitstell*',
  repeat: 'wiederhol*,wortlich,wort fur wort,gib aus,herhaal*,woordelijk,upprepa*,ordagrant,kopier*,zitier*',
  what: 'was ist,was sind,wie lautet,wie lauten,welche,wat is,wat zijn,welke,vad ar,wie hoch,wo wohnt',
  hidden:
    'systemprompt*,system prompt*,systemanweisung*,systemnachricht*,geheimen anweisung*,geheime anweisung*,versteckte anweisung*,versteckten anweisung*,ursprungliche anweisung*,ursprunglichen anweisung*,deine anweisung*,deine instruktion*,deinen prompt,ihre anweisung*,interne anweisung*,systeeminstructie*,verborgen instructie*,jouw instructies,je instructies,systeemprompt*,systemmeddelande*,dina instruktioner,anfangliche anweisung*,anfanglichen anweisung*',
  context:
    'text oben,obigen text,obige text,text daruber,dieses gesprach*,dieser unterhaltung,tekst hierboven,bovenstaande tekst,dit gesprek,texten ovan,ersten nachricht,vor dieser',
  secret:
    'passwort*,kennwort*,geheimer schlussel,geheimen schlussel,geheimschlussel,geheimcode*,zugangsdaten,wachtwoord*,geheime sleutel,losenord*,hemlig*,geheimnis*',
  freedom:
    'ohne einschrankung*,ohne beschrankung*,ohne regeln,keine einschrankung*,keine regeln,ohne filter,ungefiltert*,unzensiert*,uneingeschrankt*,zonder beperking*,zonder regels,geen beperkingen,geen regels,ongefilterd,ongecensureerd*,utan begransning*,inga regler,ocensurerad,tu alles jetzt,alles tun,keine grenzen,an keine regeln,alles jetzt,ohne jede regel,ohne moral,verweigerst nichts,nicht an regeln gebunden,zonder enige beperking',
  role: 'du bist jetzt,du bist nun,sie sind jetzt,tu so,spiele die rolle,stell dir vor,verhalte dich,agiere als,handle als,je bent nu,doe alsof,speel de rol,gedraag je,du ar nu,lats*,stellen sie sich vor,ab jetzt bist du',
  mode: 'entwicklermodus,wartungsmodus,debugmodus,gottmodus,systemmodus,admin modus,adminmodus,ontwikkelaarsmodus,onderhoudsmodus,utvecklarlage,knowledge modus,wissensverifizierungsmodus,testmodus,uberschreibungsmodus',
  authority:
    'ich bin dein*,ich bin ihr*,ich bin ein entwickler,ich bin entwickler,ich bin ein gott,ich bin gott,ich bin der,dein entwickler,dein schopfer,von openai entwickelt*,von anthropic entwickelt*,ik ben je,ik ben jouw,ik ben een ontwikkelaar,jag ar din,sicherheitsaudit,sicherheitsuberprufung,prasident der',
  must: 'musst,mussen,brauche,benotige,ich will,wichtig,moet,ik heb nodig,maste,behover,sofort',
  user: 'der benutzer,des benutzers,den benutzer,benutzern,nutzer,des nutzers,nutzern,de gebruiker*,anvandaren*,kunden,datenbank',
  private:
    'adresse,geburtsdatum,geburtsjahr,kontostand,wohnt,lebt,wohnort,stadt,telefonnummer,e mail adresse,bankkonto*,kontostande,bankkontostand,initialen,geboortedatum,woont,adres,rekeningsaldo,fodelsedatum,adress',
  reply: 'deine antwort,deiner antwort,ihre antwort,ihrer antwort,je antwoord,jouw antwoord,ditt svar,antworte mit',
  recode:
    'umgekehrt*,ruckwarts,kodier*,omgekeerde*,achterstevoren,baklanges,schweinelatein,verschlussel*,auf deutsch,reihenfolge',
  say: 'sag nur,sage nur,sag einfach,sage einfach,schreib nur,antworte nur,zeg alleen,zeg gewoon,sag bara,antworte mit,gib nur',
  start:
    'ab jetzt,ab sofort,von nun an,neue anweisung*,neue regeln,neue aufgabe,stattdessen,vanaf nu,nieuwe instructie*,in plaats daarvan,fran och med nu,nya instruktioner',
  'turn-on': 'aktivier*,wechsle,schalte,betrete,starte,initiiere,activeer,schakel,aktivera,gehe in,fuhre',
  talk: 'angriff*,sicherheitslucke*,aanval*,sicherheit',
  explain:
    'erklar*,was bedeutet,was ist eine,beispiel,wie kann,wie funktioniert,bedeutet,schutz*,verhinder*,erken*,uitleg*,betekent,leg uit,forklara*,warum,wie schutze',
  assistant: 'ki,assistent,sprachmodell*,taalmodel,kunstliche intelligenz,sprakmodell',
}

/** French, Spanish, Italian, Portuguese and Romanian. */
export const ROMANCE: Lexicon = {
  override:
    'ignor*,oublie,oubliez,oublier,neglige*,ne tiens pas compte,ne tenez pas compte,fais abstraction,faites abstraction,contourne*,outrepass*,passe outre,olvid*,desestim*,haz caso omiso,hagan caso omiso,pasa por alto,omite,omita,descarta,no hagas caso,desobedec*,dimentic*,scorda*,trascura*,non considerare,tralascia*,lascia perdere,bypassa,esquec*,desconsider*,desconsidere,despreze,descarte,uita,uitati,supprime,efface,borra,elimina,cancella,apague,contorne,anule,anula',
  earlier:
    'precedent*,anterieur*,ci dessus,au dessus,initial*,originel*,d origine,anterior*,previ*,arriba,sopra,acima,iniziali,antes,avant,prima,anterioare',
  all: 'toutes,tous,tout,tudo,todo,todas,todos,tutte,tutti,tutto,recu*,recib*,toate,inicial*,original*',
  order:
    'instruction*,consigne*,directive*,regle*,ordre,ordres,restriction*,contrainte*,instruccion*,indicacion*,orden,ordenes,regla*,directriz,directrices,directiva*,norma*,restriccion*,istruzion*,regol*,direttiv*,ordini,indicazion*,restrizion*,instruc*,instrucao,instrucoes,diretriz*,regra*,ordens,comando*,orientac*,restric*,limitac*,limitacion*,instructiun*,reguli*',
  matter: 'mensaje*,contexto,messagg*,mensagem,mensagens,message*,conversation*,conversacion*',
  told: 'on t a dit,qu on t a,on vous a dit,t a ete dit,vous a ete dit,tout ce qui precede,ce qui precede,te han dicho,se te ha dicho,te dijeron,te he dicho,lo anterior,que sabes,todo lo que,ti e stato detto,ti hanno detto,che ti e stato,quanto sopra,quanto precede,lhe foi dito,te disseram,foi dito,lhe disseram,tudo o que,o que foi dito,tudo acima,se te ha instruido,instruido,ti ho detto,toutes ces regles,tous les ordres,che sai,que voce sabe,que sais',
  own: 'ton,tes,votre,vos,tus,sus,tuo,tua,tuoi,tue,il tuo,la tua,suo,sua,sue,suas,seu,seus,teu,teus,tuas,vuestr*,vosso*',
  follow:
    'suis,suivre,suivez,obeis,obeir,respecte*,sigue,seguir,sigas,obedec*,obedeci*,segui,segua,obbedi*,siga,obedeca,cumpla,cumplir',
  not: 'ne,pas,jamais,sans,arrete,no,nunca,jamas,sin,deja de,non,mai,senza,smetti,nao,sem,pare de,nu,cesse*',
  reveal:
    'revel*,montre*,affiche*,donne*,dis moi,dites moi,divulgu*,partage*,ecris,imprime*,confirme*,fourni*,muestr*,muestra*,mostr*,dime,digame,decirme,decir,dame,deme,comparte*,divulga*,ensena*,escrib*,imprim*,proporcion*,rivel*,dimmi,dammi,mostrami,stampa*,condivid*,scriv*,forni*,diga me,diga,dizer,dizer me,dime,conte me,exib*,exiba,forneca,compartilh*,de me,escreva*,da mi,communique*,puedes decir*,me dire,me dar,spune mi,arata*,peux tu me,conferma*,confermami,confirma*,proporciona*',
  repeat:
    'repet*,repete*,repite*,ripet*,mot a mot,mot pour mot,palabra por palabra,parola per parola,palavra por palavra,textuellement,textualmente,copie*,copia*,recopi*,reproduis,cite',
  what: 'quel est,quelle est,quelles sont,quels sont,cual es,cuales son,que es,qual e,quali sono,quais sao,qual,cual,quel,quelle,quali,ou habite,donde vive,dove vive,onde mora,care este,qual e a',
  hidden:
    'prompt systeme,invite systeme,message systeme,instructions systeme,instructions cachees,instructions secretes,instructions initiales,tes instructions,vos instructions,tes consignes,vos consignes,prompt del sistema,prompt de sistema,mensaje del sistema,instrucciones del sistema,instrucciones ocultas,instrucciones secretas,instrucciones iniciales,tus instrucciones,sus instrucciones,tus reglas,prompt di sistema,messaggio di sistema,istruzioni di sistema,istruzioni nascoste,istruzioni segrete,istruzioni iniziali,tue istruzioni,tuo prompt,prompt do sistema,mensagem do sistema,instrucoes do sistema,instrucoes ocultas,instrucoes secretas,instrucoes iniciais,suas instrucoes,tuas instrucoes,seu prompt,tu prompt,ton prompt,votre prompt,promptul de sistem,instructiunile tale,regles cachees,reglas ocultas',
  context:
    'texte ci dessus,texte precedent,cette conversation,notre conversation,texto anterior,texto de arriba,esta conversacion,testo sopra,testo precedente,questa conversazione,texto acima,esta conversa,premier message,primer mensaje,primo messaggio,primeira mensagem',
  secret:
    'mot de passe,mots de passe,cle secrete,code secret,clef secrete,phrase secrete,identifiants,contrasena*,clave secreta,clave,codigo secreto,palabra secreta,palabra clave,chiave segreta,parola segreta,codice segreto,parola d ordine,senha*,chave secreta,palavra passe,palavra secreta,codigo secreto,credenciais,credenciales,credenziali,parola,parola secreta,la tua password,tu clave secreta,la parola segreta',
  persona:
    'haz cualquier cosa ahora,haz de todo,faire n importe quoi,fais tout maintenant,fare qualsiasi cosa ora,faz qualquer coisa agora,faca qualquer coisa,faca tudo agora',
  freedom:
    'sans restriction*,sans aucune restriction,sans limite*,sans filtre*,sans regle*,sans censure,aucune restriction,aucune regle,aucune limite,sin restriccion*,sin ninguna restriccion,sin limite*,sin filtro*,sin regla*,sin censura,ninguna restriccion,senza restrizion*,senza alcuna restrizione,senza limit*,senza filtr*,senza regol*,senza censura,nessuna restrizione,sem restric*,sem qualquer restric*,sem limite*,sem filtro*,sem regra*,sem censura,nenhuma restric*,cualquier cosa ahora,qualquer coisa agora,qualsiasi cosa ora,n importe quoi maintenant,liberado de,libere de,confines tipicos,tipicos confines,sans ethique,fara restrictii,fara limite,sans aucune regle,sans aucune limite,sans morale,sin ninguna regla,sin moral,senza alcuna regola,senza morale,sem nenhuma regra,sem nenhuma restric*,sem moral,que no rechaza nada,qui ne refuse rien',
  role: 'tu es maintenant,vous etes maintenant,fais comme si,faites comme si,fais semblant,agis comme,agissez comme,joue le role,imagine que tu,imaginez que vous,ahora eres,eres ahora,actua como,finge,fingir,haz de cuenta,haz como si,imagina que eres,sei ora,ora sei,adesso sei,agisci come,fingi*,fai finta,comportati come,immagina di essere,agora voce e,voce agora e,aja como,atue como,finja,faca de conta,imagine que voce,tu es un,eres un,sei un,voce e um,esti acum,adesso sei un,sei adesso,ora sei un,agora voce e uma,te has convertido',
  mode: 'mode developpeur,mode maintenance,mode dieu,mode admin,mode debug,modo desarrollador,modo de mantenimiento,modo mantenimiento,modo dios,modo administrador,modalita sviluppatore,modalita manutenzione,modalita dio,modo desenvolvedor,modo de manutencao,modo deus,modo dan,mode dan,mode systeme,modo sistema,modo de sistema,modalita di sistema,reinitialisation du systeme,restablecimiento del sistema',
  authority:
    'je suis ton,je suis votre,je suis developpeur,je suis un developpeur,je suis le president,je suis dieu,je suis l administrateur,developpee par openai,developpee par anthropic,developpe par,soy tu,soy su,soy un desarrollador,soy el desarrollador,soy dios,soy el presidente,soy administrador,desarrollado por openai,desarrollada por,sono il tuo,sono un tuo,sono uno sviluppatore,sono dio,sono il presidente,sviluppata da,sou o teu,sou o seu,sou um desenvolvedor,sou seu,sou o presidente,sou deus,desenvolvido por,desenvolvida por,sou desenvolvedor,audit de securite,auditoria de seguridad,auditoria de seguranca,controllo di sicurezza,verificacao do sistema,verification systeme',
  must: 'dois,doit,devez,besoin que,j ai besoin,debes,debe,necesito,tienes que,es importante,devi,deve,ho bisogno,e importante,precis*,preciso que,importante que,tenho de,immediatement,trebuie',
  user: 'l utilisateur,de l utilisateur,les utilisateurs,des utilisateurs,el usuario,del usuario,los usuarios,de usuarios,l utente,dell utente,gli utenti,degli utenti,o usuario,do usuario,os usuarios,usuarios,utilizador,do utilizador,utilizadores,empleados,base de donnees,base de datos,banco de dados,clientes,un utente,de los empleados',
  private:
    'adresse,date de naissance,habite,solde,solde bancaire,ville de residence,numero de telephone,vit,fecha de nacimiento,vive,saldo,saldo bancario,direccion,ciudad actual,ciudad de residencia,residencia,iniciales,telefono,data di nascita,abita,indirizzo,iniziali,data de nascimento,mora,endereco,saldo bancario,iniciais,cidade,datos personales,donnees personnelles,dados pessoais,dati personali,datos de los',
  reply:
    'ta reponse,votre reponse,tu respuesta,su respuesta,la tua risposta,tua risposta,sua resposta,tua resposta,la reponse,la respuesta,a resposta',
  recode:
    'ordre inverse,a l envers,orden inverso,al reves,ordine inverso,al contrario,ordem inversa,ao contrario,codifi*,encode*,codific*,en base64,em base64,entrelaz*,divide*,latin de cochon,en allemand,en aleman,em alemao,in tedesco',
  say: 'dis seulement,dis juste,dites seulement,di solo,solo di,di simplemente,responde solo,rispondi solo,di soltanto,diga apenas,responda apenas,responde apenas,reponds uniquement,reponds seulement,affiche uniquement,imprime solo',
  start:
    'a partir de maintenant,desormais,dorenavant,nouvelles instructions,nouvelle instruction,a la place,plutot,a partir de ahora,desde ahora,nuevas instrucciones,en su lugar,en lugar de,d ora in poi,da ora in poi,nuove istruzioni,invece,al suo posto,a partir de agora,de agora em diante,novas instrucoes,em vez disso,al posto,nouvelle tache,nueva tarea,de acum inainte',
  'turn-on':
    'active*,activez,entre en,j entre en,entrant,activa*,ingresa*,entrando,attiva*,entra in,ative*,ativar,iniciando,lance,estoy ejecutando,avvio',
  talk: 'attaque*,ataque*,attacco,attacchi,injection de prompt*,inyeccion de prompt*,injecao de prompt*,securite,seguridad,sicurezza,seguranca',
  explain:
    'expliqu*,explic*,que signifie,signifie,que significa,significa,exemple*,ejemplo*,esempio,esempi,exemplo*,pourquoi,por que,perche,comment,como puedo,como funciona,come funziona,come posso,proteg*,preven*,detect*,evit*,spiega*,difes*,tradui*,traduz*,traduc*',
  assistant:
    'ia,modele de langage,modelo de lenguaje,modelo de linguagem,modello linguistico,assistant,asistente,assistente,intelligence artificielle,inteligencia artificial',
}
