// The access token, as long as the page lives: in this variable and nowhere else. It reaches no storage, URL or
// element.

let token = null;

/** A token as RFC 6750 writes it. Anything else could not be sent as a header. */
const FORM = /^[A-Za-z0-9._~+/-]+=*$/;

/** Keeps what a person pasted, with or without `Bearer` in front. False if that cannot be a token. */
export function keepToken(text) {
    const pasted = text.trim().replace(/^bearer\s+/i, "");
    if (!FORM.test(pasted)) return false;
    token = pasted;
    return true;
}

export function forgetToken() {
    token = null;
}

export const hasToken = () => token !== null;

/** The header that carries the token, if there is one. It is what a call sends. */
export const authorization = () => (token === null ? {} : { Authorization: `Bearer ${token}` });
