// Every word that the page shows, in English and in Bokmål, and the language that it speaks: the browser's, or the one
// that the reader has chosen, which this browser remembers. No other module has text of its own.

const LANGUAGES = ["en", "nb"];

/**
 * Each text in both languages. `{name}` is filled in with a value. Where a text depends on a `count`, its two forms are
 * separated by `|`: the first is for 1.
 */
const WORDS = {
    // The page
    "page.title": ["Referral codes", "Vervekoder"],
    "page.skip": ["Skip to the codes", "Hopp til kodene"],
    "page.signOut": ["Sign out", "Logg ut"],
    "page.newCode": ["New code", "Ny kode"],
    "page.otherLanguage": ["Norsk bokmål", "English"],
    "page.codes": ["Codes", "Koder"],

    // What many parts say
    "do.cancel": ["Cancel", "Avbryt"],
    "do.close": ["Close", "Lukk"],
    "do.dismiss": ["Dismiss", "Skjul"],
    "do.done": ["Done", "Ferdig"],
    "do.search": ["Search", "Søk"],
    "do.tryAgain": ["Try again", "Prøv igjen"],
    "say.loading": ["Loading…", "Laster …"],
    "say.stillLoading": ["Still loading…", "Laster fortsatt …"],
    "say.working": ["Working…", "Arbeider …"],
    "count.codes": ["{count} code|{count} codes", "{count} kode|{count} koder"],
    "count.days": ["{count} day|{count} days", "{count} dag|{count} dager"],
    "count.seconds": ["{count} second|{count} seconds", "{count} sekund|{count} sekunder"],

    // A code
    "status.active": ["Active", "Aktiv"],
    "status.rotated": ["Rotated", "Byttet ut"],
    "status.invalidated": ["Invalidated", "Trukket tilbake"],
    "status.expired": ["Expired", "Utløpt"],
    "code.code": ["Code", "Kode"],
    "code.mentor": ["Mentor", "Mentor"],
    "code.organisation": ["Organisation", "Organisasjon"],
    "code.status": ["Status", "Status"],
    "code.created": ["Created", "Opprettet"],
    "code.expires": ["Expires", "Utløper"],
    "code.actions": ["Actions", "Handlinger"],
    "code.never": ["Never", "Aldri"],
    "code.replacedBy": ["Replaced {time} by {successor}", "Byttet ut {time} med {successor}"],
    "code.itsSuccessor": ["its successor", "etterfølgeren"],
    "code.id": ["ID", "ID"],
    "code.rotatedAt": ["Replaced", "Byttet ut"],
    "code.invalidatedAt": ["Invalidated", "Trukket tilbake"],
    "code.previous": ["Code before", "Koden før"],
    "code.next": ["Code after", "Koden etter"],
    "code.invalidated": ["Invalidated {time}", "Trukket tilbake {time}"],
    "code.replaces": ["Replaces {code}", "Erstatter {code}"],
    "code.showOnly": ["Show only {id}", "Vis bare {id}"],
    "code.actionsFor": ["Actions for {code}", "Handlinger for {code}"],
    "code.expiresAt": ["Expires {time}", "Utløper {time}"],
    "code.expiredAt": ["Expired {time}", "Utløp {time}"],
    "code.doesNotExpire": ["Does not expire", "Utløper ikke"],

    // What is done with a code
    "action.copyCode": ["Copy code", "Kopier koden"],
    "action.copyLink": ["Copy link", "Kopier lenken"],
    "action.copyLinkOf": ["Copy link of {code}", "Kopier lenken til {code}"],
    "action.openLink": ["Open link", "Åpne lenken"],
    "action.share": ["Share link…", "Del lenken …"],
    "action.showQr": ["Show QR code", "Vis QR-kode"],
    "action.history": ["History of this mentor", "Mentorens historikk"],
    "action.details": ["Details", "Detaljer"],
    "action.successor": ["Show successor", "Vis etterfølgeren"],
    "action.active": ["Show the active code", "Vis den aktive koden"],
    "action.activeShort": ["Active code", "Aktiv kode"],
    "action.activeOf": ["Show the active code of {mentor}", "Vis aktiv kode til {mentor}"],
    "action.newCode": ["New code for this mentor…", "Ny kode til mentoren …"],
    "action.newCodeFor": ["New code for {mentor}", "Ny kode til {mentor}"],
    "action.rotate": ["Rotate…", "Bytt ut …"],
    "action.invalidate": ["Invalidate…", "Trekk tilbake …"],
    "copied.code": ["Copied {code}", "Kopierte {code}"],
    "copied.link": ["Copied the link of {code}", "Kopierte lenken til {code}"],
    "copied.requestId": ["Copied the request ID", "Kopierte forespørselens ID"],
    "share.title": ["Referral code {code}", "Vervekode {code}"],
    "qr.title": ["QR code of {code}", "QR-kode for {code}"],
    "qr.alt": ["QR code of the link of {code}", "QR-kode for lenken til {code}"],
    "qr.save": ["Download SVG", "Last ned SVG"],
    "byHand.title": ["Copy it by hand", "Kopier selv"],
    "byHand.text": [
        "The browser does not let this page use the clipboard. The text below is selected: copy it with Ctrl+C or ⌘C.",
        "Nettleseren lar ikke siden bruke utklippstavlen. Teksten under er merket: kopier den med Ctrl+C eller ⌘C.",
    ],
    "byHand.label": ["Text to copy", "Tekst å kopiere"],

    // Filters
    "filter.any": ["Any", "Alle"],
    "filter.all": ["All", "Alle"],
    "filter.find": ["Find a code or a mentor", "Finn en kode eller en mentor"],
    "filter.findHint": ["Code, link, mentor or ID", "Kode, lenke, mentor eller ID"],
    "filter.order": ["Order", "Rekkefølge"],
    "filter.newest": ["Newest first", "Nyeste først"],
    "filter.oldest": ["Oldest first", "Eldste først"],
    "filter.filters": ["Filters", "Filtre"],
    "filter.clear": ["Clear filters", "Fjern filtre"],

    // The list
    "list.none": ["No codes", "Ingen koder"],
    "list.onPage": ["{count} code on this page|{count} codes on this page", "{count} kode på siden|{count} koder på siden"],
    "list.range": ["{first}–{last} of {count} code|{first}–{last} of {count} codes", "{first}–{last} av {count} kode|{first}–{last} av {count} koder"],
    "list.pages": ["Pages", "Sider"],
    "list.page": ["Page {page}", "Side {page}"],
    "list.previous": ["Previous", "Forrige"],
    "list.next": ["Next", "Neste"],
    "list.firstPage": ["First page", "Første side"],
    "list.size": ["Codes per page", "Koder per side"],
    "list.noneSoFar": ["None found so far", "Ingen funnet så langt"],
    "list.noneSoFarText": ["Many codes were looked through. There are more.", "Mange koder er gjennomsøkt. Det finnes flere."],
    "list.keepLooking": ["Keep looking", "Let videre"],
    "list.pastEnd": ["Nothing on this page", "Ingenting på denne siden"],
    "list.pastEndText": ["The codes end before it.", "Kodene slutter før den."],
    "list.noMatch": ["No codes match", "Ingen treff"],
    "list.noneWithStatus": ["No code has this status.", "Ingen kode har denne statusen."],
    "list.noneOfOrg": [
        "This organisation has no such codes. An organisation is found by its whole ID.",
        "Denne organisasjonen har ingen slike koder. En organisasjon finnes med hele ID-en.",
    ],
    "list.noSuch": ["There is no code for “{sought}”.", "Det finnes ingen kode for «{sought}»."],
    "list.noSuchHere": [
        "There is no code for “{sought}” with the other filters.",
        "Det finnes ingen kode for «{sought}» med de andre filtrene.",
    ],
    "list.begins": ["Beginning with “{typed}”", "Begynner med «{typed}»"],
    "list.noneBegins": [
        "No code, link or mentor is “{typed}”, and of the {count} codes looked through none begins with it.",
        "Ingen kode, lenke eller mentor er «{typed}», og av de {count} gjennomsøkte kodene begynner ingen med det.",
    ],
    "list.noneBeginsAtAll": [
        "No code, link or mentor is “{typed}”, and no code or mentor begins with it.",
        "Ingen kode, lenke eller mentor er «{typed}», og ingen kode eller mentor begynner med det.",
    ],
    "list.noneHere": ["None on this page", "Ingen på denne siden"],
    "list.noneHereText": [
        "Search looks everywhere for a whole code, link, mentor or ID.",
        "Søk leter overalt etter en hel kode, lenke, mentor eller ID.",
    ],
    "list.allEnded": ["All of them have ended", "Alle er avsluttet"],
    "list.allEndedText": ["Codes that have ended are hidden.", "Avsluttede koder er skjult."],
    "list.empty": ["No codes yet", "Ingen koder ennå"],
    "list.emptyText": [
        "A code belongs to one mentor, who invites others with it. Make the first one.",
        "En kode tilhører én mentor, som inviterer andre med den. Lag den første.",
    ],
    "list.correctField": ["Correct the field marked above.", "Rett feltet som er merket over."],

    // Above the rows
    "bar.counts": ["Codes by status", "Koder etter status"],
    "bar.count": ["Count by status", "Tell per status"],
    "bar.tooMany": [
        "More than 2,000 codes: they are not counted by status.",
        "Over 2 000 koder: de telles ikke etter status.",
    ],
    "bar.hideEnded": ["Hide ended codes", "Skjul avsluttede"],
    "bar.hidden": [
        "{count} of the {all} codes loaded is hidden: it has ended.|{count} of the {all} codes loaded are hidden: they have ended.",
        "{count} av de {all} lastede kodene er skjult: den er avsluttet.|{count} av de {all} lastede kodene er skjult: de er avsluttet.",
    ],
    "bar.begin": [
        "{count} of the {all} codes on this page begins with “{typed}”.|{count} of the {all} codes on this page begin with “{typed}”.",
        "{count} av de {all} kodene på siden begynner med «{typed}».|{count} av de {all} kodene på siden begynner med «{typed}».",
    ],
    "bar.examined": [
        "{count} of the {examined} codes looked through begins with “{typed}”.|{count} of the {examined} codes looked through begin with “{typed}”.",
        "{count} av {examined} gjennomsøkte koder begynner med «{typed}».|{count} av {examined} gjennomsøkte koder begynner med «{typed}».",
    ],
    "find.more": ["Look through up to 2,000 more", "Søk gjennom opptil 2 000 til"],
    "find.stop": ["Stop", "Stopp"],

    // A new code
    "new.text": [
        "A mentor has one active code. If there is one already, you get that one.",
        "En mentor har én aktiv kode. Finnes den allerede, får du den.",
    ],
    "new.mentor": ["Mentor ID", "Mentorens ID"],
    "new.org": ["Organisation ID", "Organisasjonens ID"],
    "new.name": ["Mentor's name", "Mentorens navn"],
    "new.nameHint": [
        "Optional. Its first letters begin the code, as JAN does for Jan. The name itself is not kept.",
        "Valgfritt. De første bokstavene begynner koden, som JAN for Jan. Selve navnet lagres ikke.",
    ],
    "new.expiresHint": [
        "Optional, in your own time zone. Without it the code does not expire.",
        "Valgfritt, i din egen tidssone. Uten utløper ikke koden.",
    ],
    "new.expiresHintDays": [
        "Optional, in your own time zone. Without it the code expires after {days}.",
        "Valgfritt, i din egen tidssone. Uten utløper koden etter {days}.",
    ],
    "new.expiresRule": [
        "must be a date and a time, in the year 9999 at the latest, or empty",
        "må være dato og klokkeslett, senest i år 9999, eller tomt",
    ],
    "new.submit": ["Get or create code", "Hent eller lag kode"],
    "new.created": ["Code created", "Koden er laget"],
    "new.createdText": ["{mentor} in {org} has a new code.", "{mentor} i {org} har fått en ny kode."],
    "new.exists": ["This mentor already has a code", "Denne mentoren har allerede en kode"],
    "new.existsText": [
        "It was created {time}, and is unchanged: a name or an expiry given now does not count.",
        "Den ble laget {time}, og er uendret: navn eller utløp som er oppgitt nå, teller ikke.",
    ],
    "new.existsTextRepeated": [
        "It was created {time}. If that was just now, it is the one that you asked for. Otherwise it is unchanged: a name or an expiry given now does not count.",
        "Den ble laget {time}. Var det akkurat nå, er det den du ba om. Ellers er den uendret: navn eller utløp som er oppgitt nå, teller ikke.",
    ],

    // A rotation
    "rotate.title": ["Rotate {code}?", "Bytte ut {code}?"],
    "rotate.submit": ["Rotate code", "Bytt ut koden"],
    "rotate.gets": ["{mentor} gets a new code in its place.", "{mentor} får en ny kode i stedet."],
    "rotate.stops": [
        "The old link and every printed QR code of it stop working at once.",
        "Den gamle lenken og alle trykte QR-koder for den slutter å virke med en gang.",
    ],
    "rotate.leadsOn": [
        "The old link and every printed QR code of it lead to the new code for {days}. Then they stop working.",
        "Den gamle lenken og alle trykte QR-koder for den fører til den nye koden i {days}. Så slutter de å virke.",
    ],
    "rotate.stays": [
        "The organisation and the expiry stay the same. The old code cannot come back.",
        "Organisasjonen og utløpet er som før. Den gamle koden kan ikke komme tilbake.",
    ],
    "rotate.done": ["Code rotated", "Koden er byttet ut"],
    "rotate.doneText": ["{mentor} has a new code in place of {code}.", "{mentor} har fått en ny kode i stedet for {code}."],

    // An invalidation
    "end.title": ["Invalidate {code}?", "Trekke tilbake {code}?"],
    "end.submit": ["Invalidate code", "Trekk tilbake koden"],
    "end.final": ["This cannot be undone.", "Dette kan ikke angres."],
    "end.link": [
        "From now on the link and every printed QR code show a page that says that the code has been withdrawn.",
        "Fra nå av viser lenken og alle trykte QR-koder en side som sier at koden er trukket tilbake.",
    ],
    "end.mentor": ["{mentor} has no code then, until a new one is made.", "{mentor} har ingen kode da, før en ny blir laget."],
    "end.earlier": [
        "Links of earlier codes that still lead to this one stop working too.",
        "Lenker til tidligere koder som fortsatt fører til denne, slutter også å virke.",
    ],
    "end.done": ["{code} is invalidated", "{code} er trukket tilbake"],

    // A mentor's history
    "history.title": ["History of {mentor}", "Historikken til {mentor}"],
    "history.none": ["This mentor has no codes.", "Denne mentoren har ingen koder."],
    "history.all": ["{count} code, newest first.|{count} codes, newest first.", "{count} kode, nyeste først.|{count} koder, nyeste først."],
    "history.andEarlier": [
        "{count} code, and earlier ones, newest first.|{count} codes, and earlier ones, newest first.",
        "{count} kode, og tidligere, nyeste først.|{count} koder, og tidligere, nyeste først.",
    ],
    "history.more": ["Show earlier codes", "Vis tidligere koder"],
    "history.mentor": ["Show in the list", "Vis i listen"],
    "history.created": ["Created {time} in {org}", "Opprettet {time} i {org}"],
    "history.replaced": ["Replaced {code}, {time} in {org}", "Erstattet {code}, {time} i {org}"],
    "history.replacedBy": ["Replaced by {code}, {time}", "Erstattet av {code}, {time}"],

    // The export
    "export.title": ["Export CSV", "Eksporter CSV"],
    "export.all": ["All codes.", "Alle koder."],
    "export.filtered": ["The codes that the filter shows.", "Kodene som filteret viser."],
    "export.text": [
        "One file has every page. Import the columns of IDs and codes as text: a spreadsheet makes numbers or dates of IDs such as 00123, 1E5 or 1-2.",
        "Én fil har alle sidene. Importer kolonnene med ID-er og koder som tekst: et regneark gjør tall eller datoer av ID-er som 00123, 1E5 eller 1-2.",
    ],
    "export.progress": ["Codes exported", "Koder eksportert"],
    "export.soFar": ["{count} code so far|{count} codes so far", "{count} kode så langt|{count} koder så langt"],
    "export.of": ["{done} of {count} code|{done} of {count} codes", "{done} av {count} kode|{done} av {count} koder"],
    "export.saved": ["{count} code saved.|{count} codes saved.", "{count} kode lagret.|{count} koder lagret."],

    // Signing in
    "token.title": ["Access token", "Tilgangstoken"],
    "token.text": [
        "This service asks for a token. Those who run it can give you one. It is kept in this page's memory only, until you sign out, reload or close the page.",
        "Denne tjenesten krever et token. De som driver den, kan gi deg et. Det holdes bare i sidens minne, til du logger ut, laster siden på nytt eller lukker den.",
    ],
    "token.submit": ["Use token", "Bruk tokenet"],
    "token.rule": [
        "must be a token: letters, digits, and . _ ~ + / - in one word",
        "må være et token: bokstaver, sifre og . _ ~ + / - i ett ord",
    ],
    "token.enter": ["Enter a token", "Oppgi et token"],
    "token.needed": ["A token is needed", "Et token trengs"],
    "token.neededText": [
        "The codes are shown to holders of an access token.",
        "Kodene vises for den som har et tilgangstoken.",
    ],
    "token.another": ["Use another token", "Bruk et annet token"],
    "signin.working": ["Signing in…", "Logger inn …"],
    "signin.signIn": ["Sign in", "Logg inn"],
    "signin.another": ["Sign in as someone else", "Logg inn som en annen"],
    "signin.needed": ["You are not signed in", "Du er ikke logget inn"],
    "signin.neededText": ["Sign in to see the codes.", "Logg inn for å se kodene."],
    "failed.signinDenied": ["You were not let in", "Du slapp ikke inn"],
    "todo.signinDenied": [
        "The sign-in was cancelled, or your account may not use this page. Sign in with another account, or ask those who run the service.",
        "Innloggingen ble avbrutt, eller kontoen din har ikke tilgang til denne siden. Logg inn med en annen konto, eller spør dem som driver tjenesten.",
    ],
    "failed.signinEnded": ["Your sign-in has ended", "Innloggingen din er utløpt"],
    "todo.signinEnded": [
        "It was begun elsewhere, or too long ago. Sign in again: what the page showed comes back.",
        "Den ble påbegynt et annet sted, eller for lenge siden. Logg inn igjen: det siden viste, kommer tilbake.",
    ],
    "failed.signinOpaque": ["The sign-in gave no token for this service", "Innloggingen ga ikke et token for denne tjenesten"],
    "todo.signinOpaque": [
        "The provider was not told for which service it is. Ask those who run this one to set CONSOLE_AUDIENCE.",
        "Leverandøren fikk ikke vite hvilken tjeneste det gjelder. Be dem som driver denne, om å sette CONSOLE_AUDIENCE.",
    ],
    "failed.signinUnavailable": ["The sign-in service does not answer", "Innloggingstjenesten svarer ikke"],
    "todo.signinUnavailable": [
        "Check the connection, and try again in a minute.",
        "Sjekk forbindelsen, og prøv igjen om et minutt.",
    ],
    "failed.signinWrong": ["The sign-in is not set up as it must be", "Innloggingen er ikke riktig satt opp"],
    "todo.signinWrong": [
        "You can do nothing about it. Show this to those who run the service.",
        "Du kan ikke gjøre noe med det selv. Vis dette til dem som driver tjenesten.",
    ],

    // What is valid in a field
    "field.mentor_id": [
        "must have 1 to 128 letters A–Z or a–z, digits, or signs of these: _ - . : and the vertical bar",
        "må ha 1 til 128 bokstaver A–Z eller a–z, sifre, eller tegn av disse: _ - . : og loddrett strek",
    ],
    "field.org_id": [
        "must have 1 to 128 letters A–Z or a–z, digits, or signs of these: _ - . : and the vertical bar",
        "må ha 1 til 128 bokstaver A–Z eller a–z, sifre, eller tegn av disse: _ - . : og loddrett strek",
    ],
    "field.mentor_name": ["must have 1 to 100 characters, or be empty", "må ha 1 til 100 tegn, eller være tomt"],
    "field.expires_at": [
        "must be a date and a time to come, in the year 9999 at the latest, or be empty",
        "må være dato og klokkeslett fram i tid, senest i år 9999, eller være tomt",
    ],

    // Failures: how they are handled
    "failure.details": ["Details", "Detaljer"],
    "failure.requestId": ["Request ID", "Forespørselens ID"],
    "failure.copyId": ["Copy ID", "Kopier ID"],
    "failure.reload": ["Reload the page", "Last siden på nytt"],
    "failure.tryingIn": ["Trying again in {seconds}.", "Prøver igjen om {seconds}."],
    "failure.trying": ["Trying again…", "Prøver igjen …"],

    // Failures: what happened, and what to do about it
    "failed.busy": ["The service is busy", "Tjenesten er opptatt"],
    "todo.busy": ["Nothing is lost, and nothing is done twice.", "Ingenting er tapt, og ingenting gjøres to ganger."],
    "failed.tooMany": ["Too many requests at once", "For mange forespørsler på en gang"],
    "todo.tooMany": [
        "Others use the service at the same time. Nothing is lost.",
        "Andre bruker tjenesten samtidig. Ingenting er tapt.",
    ],
    "failed.unreachable": ["The service cannot be reached", "Tjenesten kan ikke nås"],
    "todo.unreachable": [
        "Check the network connection. What you did is safe to try again: nothing is done twice.",
        "Sjekk nettforbindelsen. Det er trygt å prøve igjen: ingenting gjøres to ganger.",
    ],
    "failed.late": ["The service did not answer in time", "Tjenesten svarte ikke i tide"],
    "todo.late": [
        "It may have done it all the same. It is safe to try again: nothing is done twice.",
        "Den kan ha gjort det likevel. Det er trygt å prøve igjen: ingenting gjøres to ganger.",
    ],
    "failed.internal": ["The service failed", "Tjenesten feilet"],
    "todo.internal": [
        "It is safe to try again. If it fails again, give the request ID under Details to those who run the service.",
        "Det er trygt å prøve igjen. Feiler det igjen, gi forespørselens ID under Detaljer til dem som drifter tjenesten.",
    ],
    "failed.unreadable": ["The answer could not be read", "Svaret kunne ikke leses"],
    "todo.unreadable": [
        "Something between here and the service may have answered, such as the sign-in of a network. Or this page is older than the service.",
        "Noe mellom her og tjenesten kan ha svart, som innloggingen til et nettverk. Eller siden er eldre enn tjenesten.",
    ],
    "failed.misfit": ["The service does not understand this page", "Tjenesten forstår ikke denne siden"],
    "todo.misfit": [
        "This page may be older than the service. Reload it.",
        "Siden kan være eldre enn tjenesten. Last den på nytt.",
    ],
    "failed.page": ["This page has a fault", "Denne siden har en feil"],
    "todo.page": [
        "Reload it. If it happens again, tell those who run the service what you did.",
        "Last den på nytt. Skjer det igjen, fortell dem som drifter tjenesten hva du gjorde.",
    ],
    "failed.token": ["The token was not accepted", "Tokenet ble ikke godtatt"],
    "todo.token": [
        "It may have expired. Get a new one where you got this one.",
        "Det kan ha utløpt. Skaff et nytt der du fikk dette.",
    ],
    "failed.forbidden": ["Your token does not allow this", "Tokenet ditt gir ikke lov til dette"],
    "todo.forbidden": [
        "Use another one, or ask those who run the service.",
        "Bruk et annet, eller spør dem som drifter tjenesten.",
    ],
    "failed.scope": ["Your token does not allow this", "Tokenet ditt gir ikke lov til dette"],
    "todo.scope": [
        "It takes a token with the scope {scope}. Nothing was changed.",
        "Det trengs et token med omfanget {scope}. Ingenting ble endret.",
    ],
    "failed.org": ["Your token is for another organisation", "Tokenet ditt er for en annen organisasjon"],
    "todo.org": [
        "With it you see and change the codes of your own organisation only.",
        "Med det ser og endrer du bare kodene til din egen organisasjon.",
    ],
    "failed.mentor": ["This is the code of another mentor", "Dette er koden til en annen mentor"],
    "todo.mentor": [
        "Your token may be for one mentor only, or the mentor’s ID has changed. Search again.",
        "Tokenet ditt kan være for én mentor, eller mentorens ID er endret. Søk på nytt.",
    ],
    "failed.closed": ["This organisation is closed", "Denne organisasjonen er stengt"],
    "todo.closed": [
        "No new codes are made for it. Ask those who run the service if that is wrong.",
        "Det lages ingen nye koder for den. Spør dem som drifter tjenesten hvis det er feil.",
    ],
    "failed.notFound": ["The service does not know this code", "Tjenesten kjenner ikke denne koden"],
    "todo.notFound": [
        "Search again: the list may have changed, or the code belongs to another organisation.",
        "Søk på nytt: listen kan ha endret seg, eller koden tilhører en annen organisasjon.",
    ],
    "failed.parameter": ["This view cannot be shown", "Denne visningen kan ikke vises"],
    "todo.parameter": [
        "The page’s address has something that the service does not take. Go to the first page, or clear the filters.",
        "Sidens adresse har noe som tjenesten ikke tar imot. Gå til første side, eller fjern filtrene.",
    ],
    "failed.field": ["Not all of this is valid", "Ikke alt her er gyldig"],
    "todo.field": ["See Details for what the service expects.", "Se Detaljer for hva tjenesten venter."],
    "failed.otherOrg": ["{mentor} has a code in another organisation", "{mentor} har en kode i en annen organisasjon"],
    "todo.otherOrg": [
        "A mentor has one active code. The other organisation has to invalidate it first.",
        "En mentor har én aktiv kode. Den andre organisasjonen må trekke den tilbake først.",
    ],
    "otherOrg.known": [
        "{mentor} has the active code {code} in {org}. A mentor has one: invalidate it first, or enter {org} as the organisation to get it.",
        "{mentor} har den aktive koden {code} i {org}. En mentor har bare én: trekk den tilbake først, eller oppgi {org} som organisasjon for å få den.",
    ],
    "failed.ended": ["{code} has ended", "{code} er avsluttet"],
    "ended.active": [
        "Somebody has ended it meanwhile, so this was not done.",
        "Noen har avsluttet den i mellomtiden, så dette ble ikke gjort.",
    ],
    "ended.rotated": [
        "Somebody has put a new code in its place meanwhile, so this was not done.",
        "Noen har byttet den ut med en ny i mellomtiden, så dette ble ikke gjort.",
    ],
    "ended.invalidated": [
        "Somebody has invalidated it meanwhile, so this was not done.",
        "Noen har trukket den tilbake i mellomtiden, så dette ble ikke gjort.",
    ],
    "ended.expired": ["It has expired meanwhile, so this was not done.", "Den er utløpt i mellomtiden, så dette ble ikke gjort."],
    "failed.qr": ["The QR code could not be loaded", "QR-koden kunne ikke lastes"],
    "todo.qr": [
        "The code may have ended meanwhile. Try again, or close this and search again.",
        "Koden kan ha blitt avsluttet i mellomtiden. Prøv igjen, eller lukk dette og søk på nytt.",
    ],

    // Many at once
    "batch.progress": ["Done so far", "Gjort så langt"],
    "batch.outcomes": ["What became of each", "Hva som ble av hver"],
    "batch.of": ["{done} of {count} done|{done} of {count} done", "{done} av {count} ferdig|{done} av {count} ferdige"],
    "batch.waiting": ["The service is busy. Going on in {seconds}…", "Tjenesten er opptatt. Fortsetter om {seconds} …"],
    "batch.stop": ["Stop", "Stopp"],
    "batch.goOn": ["Go on", "Fortsett"],
    "many.open": ["Many at once…", "Mange på en gang …"],
    "many.title": ["New codes", "Nye koder"],
    "many.text": [
        "One row for each mentor: a column of mentor IDs, or a CSV file. Nothing is made before you have seen what is in it.",
        "Én rad for hver mentor: en kolonne med mentor-ID-er, eller en CSV-fil. Ingenting lages før du har sett hva som er i den.",
    ],
    "many.rows": ["Mentors", "Mentorer"],
    "many.rowsHint": [
        "Columns: mentor_id, org_id, mentor_name, expires_at. With a header row in any order. All but the first are optional.",
        "Kolonner: mentor_id, org_id, mentor_name, expires_at. Med overskriftsrad i hvilken som helst rekkefølge. Alle unntatt den første er valgfrie.",
    ],
    "many.file": ["Or a file", "Eller en fil"],
    "many.orgHint": ["For rows without one.", "For rader uten."],
    "many.check": ["Check", "Kontroller"],
    "many.change": ["Change", "Endre"],
    "many.none": ["must have at least one row", "må ha minst én rad"],
    "many.resumed": [
        "This was under way when the page was left. Making it again is safe: who has a code keeps it.",
        "Dette var i gang da siden ble forlatt. Det er trygt å lage dem på nytt: den som har en kode, beholder den.",
    ],
    "many.checked": ["{count} row.|{count} rows.", "{count} rad.|{count} rader."],
    "many.wrong": ["{count} has a fault and is left out.|{count} have a fault and are left out.", "{count} har en feil og utelates.|{count} har en feil og utelates."],
    "many.row": ["row {line}: {wrong}", "rad {line}: {wrong}"],
    "many.noMentor": ["no mentor ID", "mangler mentor-ID"],
    "many.badMentor": [
        "a mentor ID has 1 to 128 letters without accents, digits, and _ - . :",
        "en mentor-ID har 1 til 128 bokstaver fra A til Z, sifre, og _ - . :",
    ],
    "many.noOrg": ["no organisation ID", "mangler organisasjons-ID"],
    "many.badOrg": [
        "{org}: an organisation ID has 1 to 128 letters without accents, digits, and _ - . :",
        "{org}: en organisasjons-ID har 1 til 128 bokstaver fra A til Z, sifre, og _ - . :",
    ],
    "many.twice": ["the same mentor as in row {line}", "samme mentor som i rad {line}"],
    "many.longName": ["the name has more than 100 characters", "navnet har mer enn 100 tegn"],
    "many.badTime": ["expires_at is no time, like 2027-06-30", "expires_at er ikke et tidspunkt, som 2027-06-30"],
    "many.make": ["Make {count} code|Make {count} codes", "Lag {count} kode|Lag {count} koder"],
    "many.made": ["has the new code {code}", "har fått koden {code}"],
    "many.had": ["already had {code}", "hadde allerede {code}"],
    "many.notMade": ["not made", "ikke laget"],
    "many.sumMade": ["{count} code was made.|{count} codes were made.", "{count} kode ble laget.|{count} koder ble laget."],
    "many.sumHad": ["{count} mentor had one already.|{count} mentors had one already.", "{count} mentor hadde allerede en.|{count} mentorer hadde allerede en."],
    "many.sumMissing": ["{count} row has no code.|{count} rows have no code.", "{count} rad har ingen kode.|{count} rader har ingen kode."],
    "many.download": ["Download CSV", "Last ned CSV"],
    "select.code": ["Select {code}", "Velg {code}"],
    "select.page": ["Select all on this page", "Velg alle på siden"],
    "select.bar": ["Selected codes", "Valgte koder"],
    "select.count": ["{count} code selected|{count} codes selected", "{count} kode valgt|{count} koder valgt"],
    "select.all": ["Select all that the filter shows", "Velg alle som filteret viser"],
    "select.none": ["Clear selection", "Fjern valg"],
    "endMany.open": ["Invalidate…", "Trekk tilbake …"],
    "endMany.title": ["Invalidate {count} code?|Invalidate {count} codes?", "Trekke tilbake {count} kode?|Trekke tilbake {count} koder?"],
    "endMany.text": [
        "Their links and printed QR codes stop working, and their mentors have no code. This cannot be undone.",
        "Lenkene og de trykte QR-kodene deres slutter å virke, og mentorene har ingen kode. Dette kan ikke angres.",
    ],
    "endMany.others": [
        "{count} selected code has ended already and stays as it is.|{count} selected codes have ended already and stay as they are.",
        "{count} valgt kode er allerede avsluttet og blir som den er.|{count} valgte koder er allerede avsluttet og blir som de er.",
    ],
    "endMany.label": ["Type {count} to confirm", "Skriv {count} for å bekrefte"],
    "endMany.rule": ["must be {count}, the number of codes", "må være {count}, antallet koder"],
    "endMany.submit": ["Invalidate {count} code|Invalidate {count} codes", "Trekk tilbake {count} kode|Trekk tilbake {count} koder"],
    "endMany.ended": ["invalidated", "trukket tilbake"],
    "endMany.notEnded": ["not invalidated", "ikke trukket tilbake"],
    "endMany.sumEnded": ["{count} code is invalidated.|{count} codes are invalidated.", "{count} kode er trukket tilbake.|{count} koder er trukket tilbake."],
    "endMany.sumMissing": ["{count} is not: see the list.|{count} are not: see the list.", "{count} er det ikke: se listen.|{count} er det ikke: se listen."],

    // Print and share
    "qr.copy": ["Copy picture", "Kopier bildet"],
    "qr.savePng": ["Download PNG", "Last ned PNG"],
    "copied.qr": ["Copied the QR code of {code}", "Kopierte QR-koden for {code}"],
    "labels.open": ["Print labels…", "Skriv ut etiketter …"],
    "labels.title": ["Labels of {count} code|Labels of {count} codes", "Etiketter for {count} kode|Etiketter for {count} koder"],
    "labels.ready": ["{count} label is ready.|{count} labels are ready.", "{count} etikett er klar.|{count} etiketter er klare."],
    "labels.others": [
        "{count} selected code has ended: it gets no label.|{count} selected codes have ended: they get no label.",
        "{count} valgt kode er avsluttet: den får ingen etikett.|{count} valgte koder er avsluttet: de får ingen etikett.",
    ],
    "labels.notLoaded": ["not loaded", "ikke lastet"],
    "labels.print": ["Print", "Skriv ut"],
};

