// The page of codes: asks for it, and shows it, or that it is loading, empty or failing. The answer that counts is that
// of the newest request; an older one is given up. A change made on this page is shown from its own answer; only where
// that does not tell what the page has then, the page is asked for again.

import { getCode } from "./api.js";
import { forgetCounts, showBar } from "./bar.js";
import { waysOn } from "./changes.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { clearFailure, showFailure, wordsOfFields } from "./failure.js";
import { beginsWith, isLink } from "./find.js";
import { countText, pageLinks, titleOf, whyBlank, words } from "./pages.js";
import { fetchFurther, fetchPage } from "./query.js";
import { codeRow, skeletonRow } from "./row.js";
import { clearSelection, showSelection } from "./select.js";
import {
    amend,
    currentView,
    firstPage,
    foundAs,
    foundBy,
    go,
    isNumbered,
    isSameList,
    isSameSelection,
    pageQuery,
} from "./state.js";
import { text } from "./words.js";

const SLOW_AFTER = 1500;

/** So many codes are looked through for a beginning at one press. */
const FURTHER_CALLS = 20;

/**
 * The newest request, the view that it is for until it is answered, with what is done then, and what is on the page: the
 * view, its codes, and their `total` or the cursor of the `next` page.
 */
let request = new AbortController();
let awaited = null;
let shown = null;
let slow;

/** What a person has typed into the field and not yet searched for: the rows are those that begin with it. */
let typed = "";

/** Whether more codes are being looked through, or will be when the page is there. */
let isLookingFurther = false;

/** What is on the page. */
export const shownPage = () => shown;

/** Shows a view. What is on the page already is not asked for again. */
export function show(view) {
    if (shown === null || awaited !== null || !isSameList(view, shown.view)) return load(view);
    shown.view = view;
    return render();
}

/** Asks for a view and shows it. `onShown` is called before it is on the page. */
export function load(view, onShown = () => {}) {
    clearFailure(byId("failure"), "list");
    return ask(view, onShown);
}

async function ask(view, onShown = () => {}, isRepeated = false) {
    request.abort();
    const mine = (request = new AbortController());
    startWaiting({ view, onShown }, isRepeated);
    try {
        const page = await fetchPage(view, mine.signal);
        if (mine.signal.aborted) return;
        onShown();
        const { ended, history } = currentView();
        shown = { ...page, view: { ...page.view, ended, history } };
        // What a text was found to be is the better URL.
        if (view.find !== "") amend(shown.view);
        typed = foundBy(shown.view);
        showFieldErrors(byId("filters"));
        stopWaiting();
        clearFailure(byId("failure"), "list");
        render();
        if (isLookingFurther) lookFurther();
    } catch (error) {
        if (mine.signal.aborted) return;
        stopWaiting();
        fail(error, view, onShown);
    }
}

/** Empties the page: without a token nothing stays on the screen. */
export function clear() {
    request.abort();
    stopWaiting();
    shown = null;
    isLookingFurther = false;
    clearFailure(byId("failure"));
    clearSelection();
    render();
}

/** Shows the rows that begin with what is typed, before it is searched for. A link is no beginning. */
export function narrow(value) {
    typed = isLink(value) ? "" : value.trim();
    if (shown !== null) arrange();
}

/** Hides the codes that have ended, or shows them again: the same view by another URL. */
export function toggleEnded() {
    const view = currentView();
    amend({ ...view, ended: view.ended === "" ? "hidden" : "" });
    show(currentView());
}

/** Shows a change made on this page: the code that it has `updated`, the one that it has `added`, or neither. */
export function showChange({ updated, added }) {
    forgetCounts();
    const isUnknown = updated === undefined && added === undefined;
    if (shown !== null && updated !== undefined) updateCode(updated);
    const isPlaced = shown === null || added === undefined || addCode(added);
    // What is on its way may be older than the change.
    if (awaited !== null) ask(awaited.view, awaited.onShown);
    // Under a status codes come and go with their changes.
    else if (shown !== null && (isUnknown || !isPlaced || shown.view.status !== "")) ask(shown.view);
}

