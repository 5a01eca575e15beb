// Shows a call that failed: what happened and what to do about it in the page's own words, the button that helps, and
// what the service said behind 'Details'. What passes by itself is tried again by itself.

import { Failure } from "./api.js";
import { copy } from "./clipboard.js";
import { button, byId, el } from "./dom.js";
import { SETTINGS } from "./settings.js";
import { hasToken } from "./token.js";
import { parts, text } from "./words.js";

/** A service that is busy or out of reach is asked again so often, at longer and longer intervals (in seconds). */
const PASSING = ["busy", "tooMany", "unreachable"];
const INTERVALS = [2, 4, 8, 16, 30];

/** Here the page may be older than the service. */
const RELOADED = ["unreadable", "misfit", "page"];

/** The same call would be refused again. */
const FINAL = ["closed", "ended", "field", "forbidden", "mentor", "notFound", "org", "otherOrg", "parameter", "scope"];

const FIELDS = ["mentor_id", "org_id", "mentor_name", "expires_at"];

let askForAnotherToken = () => {};

/** Sets what 'Use another token' does. */
export function onAnotherToken(listener) {
    askForAnotherToken = listener;
}

/**
 * Shows a failure in `slot`, in place of an earlier one of the same thing: `about` names what was tried. `retry` tries
 * the same call again. `more` are buttons that help; `values` and `explanation` are for the words.
 */
export function showFailure(slot, error, { about = "", retry, more = [], values = {}, explanation } = {}) {
    const failure = error instanceof Failure ? error : faultOf(error);
    const { reason, waitSeconds = 0 } = failure;
    const earlier = failureAbout(slot, about);
    const tries = Number(earlier?.dataset.tries ?? 0);
    const isPassing = retry !== undefined && PASSING.includes(reason) && tries < INTERVALS.length;
    const when = el("p", { class: "when" });
    const again = () => {
        if (!isShown(slot, shown) || "trying" in shown.dataset) return;
        // It stays until it is known how that goes.
        shown.dataset.trying = "";
        when.textContent = text("failure.trying");
        const pressed = shown.querySelector(".again");
        if (pressed === document.activeElement) focusAfter(slot);
        pressed?.remove();
        retry();
    };
    const isOffered = retry !== undefined && !FINAL.includes(reason) && !(isPassing && waitSeconds > 0);
    const shown = el(
        "div",
        { class: "failed", role: "alert", "data-about": about, "data-tries": tries + 1 },
        el("p", { class: "title" }, parts(`failed.${reason}`, { ...failure, ...values })),
        el("p", {}, explanation ?? parts(`todo.${reason}`, { ...failure, ...values })),
        when,
        el(
            "div",
            { class: "buttons" },
            isOffered && button({ class: "again", onclick: again }, text("do.tryAgain")),
            RELOADED.includes(reason) && button({ onclick: () => location.reload() }, text("failure.reload")),
            anotherToken(slot, failure),
            more.map((way) => {
                way.addEventListener("click", () => clearFailure(slot, about));
                return way;
            }),
            slot.id === "failure" && button({ class: "quiet", onclick: () => clearFailure(slot, about) }, text("do.dismiss")),
        ),
        details(failure),
    );
    if (earlier === undefined) slot.append(shown);
    else earlier.replaceWith(shown);
    if (isPassing) countDown(when, waitSeconds || INTERVALS[tries], again);
    if (isPassing && reason === "unreachable") addEventListener("online", again, { once: true });
    // In a dialog what was pressed may be far below.
    shown.scrollIntoView({ block: "nearest" });
}

/** A failure as one line of text. */
export const lineOf = ({ reason = "page", codeStatus = "active", ...values }) =>
    [`failed.${reason}`, reason === "ended" ? `ended.${codeStatus}` : `todo.${reason}`]
        .map((key) => text(key, values))
        .join(". ");

/** What is valid in the fields that the service found wrong, where the page has its own words for that. */
export const wordsOfFields = ({ fields }) =>
    Object.fromEntries(
        Object.keys(fields).map((name) => [name, FIELDS.includes(name) ? text(`field.${name}`) : fields[name]]),
    );

/** Takes a failure away, since what failed has succeeded, or is tried anew by hand. Without `about` it takes all away. */
export function clearFailure(slot, about) {
    const gone = [...slot.querySelectorAll(".failed")].filter(({ dataset }) => [undefined, dataset.about].includes(about));
    const hadFocus = gone.some((failed) => failed.contains(document.activeElement));
    for (const failed of gone) failed.remove();
    if (hadFocus) focusAfter(slot);
}

const failureAbout = (slot, about) => [...slot.children].find(({ dataset }) => dataset.about === about);

/** The focus goes on to what comes next. */
function focusAfter(slot) {
    const dialog = slot.closest("dialog");
    const submit = dialog?.querySelector("form:not([hidden]) [type=submit]:not([hidden])");
    (submit ?? dialog?.querySelector("[data-close]") ?? byId("codes")).focus({ preventScroll: true });
}

/** A failure that was taken away, or whose dialog is closed, does nothing any more. */
const isShown = (slot, shown) => shown.isConnected && slot.closest("dialog")?.open !== false;

/** Says each second how long it is until the next try. A screen reader is told once, with the rest. */
function countDown(when, seconds, again) {
    when.ariaLive = "off";
    const due = Date.now() + seconds * 1000;
    const tick = () => {
        const left = Math.ceil((due - Date.now()) / 1000);
        if (left <= 0) again();
        if (left <= 0 || !when.isConnected || "trying" in when.parentElement.dataset) return;
        when.textContent = text("failure.tryingIn", { seconds: text("count.seconds", { count: left }) });
        setTimeout(tick, due - Date.now() - (left - 1) * 1000);
    };
    tick();
}

/** What the service said, for those who run it. */
function details({ status, code, detail, fields, requestId }) {
    if (status === 0 && detail === "") return null;
    const said = [status > 0 && `HTTP ${status}`, code].filter(Boolean).join(" · ");
    const copyId = () => copy(requestId, text("copied.requestId"));
    return el(
        "details",
        {},
        el("summary", {}, text("failure.details")),
        el("p", {}, said),
        el("p", { lang: "en" }, detail),
        Object.entries(fields).map(([name, rule]) => el("p", { lang: "en" }, el("code", {}, name), ` ${rule}`)),
        requestId !== "" &&
            el(
                "p",
                { class: "request" },
                `${text("failure.requestId")} `,
                el("code", {}, requestId),
                button({ onclick: copyId }, text("failure.copyId")),
            ),
    );
}

/** A token that does not allow a call may be replaced by one that does. */
function anotherToken(slot, { reason }) {
    if (!["forbidden", "org", "scope"].includes(reason) || !hasToken()) return null;
    const ask = () => {
        clearFailure(slot);
        askForAnotherToken();
    };
    return button({ onclick: ask }, text(SETTINGS.sign_in === undefined ? "token.another" : "signin.another"));
}

/** What no call caused is a fault of this page: it is shown too, and the browser's console gets the whole of it. */
function faultOf(error) {
    console.error(error);
    return new Failure("page", { detail: String(error) });
}
