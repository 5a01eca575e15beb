// Starts the page and connects its parts: the filters to the URL, the URL to the list, the buttons to their dialogs.

import { onBusy } from "./api.js";
import { create, onChange } from "./changes.js";
import { closeDialogs, setUpDialogs } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { openEndMany } from "./end-many.js";
import { openExport } from "./export.js";
import { showHistory } from "./history.js";
import { openLabels } from "./labels.js";
import { load, narrow, show, showChange, shownPage, toggleEnded } from "./list.js";
import { openMany, resumeMany, setUpMany } from "./many.js";
import { setUpSelection } from "./select.js";
import { askForToken, isSignInNeeded, setUpSignIn } from "./signin.js";
import {
    currentView,
    enter,
    firstPage,
    foundAs,
    foundBy,
    go,
    isFiltered,
    isSameList,
    isSameView,
    onView,
    pageQuery,
    unfiltered,
    viewOf,
} from "./state.js";
import { switchLanguage, text, translatePage } from "./words.js";

const filters = byId("filters");

function start() {
    translatePage();
    setUpDialogs();
    setUpFilters();
    setUpSelection();
    setUpMany();
    setUpSignIn(() => showView(currentView()));
    onView(showView);
    onChange(showChange);
    onBusy((isBusy) => (byId("busy").hidden = !isBusy));
    byId("many-button").addEventListener("click", () => {
        byId("create").close();
        openWith(openMany);
    });
    byId("end-many-button").addEventListener("click", openEndMany);
    byId("labels-button").addEventListener("click", openLabels);
    byId("language").addEventListener("click", () => {
        switchLanguage();
        showView(currentView(), true);
    });
    byId("ended").addEventListener("click", toggleEnded);
    byId("new-button").addEventListener("click", () => openWith(create));
    byId("export-button").addEventListener("click", () => openWith(exportView));
    document.querySelector(".skip").addEventListener("click", skip);
    document.addEventListener("click", followLink);
    byId("busy").hidden = true;
    showView(currentView());
    // From here on the page speaks for itself.
    byId("starting").hidden = true;
}

/** Opens what calls the service, once there is a token where it takes one. */
function openWith(open) {
    if (isSignInNeeded()) askForToken();
    else open(currentView());
}

/** The API does not select by id: the code itself does that. */
function exportView(view) {
    const page = shownPage();
    const isShown = page !== null && isSameList(page.view, view);
    const code = view.id !== "" && isShown ? page.codes[0]?.code : view.code;
    openExport({ ...view, code: code ?? "" }, isShown ? page.total : undefined);
}

/** Goes to the codes as the link would, without an entry in the browser's history. */
function skip(event) {
    event.preventDefault();
    byId("codes").focus();
}

/** Shows a view: in the fields, in the list, and the history that is open. `isAsked` asks for the codes again. */
function showView(view, isAsked = false) {
    filters.elements.find.value = foundBy(view);
    for (const name of ["org_id", "status", "sort"]) filters.elements[name].value = view[name];
    byId("size").value = view.limit;
    if (["org_id", "status"].some((name) => view[name] !== "")) openFilters(true);
    narrow(foundBy(view));
    showClearFilters(view);
    if (isSignInNeeded()) return askForToken();
    if (isAsked) load(view);
    else show(view);
    showHistory(view.history);
    resumeMany();
}

/** A link that leads to the view without filters, where there are any. */
function showClearFilters(view) {
    byId("clear")?.remove();
    if (!isFiltered(view)) return;
    const attributes = { id: "clear", class: "button quiet", href: pageQuery(unfiltered(view)) };
    filters.querySelector(".buttons").append(el("a", attributes, text("filter.clear")));
}

/** Goes to the view that the fields describe. False if that is the view already. */
function applyFilters() {
    const current = currentView();
    const { find, ...others } = Object.fromEntries([...new FormData(filters)].map(([name, value]) => [name, value.trim()]));
    // What a text was found to be stays so while it is the same.
    const found = find === foundBy(current) ? firstPage(current) : foundAs(current, { find });
    const view = { ...found, ...others };
    if (!["", "active"].includes(view.status)) view.ended = "";
    if (isSameView(view, current)) return false;
    go(view);
    return true;
}

function setUpFilters() {
    filters.addEventListener("submit", (event) => {
        event.preventDefault();
        // Pressed without a change, Search asks again.
        if (!applyFilters()) showView(currentView(), true);
    });
    // A choice counts at once, and so does a text that is emptied. Enter or Search says that another text is complete.
    filters.addEventListener("change", (event) => event.target.matches("select") && applyFilters());
    filters.addEventListener("input", ({ target }) => {
        if (target.value === "" && applyFilters()) return;
        if (target.name === "find") narrow(target.value);
    });
    // What was just copied elsewhere is found at one press, wherever the focus is.
    addEventListener("paste", ({ target, clipboardData }) => {
        if (target.closest("input, textarea, dialog") !== null) return;
        filters.elements.find.value = clipboardData.getData("text").trim();
        filters.requestSubmit();
    });
    byId("filters-button").addEventListener("click", () => openFilters(!filters.classList.contains("open")));
    byId("size").addEventListener("change", ({ target }) => {
        go({ ...firstPage(currentView()), limit: Number(target.value) });
    });
}

/** On a phone the filters beside the field are folded away while none of them is set. */
function openFilters(isOpen) {
    filters.classList.toggle("open", isOpen);
    byId("filters-button").ariaExpanded = String(isOpen);
}

/** Links to another view of this page need no reload. With a modifier key the browser opens a tab, as with any link. */
function followLink(event) {
    const link = event.target.closest('a[href^="?"]');
    if (link === null || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const view = viewOf(link.search);
    // Another page is entered once it is there: until then, and if it cannot be had, this one stays.
    if (byId("pages").contains(link)) {
        const turn = () => {
            enter(view);
            byId("codes").scrollIntoView();
        };
        load(view, turn);
        return;
    }
    closeDialogs();
    if (!isSameView(view, currentView())) go(view);
    // The link itself is drawn anew.
    if (view.history === "") byId("codes").focus({ preventScroll: true });
}

start();
