// Copies texts. It knows nothing of what they are.

import { openDialog } from "./dialogs.js";
import { announce, byId } from "./dom.js";

/**
 * Copies a text, or one that is still on its way, and says so. Where the browser refuses, a person can copy it by hand.
 */
export async function copy(text, said) {
    const promise = Promise.resolve(text);
    const blob = promise.then((value) => new Blob([value], { type: "text/plain" }));
    blob.catch(() => {});
    try {
        // Safari allows copying within the press only, so the promise itself is handed over.
        await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    } catch {
        showByHand(await promise);
        return;
    }
    announce(said);
}

function showByHand(text) {
    const field = byId("by-hand-text");
    field.value = text;
    openDialog(byId("by-hand")).addEventListener("abort", () => (field.value = ""));
    field.select();
}
