// The provider where people sign in: OpenID Connect, authorization code with PKCE, as a public client. It knows nothing of
// the page. Tokens stay in variables. What must survive the way there and back is in the tab's session storage for so long:
// it opens nothing without the code that comes back.
// https://openid.net/specs/openid-connect-core-1_0.html, https://www.rfc-editor.org/rfc/rfc9700

import { SETTINGS } from "./settings.js";

const CLIENT = SETTINGS.sign_in;
/** Where the provider sends people back to: the page itself. The provider has to know this URL. */
const HERE = new URL("../console", import.meta.url).href;
const BEGUN = "sign-in";
const PROVIDER_TIME_LIMIT = 15_000;

/** What went wrong: a code of RFC 6749 or OpenID Connect, or one of this module's own, and what the provider says to it. */
export class ProviderError extends Error {
    constructor(code, detail = "") {
        super(`${code}: ${detail}`);
        Object.assign(this, { code, detail });
    }
}

/** Goes to the provider. The page ends, if this succeeds. With the `prompt` `login` it asks who the person is in any case. */
export async function goToProvider({ prompt } = {}) {
    const { authorization_endpoint, scopes_supported = [] } = await discover();
    const begun = { state: random(), nonce: random(), verifier: random(), query: location.search };
    sessionStorage.setItem(BEGUN, JSON.stringify(begun));
    // Those that give a refresh token unasked do not all know the scope for it.
    const further = scopes_supported.includes("offline_access") ? " offline_access" : "";
    location.assign(
        withParameters(authorization_endpoint, {
            response_type: "code",
            client_id: CLIENT.client_id,
            redirect_uri: HERE,
            scope: `openid ${CLIENT.scopes}${further}`,
            state: begun.state,
            nonce: begun.nonce,
            code_challenge: base64Url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(begun.verifier))),
            code_challenge_method: "S256",
            ...(prompt && { prompt }),
            ...forService(),
        }),
    );
}

/** What the provider has sent a person back with, if it has. It is in the page's URL, and is taken out of it. */
export function takeAnswer() {
    const answer = new URLSearchParams(location.search);
    if (!answer.has("state") || !(answer.has("code") || answer.has("error"))) return null;
    const begun = JSON.parse(sessionStorage.getItem(BEGUN));
    sessionStorage.removeItem(BEGUN);
    history.replaceState(null, "", begun?.query || location.pathname);
    return { begun, ...Object.fromEntries(answer) };
}

/** The tokens for an answer. */
export async function redeem({ begun, state, code, error, error_description, iss }) {
    // Another page may have sent a person here, with a code of its own.
    if (begun?.state !== state) throw new ProviderError("not_begun_here");
    if (error !== undefined) throw new ProviderError(error, error_description);
    const { token_endpoint } = await discover();
    if (iss !== undefined && iss !== CLIENT.issuer) throw new ProviderError("wrong_issuer", iss);
    const tokens = await askProvider(token_endpoint, {
        grant_type: "authorization_code",
        code,
        redirect_uri: HERE,
        code_verifier: begun.verifier,
    });
    // It came from the provider itself, so it needs no signature: OpenID Connect Core, 3.1.3.7.
    const { iss: issuer, aud, nonce } = claimsOf(tokens.id_token);
    if (issuer !== CLIENT.issuer) throw new ProviderError("wrong_issuer", issuer);
    if (nonce !== begun.nonce || ![aud].flat().includes(CLIENT.client_id)) throw new ProviderError("not_begun_here");
    return checked(tokens);
}

/** The tokens in place of those that end. A provider may leave out what stays the same. */
export async function renewTokens(tokens) {
    const { token_endpoint } = await discover();
    return { ...tokens, ...checked(await askProvider(token_endpoint, { grant_type: "refresh_token", refresh_token: tokens.refresh_token })) };
}

/** Where a person signs out of the provider too, if it has such a page. */
export async function endOfSession({ id_token }) {
    const { end_session_endpoint } = await discover();
    if (end_session_endpoint === undefined) return null;
    // Amazon Cognito knows the second name only.
    const back = { post_logout_redirect_uri: HERE, logout_uri: HERE };
    return withParameters(end_session_endpoint, { id_token_hint: id_token, client_id: CLIENT.client_id, ...back });
}

let discovered = null;

/** The provider's endpoints. What failed is asked for again. */
async function discover() {
    discovered ??= readJson(`${CLIENT.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    try {
        const document = await discovered;
        if (document.issuer !== CLIENT.issuer) throw new ProviderError("wrong_issuer", document.issuer);
        const { origin } = new URL(document.token_endpoint);
        const allowed = [new URL(CLIENT.issuer).origin, CLIENT.token_origin && new URL(CLIENT.token_origin).origin];
        if (!allowed.includes(origin)) throw new ProviderError("token_origin", origin);
        return document;
    } catch (error) {
        discovered = null;
        throw error;
    }
}

const askProvider = (endpoint, parameters) =>
    readJson(endpoint, {
        method: "POST",
        body: new URLSearchParams({ ...parameters, client_id: CLIENT.client_id, ...forService() }),
    });

async function readJson(url, options) {
    const signal = AbortSignal.timeout(PROVIDER_TIME_LIMIT);
    const response = await fetch(url, { ...options, signal, credentials: "omit" }).catch(() => {
        throw new ProviderError("unreachable", new URL(url).origin);
    });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new ProviderError(body.error ?? "unreachable", body.error_description ?? `HTTP ${response.status}`);
    return body;
}

/** Which service the token is for: `audience` is Auth0's word, and `resource` that of RFC 8707, which takes URIs only. */
function forService() {
    const { audience } = CLIENT;
    if (audience === null) return {};
    return URL.canParse(audience) ? { audience, resource: audience } : { audience };
}

/** The service reads a JSON Web Token. A provider that was not told for whom may give a word that only it can read. */
function checked(tokens) {
    if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(tokens.access_token)) throw new ProviderError("opaque_token");
    return { ...tokens, endsAt: Date.now() + 1000 * (tokens.expires_in ?? 300) };
}

function claimsOf(token) {
    const [, payload = ""] = String(token).split(".");
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
    return bytes.length === 0 ? {} : JSON.parse(new TextDecoder().decode(bytes));
}

function withParameters(url, parameters) {
    const target = new URL(url);
    for (const [name, value] of Object.entries(parameters)) target.searchParams.set(name, value);
    return target.href;
}

const random = () => base64Url(crypto.getRandomValues(new Uint8Array(32)));
const base64Url = (bytes) =>
    btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