const REMEMBERED = "console-language";

/** Norwegian of either kind is served in Bokmål. All others read English. */
function preferred() {
    const wanted = [remembered(), ...navigator.languages].map((tag) => tag?.split("-")[0]);
    const known = { en: "en", nb: "nb", no: "nb", nn: "nb" };
    return known[wanted.find((tag) => tag in known)] ?? "en";
}

/** A browser may refuse storage. Then the choice holds until the page is left. */
function remembered() {
    try {
        return localStorage.getItem(REMEMBERED);
    } catch {
        return null;
    }
}

let chosen = preferred();
let formats = formatsOf(chosen);

const otherLanguage = () => LANGUAGES.find((other) => other !== chosen);

/** Speaks the other language from now on. */
export function switchLanguage() {
    chosen = otherLanguage();
    formats = formatsOf(chosen);
    try {
        localStorage.setItem(REMEMBERED, chosen);
    } catch {
        // As above.
    }
    translatePage();
}

/** The text of a key, with its values filled in. Numbers are written as the language does. */
export const text = (key, values) => parts(key, values).join("");

/** The same as a list of texts and elements, for the children of an element: values may be elements. */
export function parts(key, values = {}) {
    const forms = WORDS[key][LANGUAGES.indexOf(chosen)].split("|");
    const form = values.count === 1 ? forms[0] : forms.at(-1);
    const shown = (value) => (typeof value === "number" ? number(value) : value);
    return form.split(/\{(\w+)\}/).flatMap((part, at) => (at % 2 === 0 ? part : shown(values[part])));
}

/**
 * Fills in the texts of index.html: `data-text` is the key of an element's text, `data-label` that of its `aria-label`,
 * `data-placeholder` that of its placeholder.
 */
export function translatePage() {
    document.documentElement.lang = document.documentElement.dataset.language = chosen;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
    for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
    for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = text(element.dataset.placeholder);
    // Its text is the other language's own name.
    document.getElementById("language").lang = otherLanguage();
}

/** How a language writes numbers and, in the reader's own time zone, times. */
function formatsOf(language) {
    const locale = { en: "en-GB", nb: "nb-NO" }[language];
    return {
        number: new Intl.NumberFormat(locale),
        day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }),
        moment: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
        exact: new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }),
    };
}

export const number = (value) => formats.number.format(value);

/** A date as a `day`, as a `moment`, or `exact`. */
export const dateText = (date, precision) => formats[precision].format(date);
