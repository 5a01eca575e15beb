// Ends many codes at once, once a person has confirmed it by their number.

import { invalidateCode } from "./api.js";
import { runBatch } from "./batch.js";
import { openDialog } from "./dialogs.js";
import { button, byId, showFieldErrors } from "./dom.js";
import { lineOf } from "./failure.js";
import { showChange } from "./list.js";
import { clearSelection, selectedCodes } from "./select.js";
import { text } from "./words.js";

/** Asks whether the selected codes that are active are to end. */
export function openEndMany() {
    const dialog = byId("end-many");
    const form = dialog.querySelector("form");
    const items = selectedCodes().filter(({ status }) => status === "active").map((code) => ({ code }));
    const others = selectedCodes().length - items.length;
    const count = items.length;
    form.reset();
    form.hidden = false;
    dialog.querySelector(".result").hidden = true;
    showFieldErrors(form);
    byId("end-many-title").textContent = text("endMany.title", { count });
    byId("end-many-others").textContent = others === 0 ? "" : text("endMany.others", { count: others });
    byId("end-many-label").textContent = text("endMany.label", { count });
    form.querySelector("[type=submit]").textContent = text("endMany.submit", { count });
    form.querySelector("[type=submit]").hidden = form.querySelector(".field").hidden = count === 0;
    const opening = openDialog(dialog);
    form.onsubmit = (event) => {
        event.preventDefault();
        const isRight = form.elements.count.value.trim() === String(count);
        showFieldErrors(form, isRight ? {} : { count: text("endMany.rule", { count }) });
        if (isRight) runBatch(dialog, opening, items, { work: ({ code }) => invalidateCode(code.id), describe: endedEntry, finished: endedSummary });
    };
}

function endedEntry({ code, outcome }) {
    const name = code.code;
    if (outcome === undefined) return { name, said: text("endMany.notEnded"), isGood: false };
    if (outcome.error === undefined) return { name, said: text("endMany.ended"), isGood: true };
    return { name, said: lineOf({ ...outcome.error, code: code.code }), isGood: false };
}

function endedSummary(items, again) {
    const ended = items.filter(({ outcome }) => outcome?.value !== undefined).length;
    const missing = items.length - ended;
    const isUnfinished = items.some(({ outcome }) => outcome === undefined);
    clearSelection();
    showChange({});
    return {
        said: [
            text("endMany.sumEnded", { count: ended }),
            missing > 0 && text("endMany.sumMissing", { count: missing }),
        ].filter(Boolean).join(" "),
        buttons: [
            isUnfinished && button({ onclick: again }, text("batch.goOn")),
            button({ class: "primary", "data-close": true }, text("do.close")),
        ].filter(Boolean),
    };
}
