// What all dialogs share: how they open, close, work and give the focus back. They are native <dialog> elements of
// index.html.

import { byId } from "./dom.js";

/** Opens a dialog above the page. When it closes, the focus returns to where it came from. */
export function openDialog(dialog) {
    const cameFrom = document.activeElement?.id;
    // What was said before is about something else.
    byId("toast").textContent = "";
    dialog.showModal();
    dialog.addEventListener("close", () => returnFocus(dialog, cameFrom), { once: true });
}

/**
 * The browser does this too, but not if the list was drawn anew meanwhile: then the element of the same id is the one.
 */
function returnFocus(dialog, id) {
    const isLost = document.activeElement === document.body || dialog.contains(document.activeElement);
    if (isLost && !isDialogOpen()) (byId(id) ?? byId("codes")).focus();
}

export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

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
}

/** Lets a form work: its button shows it, and a second press does nothing. */
export async function whileBusy(form, work) {
    if (form.ariaBusy === "true") return;
    const button = form.querySelector("[type=submit]");
    form.ariaBusy = button.ariaDisabled = "true";
    try {
        await work();
    } finally {
        form.ariaBusy = button.ariaDisabled = null;
    }
}

/** The place for what went wrong: in the dialog, or on the page if a person has left the dialog meanwhile. */
export const failureSlot = (dialog) => (dialog.open ? dialog.querySelector(".failure") : byId("failure"));
