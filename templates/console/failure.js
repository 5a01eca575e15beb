// Shows a call that failed as what it is: title, what to do about it, the id to ask the operator with, and a way to try
// again where that can help.

import { Failure } from "./api.js";
import { copy } from "./clipboard.js";
import { button, byId, el } from "./dom.js";
import { hasToken } from "./token.js";
import { text } from "./words.js";

let askForAnotherToken = () => {};

/** Sets what 'Use another token' does. */
export function onAnotherToken(listener) {
    askForAnotherToken = listener;
}

/**
 * Fills `slot` with the failure. `retry` is what 'Try again' does, where the same call may succeed later; `more` are
 * further buttons.
 */
export function showFailure(slot, error, { retry, more = [] } = {}) {
    const failure = error instanceof Failure ? error : faultOf(error);
    const { title, detail, fields, waitSeconds, requestId } = failure;
    const items = Object.entries(fields).map(([name, rule]) => el("li", {}, el("code", {}, name), ` ${rule}`));
    const wait = text("failure.wait", { seconds: text("count.seconds", { count: waitSeconds }) });
    const isFinal = failure.status === 400 || failure.status === 403;
    const tryAgain =
        !isFinal && retry && button({ onclick: (event) => again(event.target, slot, failure, retry) }, text("do.tryAgain"));
    slot.replaceChildren(
        el(
            "div",
            { class: "failed", role: "alert" },
            el("p", { class: "title" }, title),
            el("p", {}, detail),
            el("ul", {}, items),
            waitSeconds > 0 && el("p", {}, wait),
            requestId !== "" && requestIdLine(requestId),
            el("div", { class: "buttons" }, tryAgain, anotherToken(slot, failure), more),
        ),
    );
    // What failed may have been pressed far below.
    slot.scrollIntoView({ block: "nearest" });
}

/** Takes the failure away. If the focus was in it, it goes to what comes next. */
export function clearFailure(slot) {
    const hadFocus = slot.contains(document.activeElement);
    slot.replaceChildren();
    if (!hadFocus) return;
    const dialog = slot.closest("dialog");
    const submit = dialog?.querySelector("form:not([hidden]) [type=submit]:not([hidden])");
    (submit ?? dialog?.querySelector("[data-close]") ?? byId("codes")).focus({ preventScroll: true });
}

/** The button that takes away what is shown on the page itself. */
export const dismissButton = () =>
    button({ class: "quiet", onclick: () => clearFailure(byId("failure")) }, text("do.dismiss"));

/** A token that does not allow a call may be replaced by one that does. No token opens a closed organisation. */
function anotherToken(slot, { status, code }) {
    if (status !== 403 || code === "org_closed" || !hasToken()) return null;
    const ask = () => {
        clearFailure(slot);
        askForAnotherToken();
    };
    return button({ onclick: ask }, text("token.another"));
}

/** Tries again, but not before the time that the service asked for. */
async function again(pressed, slot, failure, retry) {
    if (pressed.ariaDisabled === "true") return;
    pressed.ariaDisabled = "true";
    pressed.textContent = text("say.waiting");
    await new Promise((resolve) => setTimeout(resolve, failure.retryAt - Date.now()));
    // A person who has cancelled meanwhile wants nothing to happen.
    if (!pressed.isConnected || slot.closest("dialog")?.open === false) return;
    clearFailure(slot);
    retry();
}

function requestIdLine(id) {
    const copyId = button({ class: "quiet small", onclick: () => copy(id, text("copied.requestId")) }, text("failure.copyId"));
    return el("p", { class: "request" }, `${text("failure.requestId")} `, el("code", {}, id), copyId);
}

/** What no call caused is a fault of this page: it is shown too, and the browser's console gets the whole of it. */
function faultOf(error) {
    console.error(error);
    return new Failure({ title: text("failure.ofPage"), detail: text("failure.ofPageText", { error }) });
}
