// What all dialogs share: how they open, close, work, give the focus back, and keep nothing of what they showed. They are
// native <dialog> elements of index.html, where `data-filled` marks what each opening fills anew.

import { byId } from "./dom.js";
import { text } from "./words.js";

/**
 * Opens a dialog above the page. When it closes, the focus returns to where it came from. The result stands for this very
 * opening: a signal that is aborted when the dialog closes. What was begun in an opening has no say in a later one.
 */
export function openDialog(dialog) {
    const cameFrom = document.activeElement?.id;
    const opening = new AbortController();
    // What was said before is about something else.
    byId("toast").textContent = "";
    for (const form of dialog.querySelectorAll("form")) setBusy(form, false);
    dialog.showModal();
    const onClose = () => {
        opening.abort();
        empty(dialog);
        returnFocus(dialog, cameFrom);
    };
    dialog.addEventListener("close", onClose, { once: true });
    return opening.signal;
}

/** Closes all dialogs, and takes away what they show at once: the event of closing comes later. */
export function closeDialogs() {
    for (const dialog of document.querySelectorAll("dialog[open]")) {
        empty(dialog);
        dialog.close();
    }
}

/** Takes away what an opening has shown. A button that waits for its time to try again must not do so any more. */
function empty(dialog) {
    for (const filled of dialog.querySelectorAll(".failure, [data-filled]")) filled.replaceChildren();
}

/**
 * The browser does this too, but not if the list was drawn anew meanwhile: then the element of the same id is the one.
 */
function returnFocus(dialog, id) {
    const isLost = document.activeElement === document.body || dialog.contains(document.activeElement);
    if (isLost && !isDialogOpen()) (byId(id) ?? byId("codes")).focus();
}

const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/** Sets up the buttons that close a dialog. One that is at work stays open until it knows how it went. */
export function setUpDialogs() {
    for (const dialog of document.querySelectorAll("dialog")) {
        const isBusy = () => dialog.querySelector("[aria-busy=true]") !== null;
        dialog.addEventListener("cancel", (event) => isBusy() && event.preventDefault());
        dialog.addEventListener(
            "click",
            (event) => event.target.closest("[data-close]") && !isBusy() && dialog.close(),
        );
    }
    // Chromium lets a page refuse `cancel` once only: a second Escape would close the dialog. The key itself can be refused.
    addEventListener("keydown", (event) => {
        const isAtWork = document.querySelector("dialog[open] [aria-busy=true]") !== null;
        if (event.key === "Escape" && isAtWork) event.preventDefault();
    });
}

/** Lets the form of an opening work: its button shows it, and a second press does nothing. */
export async function whileBusy(form, opening, work) {
    if (form.ariaBusy === "true") return;
    setBusy(form, true);
    try {
        await work();
    } finally {
        if (!opening.aborted) setBusy(form, false);
    }
}

function setBusy(form, isBusy) {
    form.ariaBusy = form.querySelector("[type=submit]").ariaDisabled = isBusy ? "true" : null;
    // The style sheet shows it.
    form.querySelector(".buttons").dataset.working = text("say.working");
}