/** Shows a code as it is now, if it is on the page. */
function updateCode(code) {
    const at = shown.codes.findIndex(({ id }) => id === code.id);
    if (at < 0) return;
    shown.codes[at] = code;
    replaceRow(code);
    arrange();
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
export async function attempt(code, action, isRepeated = false) {
    const slot = byId("failure");
    const about = `${action.name} ${code.id}`;
    if (!isRepeated) clearFailure(slot, about);
    try {
        await action(code);
        clearFailure(slot, about);
    } catch (error) {
        if (error.reason === "ended") getCode(code.id).then((updated) => showChange({ updated }), () => {});
        showFailure(slot, error, { about, retry: () => attempt(code, action, true), ...waysOn(code, error) });
    }
}

function startWaiting(next, isRepeated) {
    awaited = next;
    document.querySelector("table").ariaBusy = "true";
    if (shown === null && !isRepeated) {
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

/** What was on the page stays there if it is of the same list: another page of it, or the same one again. */
function fail(error, view, onShown) {
    const isKept = shown !== null && isSameSelection(shown.view, view) && error.status !== 400;
    if (shown !== null && !isKept) {
        shown = null;
        render();
    }
    if (!isKept) byId("rows").replaceChildren();
    isLookingFurther = false;
    const isBesideFields = error.reason === "parameter" && showFieldErrors(byId("filters"), wordsOfFields(error));
    if (isBesideFields) return byId("blank").replaceChildren(el("p", {}, text("list.correctField")));
    // A bookmark may have a cursor that is no longer one.
    const start = () => el("a", { class: "button", href: pageQuery(firstPage(view)) }, text("list.firstPage"));
    const more = error.reason === "parameter" ? [start()] : [];
    const slot = byId(isKept ? "failure" : "blank");
    showFailure(slot, error, { about: "list", retry: () => ask(view, onShown, true), more });
}

/** Looks through more codes for those that begin with the text, as far as a person has allowed with one press. */
async function lookFurther() {
    request.abort();
    const mine = (request = new AbortController());
    clearFailure(byId("failure"), "list");
    isLookingFurther = true;
    arrange();
    try {
        for (let calls = 0; calls < FURTHER_CALLS && shown.next !== undefined; calls += 1) {
            const { view, codes } = shown;
            const page = await fetchFurther(shown, mine.signal);
            if (mine.signal.aborted) return;
            shown = { ...page, view };
            byId("rows").append(...page.codes.slice(codes.length).map(rowOf));
            arrange();
        }
    } catch (error) {
        if (mine.signal.aborted) return;
        showFailure(byId("failure"), error, { about: "list", retry: lookFurther });
    }
    isLookingFurther = false;
    arrange();
}

/** The button that looks through more codes, where there are more, or the one that stops that. */
function moreButton() {
    if (isLookingFurther) {
        const stop = () => {
            request.abort();
            isLookingFurther = false;
            arrange();
        };
        return button({ id: "more", onclick: stop }, text("find.stop"));
    }
    if (shown.examined !== undefined) {
        return shown.next === undefined ? null : button({ id: "more", onclick: lookFurther }, text("find.more"));
    }
    const start = () => {
        isLookingFurther = true;
        go(foundAs(currentView(), { begins: typed }));
    };
    return isNarrowed() ? button({ id: "more", onclick: start }, text("find.more")) : null;
}

const isNarrowed = () => typed !== "" && typed !== foundBy(shown.view);

const rowOf = (code) => codeRow(code, shown, attempt);

function render() {
    const codes = shown?.codes ?? [];
    const { activeElement } = document;
    byId("rows").replaceChildren(...codes.map(rowOf));
    const isAlone =
        shown === null ||
        shown.examined !== undefined ||
        (codes.length === 0 && shown.view.page === 1 && shown.view.cursor === "");
    byId("pages").hidden = byId("size").parentElement.hidden = isAlone;
    byId("count").textContent = isAlone ? "" : countText(shown);
    byId("pages").replaceChildren(...(shown === null ? [] : pageLinks(shown)));
    arrange();
    document.title = shown === null ? text("page.title") : titleOf(shown);
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId("codes")).focus();
}

/** Leaves the rows that a person wants to see, and says which these are. */
function arrange() {
    byId("blank").replaceChildren();
    byId("bar").hidden = shown === null;
    if (shown === null) return;
    const { activeElement } = document;
    const { codes, view } = shown;
    const narrowed = isNarrowed() ? codes.filter(beginsWith(typed)) : codes;
    const visible = view.ended === "" ? narrowed : narrowed.filter(({ status }) => status === "active");
    for (const code of codes) byId(`row-${code.id}`).hidden = !visible.includes(code);
    const isBlank = visible.length === 0;
    const hidden = narrowed.length - visible.length;
    const more = moreButton();
    showBar(shown, { typed: isNarrowed() ? typed : "", count: visible.length, hidden, more: isBlank ? null : more });
    if (codes.length === 0) byId("blank").replaceChildren(...whyBlank(shown, more));
    else if (isBlank) {
        const isEnded = hidden > 0;
        const explanation = text(isEnded ? "list.allEndedText" : "list.noneHereText");
        byId("blank").replaceChildren(...words(text(isEnded ? "list.allEnded" : "list.noneHere"), explanation, more));
    }
    showSelection();
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId("codes")).focus({ preventScroll: true });
}

function replaceRow(code) {
    const { activeElement } = document;
    byId(`row-${code.id}`).replaceWith(rowOf(code));
    if (!activeElement.isConnected) (byId(activeElement.id) ?? byId(`menu-${code.id}`)).focus();
}

/** Whether a view has a code that was just made. A view of one code, or of those found by a text, has no other. */
const isIn = (view, code) =>
    [view.id, view.code, view.begins].every((sought) => sought === "") &&
    ["mentor_id", "org_id", "status"].every((name) => ["", code[name]].includes(view[name]));

/** Whether a view begins with the newest code. */
const isFirstOf = (view) => isNumbered(view) && view.page === 1 && view.sort === "-created_at";
