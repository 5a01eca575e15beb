// Starts the page and connects its parts: the filters to the URL, the URL to the list, the buttons to their dialogs.

import { create, onChange } from "./changes.js";
import { setUpDialogs } from "./dialogs.js";
import { byId, el } from "./dom.js";
import { openExport } from "./export.js";
import { load, showChange, totalOf } from "./list.js";
import { askForToken, isSignInNeeded, setUpSignIn } from "./signin.js";
import { currentView, firstPage, go, isFiltered, isSameView, onView, pageQuery, unfiltered, viewOf } from "./state.js";
import { switchLanguage, text, translatePage } from "./words.js";

const filters = byId("filters");

function start() {
    translatePage();
    setUpDialogs();
    setUpFilters();
    setUpSignIn(() => load(currentView()));
    onView(show);
    onChange(showChange);
    byId("new-button").addEventListener("click", () => openWith(create));
    byId("export-button").addEventListener("click", () => openWith((view) => openExport(view, totalOf(view))));
    document.querySelector(".skip").addEventListener("click", skip);
    byId("codes").addEventListener("click", followLink);
    filters.addEventListener("click", followLink);
    byId("language").addEventListener("click", () => {
        switchLanguage();
        show(currentView());
    });
    show(currentView());
    // From here on the page speaks for itself.
    byId("starting").hidden = true;
}

/** Opens what calls the service, once there is a token where it takes one. */
function openWith(open) {
    if (isSignInNeeded()) askForToken();
    else open(currentView());
}

/** Goes to the codes as the link would, without an entry in the browser's history. */
function skip(event) {
    event.preventDefault();
    byId("codes").focus();
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
    filters.querySelector(".buttons").append(el("a", attributes, text("filter.clear")));
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
    const view = viewOf(link.search);
    if (!isSameView(view, currentView())) go(view);
    // The link itself is drawn anew.
    byId("codes").focus({ preventScroll: true });
    if (isPage) byId("codes").scrollIntoView();
}

start();
