// The only module that calls the service. It turns every way in which a call can fail into one `Failure`, which says
// what happened in words for the reader. It repeats nothing by itself, and knows nothing of the page.

import { authorization, forgetToken } from "./token.js";
import { text } from "./words.js";

/** The service's root, with the stage of a REST API if there is one: below it this module is served in `console/console.js`. */
const ROOT = new URL("../", import.meta.url);
const CODES = "api/v1/referral-codes";

/** API Gateway gives up after 29 or 30 seconds, so no answer comes later than this. */
const TIME_LIMIT = 31_000;

/** The short link of a code, or its QR code, as this service itself serves them. */
export const linkOf = (code) => new URL(`r/${encodeURIComponent(code)}`, ROOT).href;
export const qrOf = (code) => `${linkOf(code)}.svg`;

export const listCodes = (query, signal) => call("GET", "", { query, signal }).then(json);
export const getCode = (id) => call("GET", `/${encodeURIComponent(id)}`).then(json);
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

/** A call that did not succeed. */
export class Failure extends Error {
    constructor({
        title,
        detail = "",
        status = 0,
        code = "",
        requestId = "",
        errors = [],
        activeId = "",
        waitSeconds = 0,
    }) {
        super(title);
        Object.assign(this, { title, detail, status, code, requestId, activeId });
        /** The details by the name of the field or parameter that they are about. */
        this.fields = Object.fromEntries(
            errors.map((error) => [error.parameter ?? error.pointer?.slice(1), error.detail]),
        );
        this.waitSeconds = waitSeconds;
        this.retryAt = Date.now() + waitSeconds * 1000;
    }
}

let unauthorized = () => {};

/** Sets what is called when the service refuses the token that the page has, or asks for one. */
export function onUnauthorized(listener) {
    unauthorized = listener;
}

async function call(method, path, { query, body, signal, accept = "application/json" } = {}) {
    const url = new URL(CODES + path, ROOT);
    url.search = new URLSearchParams(query);
    const sent = authorization();
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
    if (failure.status === 401 && sent.Authorization === authorization().Authorization) {
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
        const isLate = error.name === "TimeoutError";
        throw new Failure({
            title: text(isLate ? "failure.late" : "failure.unreachable"),
            detail: text("failure.unreachableText"),
        });
    }
}

async function json(response) {
    try {
        return JSON.parse(await reach(() => response.text()));
    } catch (error) {
        throw error instanceof SyntaxError ? unreadable(response) : error;
    }
}

function unreadable(response) {
    return new Failure({
        title: text("failure.unreadable"),
        detail: text("failure.unreadableText"),
        status: response.status,
        requestId: gatewayId(response),
    });
}

/** Reads a problem document (RFC 9457), or API Gateway's own `{"message": …}`, or nothing. */
async function refusal(response) {
    const body = (await response.json().catch(() => null)) ?? {};
    const waitSeconds = Number(response.headers.get("retry-after"));
    return new Failure({
        title: body.title ?? text(OF_GATEWAY[response.status] ?? "failure.unknown"),
        detail: body.detail ?? body.message ?? `HTTP status ${response.status}.`,
        status: response.status,
        code: body.code,
        requestId: body.request_id ?? gatewayId(response),
        errors: Array.isArray(body.errors) ? body.errors : [],
        activeId: body.active_id,
        waitSeconds: waitSeconds > 0 ? waitSeconds : 0,
    });
}

/** Titles for what API Gateway answers by itself, without one. */
const OF_GATEWAY = {
    401: "failure.unauthorized",
    403: "failure.forbidden",
    413: "failure.tooLarge",
    429: "failure.tooMany",
    503: "failure.unavailable",
    504: "failure.late",
};

const gatewayId = ({ headers }) => headers.get("apigw-requestid") ?? headers.get("x-amzn-requestid") ?? "";
