// A sheet of labels to print: for each selected code its QR code, itself and its mentor. It stands beside the page, and the style
// sheet shows it on paper only.

import { fetchQr } from "./api.js";
import { runBatch } from "./batch.js";
import { openDialog } from "./dialogs.js";
import { button, byId, codeName, el } from "./dom.js";
import { lineOf } from "./failure.js";
import { imageOf } from "./files.js";
import { selectedCodes } from "./select.js";
import { text } from "./words.js";

/** Loads the QR codes of the selected codes, and offers to print them. */
export function openLabels() {
    const dialog = byId("print");
    const sheet = byId("labels");
    const items = selectedCodes().filter(({ status }) => status === "active").map((code) => ({ code }));
    const others = selectedCodes().length - items.length;
    const opening = openDialog(dialog);
    byId("print-title").textContent = text("labels.title", { count: items.length });
    opening.addEventListener("abort", () => sheet.replaceChildren());
    return runBatch(dialog, opening, items, {
        work: async ({ code }) => imageOf(await fetchQr(code.code), { alt: text("qr.alt", { code: code.code }) }),
        describe: labelEntry,
        finished(done, again) {
            const ready = done.filter(({ outcome }) => outcome?.value !== undefined);
            sheet.replaceChildren(...ready.map(({ code, outcome }) => label(code, outcome.value)));
            const isUnfinished = done.some(({ outcome }) => outcome === undefined);
            return {
                said: [
                    text("labels.ready", { count: ready.length }),
                    others > 0 && text("labels.others", { count: others }),
                ].filter(Boolean).join(" "),
                buttons: [
                    button({ "data-close": true }, text("do.close")),
                    isUnfinished && button({ onclick: again }, text("batch.goOn")),
                    ready.length > 0 && button({ class: "primary", onclick: () => print() }, text("labels.print")),
                ].filter(Boolean),
            };
        },
    });
}

function labelEntry({ code, outcome }) {
    if (outcome?.value !== undefined) return { name: code.code, said: code.mentor_id, isGood: true };
    return { name: code.code, said: outcome === undefined ? text("labels.notLoaded") : lineOf({ ...outcome.error, code: code.code }), isGood: false };
}

const label = ({ code, mentor_id }, image) =>
    el("figure", {}, image, el("figcaption", {}, codeName(code), el("span", { class: "id", translate: "no" }, mentor_id)));
