// The page of codes: asks for it, and shows it, or that it is loading, empty or failing. The answer that counts is that
// of the newest request; an older one is given up. A change made on this page is shown from its own answer, not by
// asking again.

import { getCode, listCodes } from "./api.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { countText, pageLinks, whyBlank } from "./pages.js";
import { codeRow, skeletonRow } from "./row.js";
import { isNumbered, isSameView, selection } from "./state.js";

/** Under a status each call of the API looks through some 500 codes. A page gives up after so many calls. */
const MAX_CALLS = 8;
const SLOW_AFTER = 1500;

/**
 * The newest request, and what is on the page: the view, its codes, and their `total` or the cursor of the `next` page.
 */
let request = new AbortController();
let shown = null;
let slow;

/** How many codes a view has, if that is known. */
export const totalOf = (view) => (shown !== null && isSameView(shown.view, view) ? shown.total : undefined);

/** Asks for a view and shows it. */
export async function load(view) {
    request.abort();
    const mine = (request = new AbortController());
    startWaiting();
    try {
        const page = await fetchPage(view, mine.signal);
        if (mine.signal.aborted) return;
        shown = { view, ...page };
        showFieldErrors(byId("filters"));
        clearFailure(byId("failure"));
        stopWaiting();
        render();
    } catch (error) {
        if (mine.signal.aborted) return;
        stopWaiting();
        fail(error, view);
    }
}

/** Empties the page: without a token nothing stays on the screen. */
export function clear() {
    request.abort();
    stopWaiting();
    shown = null;
    clearFailure(byId("failure"));
    render();
}

/** Shows a code as it is now: in its row, or above all others if it is new and belongs there. */
export function showCode(code) {
    if (shown === null) return;
    const at = shown.codes.findIndex(({ id }) => id === code.id);
    if (at >= 0) {
        shown.codes[at] = code;
        replaceRow(code);
    } else if (beginsWith(code)) {
        shown.codes.unshift(code);
        shown.total += 1;
        render();
    }
    byId(`row-${code.id}`)?.classList.add("fresh");
}

/**
 * Does something with a code of the list. If another person has ended the code meanwhile, its row is brought up to
 * date.
 */
export async function attempt(code, action) {
    clearFailure(byId("failure"));
    try {
        await action(code);
    } catch (error) {
        const hasEnded = error.status === 410;
        if (hasEnded) getCode(code.id).then(showCode, () => {});
        showFailure(byId("failure"), error, {
            retry: hasEnded ? undefined : () => attempt(code, action),
            more: [dismissButton()],
        });
    }
}

async function fetchPage(view, signal) {
    const query = { ...selection(view), limit: view.limit };
    if (isNumbered(view)) {
        const { data, pagination } = await listCodes({ ...query, page: view.page }, signal);
        return { codes: data, total: pagination.total };
    }
    const codes = [];
    let next = view.cursor;
    for (let calls = 0; calls < MAX_CALLS && next !== undefined && codes.length < view.limit; calls += 1) {
        const { data, pagination } = await listCodes(
            { ...query, limit: view.limit - codes.length, cursor: next },
            signal,
        );
        codes.push(...data);
        next = pagination.next_cursor;
    }
    return { codes, next };
}

function startWaiting() {
    const table = document.querySelector("table");
    table.ariaBusy = "true";
    if (shown === null) {
        byId("blank").replaceChildren();
        byId("rows").replaceChildren(...Array.from({ length: 8 }, skeletonRow));
    }
    clearTimeout(slow);
    slow = setTimeout(() => (byId("slow").textContent = "Still loading…"), SLOW_AFTER);
}

function stopWaiting() {
    clearTimeout(slow);
    byId("slow").textContent = "";
    document.querySelector("table").ariaBusy = null;
}

/** What was on the page stays there, except where the service did not understand what it is to show. */
function fail(error, view) {
    const isBesideFields = error.status === 400 && showFieldErrors(byId("filters"), error.fields);
    if (shown === null || error.status === 400) {
        shown = null;
        render();
    }
    if (isBesideFields) byId("blank").replaceChildren(el("p", {}, "Correct the field marked above."));
    else
        showFailure(byId("failure"), error, { retry: () => load(view), more: shown === null ? [] : [dismissButton()] });
}

const dismissButton = () => button({ class: "quiet", onclick: () => clearFailure(byId("failure")) }, "Dismiss");

function render() {
    const codes = shown?.codes ?? [];
    const { activeElement } = document;
    byId("rows").replaceChildren(...codes.map((code) => codeRow(code, attempt)));
    byId("blank").replaceChildren(...(shown === null || codes.length > 0 ? [] : whyBlank(shown)));
    byId("foot").hidden = shown === null || (codes.length === 0 && shown.view.page === 1 && shown.view.cursor === "");
    byId("count").textContent = shown === null ? "" : countText(shown);
    byId("pages").replaceChildren(...(shown === null ? [] : pageLinks(shown)));
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId("codes")).focus();
}

function replaceRow(code) {
    const { activeElement } = document;
    byId(`row-${code.id}`).replaceWith(codeRow(code, attempt));
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId(`menu-${code.id}`)).focus();
}

/** Whether a code that was just made is the first one of the page. */
const beginsWith = (code) =>
    isNumbered(shown.view) &&
    shown.view.page === 1 &&
    shown.view.sort === "-created_at" &&
    shown.view.code === "" &&
    ["mentor_id", "org_id", "status"].every((name) => ["", code[name]].includes(shown.view[name]));
