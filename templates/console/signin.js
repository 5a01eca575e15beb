// Asks a person for an access token, where the service takes one, and forgets it when the person signs out. Without a
// token nothing is asked of the service, and nothing that it said stays on the page.

import { onUnauthorized } from "./api.js";
import { closeDialogs, openDialog } from "./dialogs.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { clearFailure, onAnotherToken, showFailure } from "./failure.js";
import { clear } from "./list.js";
import { forgetToken, hasToken, keepToken } from "./token.js";
import { text } from "./words.js";

const takesToken = document.documentElement.dataset.access === "jwt";
const dialog = byId("token");
const form = dialog.querySelector("form");

export const isSignInNeeded = () => takesToken && !hasToken();

/** `signedIn` is called when there is a token. */
export function setUpSignIn(signedIn) {
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        const isToken = keepToken(form.elements.token.value);
        form.reset();
        showFieldErrors(form, isToken ? {} : { token: text("token.rule") });
        if (!isToken) return;
        byId("sign-out").hidden = false;
        dialog.close();
        signedIn();
    });
    dialog.addEventListener("close", () => {
        form.reset();
        if (hasToken()) return;
        // What other dialogs show of codes goes with them.
        closeDialogs();
        showSignedOut();
    });
    byId("sign-out").addEventListener("click", () => {
        // A page that is loaded anew has forgotten the codes too, also those in dialogs that are closed.
        forgetToken();
        location.reload();
    });
    onUnauthorized(askForToken);
    onAnotherToken(() => {
        forgetToken();
        askForToken();
    });
}

/** Asks for a token. `refusal` is why the service did not take the one before. */
export function askForToken(refusal) {
    byId("sign-out").hidden = true;
    if (dialog.open) return;
    clear();
    showFieldErrors(form);
    const slot = dialog.querySelector(".failure");
    if (refusal === undefined) clearFailure(slot);
    else showFailure(slot, refusal);
    openDialog(dialog);
}

/** The page of a person who has closed the question for a token. */
function showSignedOut() {
    const again = button({ class: "primary", onclick: () => askForToken() }, text("token.enter"));
    byId("blank").replaceChildren(
        el("h2", {}, text("token.needed")),
        el("p", {}, text("token.neededText")),
        el("div", { class: "buttons" }, again),
    );
}
