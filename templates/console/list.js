// The page of codes: asks for it, and shows it, or that it is loading, empty or failing. The answer that counts is that
// of the newest request; an older one is given up. A change made on this page is shown from its own answer; only where
// that does not tell what the page has then, the page is asked for again.

import { getCode, listCodes } from "./api.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { clearFailure, dismissButton, showFailure } from "./failure.js";
import { openHistory } from "./history.js";
import { countText, pageLinks, whyBlank } from "./pages.js";
import { codeRow, skeletonRow } from "./row.js";
import { firstPage, isNumbered, isSameView, pageQuery, selection } from "./state.js";
import { text } from "./words.js";

/** Under a status each call of the API looks through some 500 codes. A page gives up after so many calls. */
const MAX_CALLS = 8;
const SLOW_AFTER = 1500;

/**
 * The newest request, the view that it is for until it is answered, and what is on the page: the view, its codes, and
 * their `total` or the cursor of the `next` page.
 */
let request = new AbortController();
let awaited = null;
let shown = null;
let slow;

/** How many codes a view has, if that is known. */
export const totalOf = (view) => (shown !== null && isSameView(shown.view, view) ? shown.total : undefined);

/** Asks for a view and shows it. What went wrong before was about another request. */
export function load(view) {
    clearFailure(byId("failure"));
    return ask(view);
}

async function ask(view) {
    request.abort();
    const mine = (request = new AbortController());
    startWaiting(view);
    try {
        const page = await fetchPage(view, mine.signal);
        if (mine.signal.aborted) return;
        shown = { view, ...page };
        showFieldErrors(byId("filters"));
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

/** Shows a change made on this page: the code that it has `updated`, the one that it has `added`, or neither. */
export function showChange({ updated, added }) {
    const isUnknown = updated === undefined && added === undefined;
    if (shown !== null && updated !== undefined) updateCode(updated);
    const isPlaced = shown === null || added === undefined || addCode(added);
    // What is on its way may be older than the change.
    if (awaited !== null) ask(awaited);
    // Under a status codes come and go with their changes.
    else if (shown !== null && (isUnknown || !isPlaced || shown.view.status !== "")) ask(shown.view);
}

/** Shows a code as it is now, if it is on the page. */
function updateCode(code) {
    const at = shown.codes.findIndex(({ id }) => id === code.id);
    if (at < 0) return;
    shown.codes[at] = code;
    replaceRow(code);
    byId(`row-${code.id}`).classList.add("fresh");
}

/** Shows a code that was just made. False if the page must be asked for again to know its place. */
function addCode(code) {
    if (shown.codes.some(({ id }) => id === code.id) || !isIn(shown.view, code)) return true;
    if (!isFirstOf(shown.view)) return false;
    shown.codes = [code, ...shown.codes].slice(0, shown.view.limit);
    shown.total += 1;
    render();
    byId(`row-${code.id}`).classList.add("fresh");
    return true;
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
        if (hasEnded) getCode(code.id).then((updated) => showChange({ updated }), () => {});
        const history = button({ onclick: () => openHistory(code.mentor_id) }, text("action.history"));
        const further = hasEnded ? { more: [history, dismissButton()] } : { retry: () => attempt(code, action), more: [dismissButton()] };
        showFailure(byId("failure"), error, further);
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

function startWaiting(view) {
    awaited = view;
    const table = document.querySelector("table");
    table.ariaBusy = "true";
    if (shown === null) {
        byId("blank").replaceChildren();
        byId("rows").replaceChildren(...Array.from({ length: 8 }, skeletonRow));
    }
    clearTimeout(slow);
    slow = setTimeout(() => (byId("slow").textContent = text("say.stillLoading")), SLOW_AFTER);
}

function stopWaiting() {
    awaited = null;
    clearTimeout(slow);
    byId("slow").textContent = "";
    document.querySelector("table").ariaBusy = null;
}

/** What was on the page stays there if it is of the same view, and the service understood what it is to show. */
function fail(error, view) {
    const isBesideFields = error.status === 400 && showFieldErrors(byId("filters"), error.fields);
    if (shown === null || error.status === 400 || !isSameView(shown.view, view)) {
        shown = null;
        render();
    }
    if (isBesideFields) byId("blank").replaceChildren(el("p", {}, text("list.correctField")));
    else {
        // A bookmark may have a cursor that is no longer one.
        const isOfCursor = error.status === 400 && "cursor" in error.fields;
        const start = isOfCursor && el("a", { class: "button", href: pageQuery(firstPage(view)) }, text("list.firstPage"));
        showFailure(byId("failure"), error, { retry: () => load(view), more: [start, shown !== null && dismissButton()] });
    }
}

function render() {
    const codes = shown?.codes ?? [];
    const { activeElement } = document;
    byId("rows").replaceChildren(...codes.map((code) => codeRow(code, shown.view, attempt)));
    byId("blank").replaceChildren(...(shown === null || codes.length > 0 ? [] : whyBlank(shown)));
    const isAlone = shown === null || (codes.length === 0 && shown.view.page === 1 && shown.view.cursor === "");
    byId("pages").hidden = byId("size").parentElement.hidden = isAlone;
    byId("count").textContent = isAlone ? "" : countText(shown);
    byId("pages").replaceChildren(...(shown === null ? [] : pageLinks(shown)));
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId("codes")).focus();
}

function replaceRow(code) {
    const { activeElement } = document;
    byId(`row-${code.id}`).replaceWith(codeRow(code, shown.view, attempt));
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId(`menu-${code.id}`)).focus();
}

/** Whether a view has a code that was just made. A view of one code has no other. */
const isIn = (view, code) =>
    view.code === "" && ["mentor_id", "org_id", "status"].every((name) => ["", code[name]].includes(view[name]));

/** Whether a view begins with the newest code. */
const isFirstOf = (view) => isNumbered(view) && view.page === 1 && view.sort === "-created_at";
