// The only module that calls the service. It turns every way in which a call can fail into one `Failure`. It repeats
// nothing by itself, and knows nothing of the page; failure.js has the words.

import { authorization, forgetToken, isCurrent } from "./token.js";

/** The service's root, with the stage of a REST API if there is one: below it this module is served in `console/console.js`. */
const ROOT = new URL("../", import.meta.url);
const CODES = "api/v1/referral-codes";

/** API Gateway gives up after 29 or 30 seconds, so no answer comes later than this. */
const TIME_LIMIT = 31_000;

/** The short link of a code, or its QR code, as this service itself serves them. */
export const linkOf = (code) => new URL(`r/${encodeURIComponent(code)}`, ROOT).href;
export const qrOf = (code) => `${linkOf(code)}.svg`;

/** The QR code of a code, as the service draws it. */
export async function fetchQr(code) {
    const response = await reach(() => fetch(qrOf(code)));
    if (!response.ok) throw await refusal(response);
    return reach(() => response.blob());
}

export const listCodes = (query, signal) => call("GET", "", { query, signal }).then(json);
export const getCode = (id, signal) => call("GET", `/${encodeURIComponent(id)}`, { signal }).then(json);
export const urlsOf = (id) => call("GET", `/${encodeURIComponent(id)}/url`).then(json);
export const invalidateCode = (id) => call("DELETE", `/${encodeURIComponent(id)}`).then(json);
export const rotateCode = ({ id, mentor_id }) =>
    call("PUT", `/${encodeURIComponent(id)}`, { body: { mentor_id, action: "rotate" } }).then(json);

/** The mentor's active code, and whether it was made by this very call. */
export async function getOrCreateCode(body) {
    const response = await call("POST", "", { body });
    return { code: await json(response), isNew: response.status === 201 };
}

/** A page of the list as CSV, and the cursor of the next one, if there is one. */
export async function listCsv(query, signal) {
    const response = await call("GET", "", { query, signal, accept: "text/csv" });
    if (!response.headers.get("content-type")?.startsWith("text/csv")) throw unreadable(response);
    const next = /<([^>]*)>\s*;\s*rel="next"/.exec(response.headers.get("link") ?? "");
    const cursor = next && new URL(next[1], ROOT).searchParams.get("cursor");
    return { text: await reach(() => response.text()), cursor };
}

/** A call that did not succeed. `reason` is one of those that failure.js has words for. */
export class Failure extends Error {
    constructor(reason, { status = 0, code = "", detail = "", requestId = "", errors = [], ...more } = {}) {
        super(reason);
        Object.assign(this, { reason, status, code, detail, requestId, ...more });
        /** The details by the name of the field or parameter that they are about. */
        this.fields = Object.fromEntries(
            errors.map((error) => [error.parameter ?? error.pointer?.slice(1), error.detail]),
        );
    }

    /** Whether the call may have done its work all the same. */
    get isUnknown() {
        return this.status === 0 || this.status >= 500;
    }
}

let unauthorized = () => {};

/** Sets what is called when the service refuses the token that the page has, or asks for one. */
export function onUnauthorized(listener) {
    unauthorized = listener;
}

let inFlight = 0;
let busy = () => {};

/** Sets what is called with whether any call is on its way. */
export function onBusy(listener) {
    busy = listener;
}

async function call(method, path, options) {
    busy((inFlight += 1) > 0);
    try {
        return await send(method, path, options);
    } finally {
        busy((inFlight -= 1) > 0);
    }
}

async function send(method, path, { query, body, signal, accept = "application/json" } = {}) {
    const url = new URL(CODES + path, ROOT);
    url.search = new URLSearchParams(query);
    const sent = await authorization();
    const headers = { Accept: accept, ...sent };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const timeLimit = AbortSignal.timeout(TIME_LIMIT);
    // Made here, so that a fault of this page is not taken for one of the network.
    const options = {
        method,
        headers,
        body: JSON.stringify(body),
        cache: "no-store",
        signal: signal === undefined ? timeLimit : AbortSignal.any([signal, timeLimit]),
    };
    const response = await reach(() => fetch(url, options));
    if (response.ok) return response;
    const failure = await refusal(response);
    // A late refusal of an older token says nothing of the one that the page has now.
    if (failure.status === 401 && isCurrent(sent)) {
        forgetToken();
        unauthorized(failure);
    }
    throw failure;
}

/** Runs what needs the network, and says what it means if that fails. */
async function reach(read) {
    try {
        return await read();
    } catch (error) {
        // The page itself gave the call up: there is nothing to say.
        if (error.name === "AbortError") throw error;
        throw new Failure(error.name === "TimeoutError" ? "late" : "unreachable");
    }
}

async function json(response) {
    try {
        return JSON.parse(await reach(() => response.text()));
    } catch (error) {
        throw error instanceof SyntaxError ? unreadable(response) : error;
    }
}

const unreadable = (response) =>
    new Failure("unreadable", { status: response.status, requestId: gatewayId(response) });

/** Reads a problem document (RFC 9457), or API Gateway's own `{"message": …}`, or nothing. */
async function refusal(response) {
    const { status, headers } = response;
    const body = (await response.json().catch(() => null)) ?? {};
    const waitSeconds = Number(headers.get("retry-after"));
    // A REST API sends the header under another name.
    const challenge = headers.get("www-authenticate") ?? headers.get("x-amzn-remapped-www-authenticate") ?? "";
    const scope = /scope="([^"]*)"/.exec(challenge)?.[1];
    const known = body.code === "insufficient_scope" && scope === undefined ? "forbidden" : REASONS[body.code];
    return new Failure(known ?? REASONS[status] ?? (status >= 500 ? "internal" : "misfit"), {
        status,
        code: body.code,
        detail: body.detail ?? body.message,
        requestId: body.request_id ?? gatewayId(response),
        errors: Array.isArray(body.errors) ? body.errors : [],
        activeId: body.active_id,
        codeStatus: body.code_status,
        scope,
        waitSeconds: waitSeconds > 0 ? waitSeconds : 0,
    });
}

/** By the `code` of a problem document, or else by the status, which is all that API Gateway tells. */
const REASONS = {
    code_not_active: "ended",
    code_not_found: "notFound",
    insufficient_scope: "scope",
    invalid_parameter: "parameter",
    mentor_in_other_org: "otherOrg",
    mentor_mismatch: "mentor",
    org_closed: "closed",
    org_mismatch: "org",
    validation_failed: "field",
    401: "token",
    403: "forbidden",
    429: "tooMany",
    503: "busy",
    504: "late",
};

const gatewayId = ({ headers }) => headers.get("apigw-requestid") ?? headers.get("x-amzn-requestid") ?? "";
