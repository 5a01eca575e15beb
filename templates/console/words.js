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
    "say.waiting": ["Waiting…", "Venter …"],
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
    "code.replaced": ["Replaced {time}", "Byttet ut {time}"],
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
    "list.wholeIds": [
        "A mentor and an organisation are found by their whole ID.",
        "En mentor og en organisasjon finnes med hele ID-en.",
    ],
    "list.noneWithStatus": ["No code has this status.", "Ingen kode har denne statusen."],
    "list.noCode": ["There is no code {code}.", "Det finnes ingen kode {code}."],
    "list.noCodeWithStatus": ["There is no code {code} with this status.", "Det finnes ingen kode {code} med denne statusen."],
    "list.empty": ["No codes yet", "Ingen koder ennå"],
    "list.emptyText": [
        "A code belongs to one mentor, who invites others with it. Make the first one.",
        "En kode tilhører én mentor, som inviterer andre med den. Lag den første.",
    ],
    "list.correctField": ["Correct the field marked above.", "Rett feltet som er merket over."],

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
        "This service asks for a token. It is kept in this page's memory only, until you sign out, reload or close the page.",
        "Denne tjenesten krever et token. Det holdes bare i sidens minne, til du logger ut, laster siden på nytt eller lukker den.",
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

    // Failures
    "failure.wait": [
        "The service asks for {seconds} before the next try.",
        "Tjenesten ber om {seconds} før neste forsøk.",
    ],
    "failure.requestId": ["Request ID", "Forespørselens ID"],
    "failure.copyId": ["Copy ID", "Kopier ID"],
    "failure.late": ["The service did not answer in time", "Tjenesten svarte ikke i tide"],
    "failure.unreachable": ["The service could not be reached", "Tjenesten kunne ikke nås"],
    "failure.unreachableText": [
        "Whether it got the request is not known. Check the connection and try again: it is safe to do so.",
        "Om den fikk forespørselen, er ikke kjent. Sjekk forbindelsen og prøv igjen: det er trygt.",
    ],
    "failure.unreadable": ["The answer could not be read", "Svaret kunne ikke leses"],
    "failure.unreadableText": [
        "It is not in the form that this page asked for. Reload the page: it may be older than the service.",
        "Det har ikke formen som siden ba om. Last siden på nytt: den kan være eldre enn tjenesten.",
    ],
    "failure.unknown": ["The service answered with an error", "Tjenesten svarte med en feil"],
    "failure.unauthorized": ["The token was not accepted", "Tokenet ble ikke godtatt"],
    "failure.forbidden": ["The token does not allow this", "Tokenet gir ikke lov til dette"],
    "failure.tooLarge": ["The request is too large", "Forespørselen er for stor"],
    "failure.tooMany": ["Too many requests at once", "For mange forespørsler på en gang"],
    "failure.unavailable": ["The service is not available", "Tjenesten er ikke tilgjengelig"],
    "failure.ofPage": ["This page has a fault", "Denne siden har en feil"],
    "failure.ofPageText": ["Reload it and try again. ({error})", "Last den på nytt og prøv igjen. ({error})"],
    "failure.qr": ["The QR code could not be loaded", "QR-koden kunne ikke lastes"],
    "failure.qrText": [
        "The code may have ended meanwhile. Try again, or close this and reload the list.",
        "Koden kan ha blitt avsluttet i mellomtiden. Prøv igjen, eller lukk dette og last listen på nytt.",
    ],
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
 * Fills in the texts of index.html: `data-text` is the key of an element's text, `data-label` that of its `aria-label`.
 */
export function translatePage() {
    document.documentElement.lang = chosen;
    for (const element of document.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
    for (const element of document.querySelectorAll("[data-label]")) element.ariaLabel = text(element.dataset.label);
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
