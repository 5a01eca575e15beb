// Gets the token that the service asks for, and forgets it when the person signs out: from the provider where people sign in, or
// from the person, where the service names no provider. Without a token nothing is asked of the service, and nothing that it
// said stays on the page.

import { Failure, onUnauthorized } from "./api.js";
import { closeDialogs, openDialog } from "./dialogs.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { clearFailure, onAnotherToken, showFailure } from "./failure.js";
import { clear } from "./list.js";
import { endOfSession, goToProvider, redeem, renewTokens, takeAnswer } from "./provider.js";
import { SETTINGS } from "./settings.js";
import { forgetToken, hasToken, keepToken, keepUntil } from "./token.js";
import { text } from "./words.js";

const takesToken = SETTINGS.access === "jwt";
const hasProvider = SETTINGS.sign_in !== undefined;
const tokenDialog = byId("token");
const tokenForm = tokenDialog.querySelector("form");
/** In the URL of a page that a person has signed out of: it does not sign in by itself. */
const SIGNED_OUT = "#signed-out";

let signedIn;
/** What the provider has sent the person back with, what it gave last, and whether the page is on its way there or back. */
let answer = null;
let tokens = null;
let isSigningIn = false;

export const isSignInNeeded = () => takesToken && !hasToken();

/** `then` is called when there is a token. */
export function setUpSignIn(then) {
    signedIn = () => {
        byId("sign-out").hidden = false;
        then();
    };
    byId("sign-out").addEventListener("click", hasProvider ? leaveProvider : reloadSignedOut);
    onUnauthorized(hasProvider ? refused : askForToken);
    onAnotherToken(() => {
        forgetToken();
        if (hasProvider) signIn({ prompt: "login" });
        else askForToken();
    });
    if (hasProvider) {
        // Before the page reads its own URL.
        answer = takeAnswer();
        // Back from the provider's page, as it was left.
        addEventListener("pageshow", ({ persisted }) => {
            if (!persisted || hasToken()) return;
            isSigningIn = false;
            showSignedOut();
        });
        return;
    }
    tokenForm.addEventListener("submit", (event) => {
        event.preventDefault();
        const isToken = keepToken(tokenForm.elements.token.value);
        tokenForm.reset();
        showFieldErrors(tokenForm, isToken ? {} : { token: text("token.rule") });
        if (!isToken) return;
        tokenDialog.close();
        signedIn();
    });
    tokenDialog.addEventListener("close", () => {
        tokenForm.reset();
        if (hasToken()) return;
        // What other dialogs show of codes goes with them.
        closeDialogs();
        showSignedOut();
    });
}

/** Asks for a token. `refusal` is why the service did not take the one before. */
export function askForToken(refusal) {
    byId("sign-out").hidden = true;
    if (hasProvider) {
        if (location.hash === SIGNED_OUT) showSignedOut();
        else signIn();
        return;
    }
    if (tokenDialog.open) return;
    clear();
    showFieldErrors(tokenForm);
    const slot = tokenDialog.querySelector(".failure");
    if (refusal === undefined) clearFailure(slot);
    else showFailure(slot, refusal);
    openDialog(tokenDialog);
}

/** Goes to the provider, or on with what it has sent the person back with. */
async function signIn(options) {
    if (isSigningIn) return;
    isSigningIn = true;
    closeDialogs();
    clear();
    byId("blank").replaceChildren(el("p", {}, text("signin.working")));
    try {
        const taken = answer;
        answer = null;
        // The page ends here.
        if (taken === null) return await goToProvider(options);
        keep(await redeem(taken));
        isSigningIn = false;
        signedIn();
    } catch (error) {
        isSigningIn = false;
        showSignedOut(error);
    }
}

function keep(granted) {
    tokens = granted;
    keepUntil(tokens.access_token, tokens.endsAt, tokens.refresh_token === undefined ? null : renewSignIn);
}

/** Gets the next tokens. Where the provider is out of reach, those of now are used to their end. */
async function renewSignIn() {
    try {
        keep(await renewTokens(tokens));
    } catch (error) {
        if (kindOf(error) === "signinUnavailable" && Date.now() < tokens.endsAt) return keep(tokens);
        const failure = failureOf(error);
        endHere(failure);
        throw failure;
    }
}

/** The service did not take the token: it has ended, or the provider gave one that is none of this service's. */
function refused(refusal) {
    const hasEnded = Date.now() >= tokens?.endsAt;
    endHere(hasEnded ? failureOf({ code: "login_required" }) : refusal);
}

function endHere(failure) {
    forgetToken();
    closeDialogs();
    clear();
    showSignedOut(failure);
}

async function leaveProvider() {
    forgetToken();
    const end = await endOfSession(tokens).catch(() => null);
    if (end !== null) location.assign(end);
    else reloadSignedOut();
}

/** A page that is loaded anew has forgotten the codes too, also those in dialogs that are closed. */
function reloadSignedOut() {
    forgetToken();
    if (hasProvider) history.replaceState(null, "", location.pathname + location.search + SIGNED_OUT);
    location.reload();
}

/** The page of a person who has no token, and the way to one. */
function showSignedOut(error) {
    byId("sign-out").hidden = true;
    // Who was not let in would only be sent back, as long as the provider knows who that is.
    const options = kindOf(error) === "signinDenied" ? { prompt: "login" } : {};
    const again = hasProvider
        ? button({ class: "primary", onclick: () => signIn(options) }, text("signin.signIn"))
        : button({ class: "primary", onclick: () => askForToken() }, text("token.enter"));
    byId("blank").replaceChildren(
        el("h2", {}, text(hasProvider ? "signin.needed" : "token.needed")),
        el("p", {}, text(hasProvider ? "signin.neededText" : "token.neededText")),
        el("div", { class: "buttons" }, again),
    );
    if (error !== undefined) showFailure(byId("failure"), failureOf(error));
}

/** What a person can do about an error of the provider or on the way there. All others are for those who set it up. */
const KINDS = {
    access_denied: "signinDenied",
    invalid_grant: "signinEnded",
    login_required: "signinEnded",
    not_begun_here: "signinEnded",
    opaque_token: "signinOpaque",
    server_error: "signinUnavailable",
    temporarily_unavailable: "signinUnavailable",
    unreachable: "signinUnavailable",
};

const kindOf = (error) => KINDS[error?.code] ?? "signinWrong";

/** The error in the page's own words, with the provider's behind them. */
function failureOf(error) {
    if (error instanceof Failure || error.code === undefined) return error;
    return new Failure(kindOf(error), { detail: [error.code, error.detail].filter(Boolean).join(": ") });
}
