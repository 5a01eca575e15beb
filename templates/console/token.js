// The access token, as long as the page lives: in a variable of this module and nowhere else. It reaches no storage, URL or
// element. One that ends is renewed in time, if the page knows how.

let token = null;
/** When the token ends, how to get the next one, and that on its way. */
let endsAt = Infinity;
let renew = null;
let renewing = null;
let timer;

/** So long before its end a token is renewed. A call takes half a minute at most. */
const MARGIN = 60_000;

/** A token as RFC 6750 writes it. Anything else could not be sent as a header. */
const FORM = /^[A-Za-z0-9._~+/-]+=*$/;

/** Keeps what a person pasted, with or without `Bearer` in front. False if that cannot be a token. */
export function keepToken(text) {
    const pasted = text.trim().replace(/^bearer\s+/i, "");
    if (!FORM.test(pasted)) return false;
    keepUntil(pasted, Infinity, null);
    return true;
}

/**
 * Keeps a token until it ends. `renewal`, if there is one, keeps the next one, or lets this one end; while the page is open it
 * is called in time.
 */
export function keepUntil(granted, end, renewal) {
    token = granted;
    endsAt = end;
    renew = renewal;
    clearTimeout(timer);
    if (renew === null) return;
    // A provider may give tokens that live for less than the margin.
    const wait = Math.max((endsAt - Date.now()) / 2, endsAt - Date.now() - MARGIN);
    timer = setTimeout(() => renewed().catch(() => {}), Math.min(wait, 2 ** 31 - 1));
}

export function forgetToken() {
    keepUntil(null, Infinity, null);
}

export const hasToken = () => token !== null;

/** The header that carries the token, if there is one. It is what a call sends. A device that slept may have missed the timer. */
export async function authorization() {
    if (token !== null && Date.now() >= endsAt) await renewed();
    return header();
}

/** Whether a call was sent with the token that the page has now. */
export const isCurrent = ({ Authorization }) => Authorization === header().Authorization;

const header = () => (token === null ? {} : { Authorization: `Bearer ${token}` });

/** One renewal at a time: a provider may take a refresh token once only. */
function renewed() {
    renewing ??= Promise.resolve(renew?.()).finally(() => (renewing = null));
    return renewing;
}
