// Starts the page and connects its parts: the filters to the URL, the URL to the list, the buttons to their dialogs.

import { create, onChange } from "./changes.js";
import { isDialogOpen, setUpDialogs } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { openExport } from "./export.js";
import { load, showCode, totalOf } from "./list.js";
import { askForToken, isSignInNeeded, setUpSignIn } from "./signin.js";
import { currentView, firstPage, go, isFiltered, isSameView, onView, pageQuery, unfiltered, viewOf } from "./state.js";

const filters = byId("filters");

function start() {
    byId("starting").hidden = true;
    setUpDialogs();
    setUpFilters();
    setUpSignIn(() => load(currentView()));
    onView(show);
    onChange(showCode);
    byId("new-button").addEventListener("click", () => create(currentView()));
    byId("export-button").addEventListener("click", () => openExport(currentView(), totalOf(currentView())));
    byId("codes").addEventListener("click", followLink);
    filters.addEventListener("click", followLink);
    addEventListener("keydown", focusSearch);
    show(currentView());
}

/** Shows a view: in the fields, and in the list. */
function show(view) {
    for (const name of ["code", "mentor_id", "org_id", "status", "sort"]) filters.elements[name].value = view[name];
    byId("size").value = view.limit;
    if (["mentor_id", "org_id", "status"].some((name) => view[name] !== "")) openFilters(true);
    showClearFilters(view);
    if (isSignInNeeded()) askForToken();
    else load(view);
}

/** A link that leads to the view without filters, where there are any. */
function showClearFilters(view) {
    byId("clear")?.remove();
    if (!isFiltered(view)) return;
    const attributes = { id: "clear", class: "button quiet", href: pageQuery(unfiltered(view)) };
    filters.querySelector(".buttons").append(el("a", attributes, "Clear filters"));
}

/** Goes to the view that the fields describe. False if that is the view already. */
function applyFilters() {
    const values = [...new FormData(filters)].map(([name, value]) => [name, value.trim()]);
    const view = { ...firstPage(currentView()), ...Object.fromEntries(values) };
    if (isSameView(view, currentView())) return false;
    go(view);
    return true;
}

function setUpFilters() {
    filters.addEventListener("submit", (event) => {
        event.preventDefault();
        // Pressed without a change, Search asks again.
        if (!applyFilters()) show(currentView());
    });
    // A choice counts at once, and so does a text that is emptied. Enter or Search says that another text is complete.
    filters.addEventListener("change", (event) => event.target.matches("select") && applyFilters());
    filters.addEventListener("input", (event) => event.target.value === "" && applyFilters());
    byId("filters-button").addEventListener("click", () => openFilters(!filters.classList.contains("open")));
    byId("size").addEventListener("change", ({ target }) => {
        go({ ...firstPage(currentView()), limit: Number(target.value) });
    });
}

/** On a phone the filters beside the code are folded away while none of them is set. */
function openFilters(isOpen) {
    filters.classList.toggle("open", isOpen);
    byId("filters-button").ariaExpanded = String(isOpen);
}

/** Links to another view of this page need no reload. With a modifier key the browser opens a tab, as with any link. */
function followLink(event) {
    const link = event.target.closest('a[href^="?"]');
    if (link === null || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const isPage = byId("pages").contains(link);
    go(viewOf(link.search));
    // The link itself is drawn anew.
    byId("codes").focus({ preventScroll: true });
    if (isPage) byId("codes").scrollIntoView();
}

function focusSearch(event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isDialogOpen() || event.target.closest("input, select")) return;
    event.preventDefault();
    filters.elements.code.select();
    filters.elements.code.focus();
}

start();
