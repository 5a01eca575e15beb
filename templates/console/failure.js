// Shows a call that failed as what it is: title, what to do about it, the id to ask the operator with, and a way to try
// again.

import { Failure } from "./api.js";
import { copy } from "./clipboard.js";
import { button, byId, el, plural } from "./dom.js";

/** Fills `slot` with the failure. `retry` is what 'Try again' does; `more` are further buttons. */
export function showFailure(slot, error, { retry, more = [] } = {}) {
    const failure = error instanceof Failure ? error : faultOf(error);
    const { title, detail, fields, waitSeconds, requestId } = failure;
    const items = Object.entries(fields).map(([name, text]) => el("li", {}, el("code", {}, name), ` ${text}`));
    const wait = `The service asks for ${plural(waitSeconds, "second")} before the next try.`;
    const tryAgain = retry && button({ onclick: (event) => again(event.target, slot, failure, retry) }, "Try again");
    slot.replaceChildren(
        el(
            "div",
            { class: "failed", role: "alert" },
            el("p", { class: "title" }, title),
            el("p", {}, detail),
            el("ul", {}, items),
            waitSeconds > 0 && el("p", {}, wait),
            requestId !== "" && requestIdLine(requestId),
            el("div", { class: "buttons" }, tryAgain, more),
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
    (submit ?? dialog?.querySelector("[data-close]") ?? byId("codes")).focus();
}

/** Tries again, but not before the time that the service asked for. */
async function again(pressed, slot, failure, retry) {
    if (pressed.ariaDisabled === "true") return;
    pressed.ariaDisabled = "true";
    pressed.textContent = "Waiting…";
    await new Promise((resolve) => setTimeout(resolve, failure.retryAt - Date.now()));
    if (!pressed.isConnected) return;
    clearFailure(slot);
    retry();
}

function requestIdLine(id) {
    const copyId = button({ class: "quiet small", onclick: () => copy(id, "Copied the request ID") }, "Copy ID");
    return el("p", { class: "request" }, "Request ID ", el("code", {}, id), copyId);
}

/** What no call caused is a fault of this page: it is shown too, and the browser's console gets the whole of it. */
function faultOf(error) {
    console.error(error);
    return new Failure({ title: "This page has a fault", detail: `Reload it and try again. (${error})` });
}
