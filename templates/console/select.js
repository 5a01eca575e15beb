// Which codes are selected: by the box in a row, all on the page, or all that the filter shows. They stay so from page to page,
// and a bar above the list says how many they are. It knows nothing of what is done with them.

import { byId, el } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { allCodesOf } from "./query.js";
import { currentView } from "./state.js";
import { text } from "./words.js";

/** More than so many are not selected at once. */
const MAX_SELECTED = 2000;

/** The selected codes by their ids. */
const selected = new Map();

export const selectedCodes = () => [...selected.values()];

/** The box of a code's row. */
export function selectBox(code) {
    const onchange = ({ target }) => {
        if (target.checked) selected.set(code.id, code);
        else selected.delete(code.id);
        showSelection();
    };
    const names = { class: "select", id: `select-${code.id}`, "aria-label": text("select.code", { code: code.code }) };
    if (selected.has(code.id)) selected.set(code.id, code);
    return el("input", { type: "checkbox", ...names, checked: selected.has(code.id), onchange });
}

/** Those that can be seen: rows may be hidden. */
const boxes = () => [...document.querySelectorAll("#rows tr:not([hidden]) .select")];

function check(some, isChecked = true) {
    for (const box of some) if (box.checked !== isChecked) box.click();
}

export function setUpSelection() {
    byId("select-page").addEventListener("change", ({ target: { checked } }) => {
        check(boxes(), checked);
    });
    byId("select-all").addEventListener("click", selectAll);
    byId("select-none").addEventListener("click", clearSelection);
}

export function clearSelection() {
    selected.clear();
    for (const box of boxes()) box.checked = false;
    const hadFocus = byId("selection").contains(document.activeElement);
    showSelection();
    if (hadFocus) byId("codes").focus();
}

/** Shows how many are selected. The list calls this when it has other rows. */
export function showSelection() {
    const there = boxes();
    const checked = there.filter((box) => box.checked).length;
    byId("select-page").checked = there.length > 0 && checked === there.length;
    byId("select-page").indeterminate = checked > 0 && checked < there.length;
    byId("selection").hidden = selected.size === 0;
    byId("selection-count").textContent = text("select.count", { count: selected.size });
}

/** Selects all that the filter shows, by cursor. */
async function selectAll({ target }) {
    if (target.ariaDisabled === "true") return;
    target.ariaDisabled = "true";
    clearFailure(byId("failure"), "selection");
    try {
        for await (const codes of allCodesOf(currentView())) {
            for (const code of codes) if (selected.size < MAX_SELECTED || selected.has(code.id)) selected.set(code.id, code);
            showSelection();
            if (selected.size >= MAX_SELECTED) break;
        }
        for (const box of boxes()) box.checked = selected.has(box.id.slice("select-".length));
        showSelection();
    } catch (error) {
        showFailure(byId("failure"), error, { retry: () => selectAll({ target }), about: "selection" });
    } finally {
        target.ariaDisabled = null;
    }
}
