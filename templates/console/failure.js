// Shows a call that failed as what it is: title, what to do about it, the id to ask the operator with, and a way to try again.

import { Failure } from "./api.js";
import { copy } from "./clipboard.js";
import { el, plural } from "./dom.js";

/** Fills `slot` with the failure. `retry` is what 'Try again' does; `more` are further buttons. */
export function showFailure(slot, error, { retry, more = [] } = {}) {
  const failure = error instanceof Failure ? error : faultOf(error);
  const tryAgain = retry && el("button", { type: "button", onclick: () => again(slot, failure, retry) }, "Try again");
  slot.replaceChildren(
    el(
      "div",
      { class: "failed", role: "alert" },
      el("p", { class: "title" }, failure.title),
      el("p", {}, failure.detail),
      el("ul", {}, Object.entries(failure.fields).map(([name, detail]) => el("li", {}, el("code", {}, name), ` ${detail}`))),
      failure.waitSeconds > 0 && el("p", { class: "wait" }, `The service asks for ${plural(failure.waitSeconds, "second")} before the next try.`),
      failure.requestId !== "" && requestId(failure.requestId),
      el("div", { class: "buttons" }, tryAgain, more),
    ),
  );
}

export const clearFailure = (slot) => slot.replaceChildren();

/** Tries again, but not before the time that the service asked for. */
async function again(slot, failure, retry) {
  const button = slot.querySelector(".failed .buttons button");
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  await new Promise((resolve) => setTimeout(resolve, failure.retryAt - Date.now()));
  if (!button.isConnected) return;
  clearFailure(slot);
  retry();
}

const requestId = (id) =>
  el(
    "p",
    { class: "request" },
    "Request ID ",
    el("code", {}, id),
    el("button", { type: "button", class: "quiet small", onclick: () => copy(id, "Copied the request ID") }, "Copy ID"),
  );

/** What no call caused is a fault of this page: it is shown too, and the browser's console gets the whole of it. */
function faultOf(error) {
  console.error(error);
  return new Failure({ title: "This page has a fault", detail: `Reload it and try again. (${error})` });
}
