// Starts the page and connects its parts: filters to the URL, the URL to the list, buttons to their dialogs, the token to all.

import { onUnauthorized } from "./api.js";
import { create, onChange } from "./changes.js";
import { closeDialogs, isDialogOpen, openDialog, setUpDialogs } from "./dialogs.js";
import { byId, el, showFieldErrors } from "./dom.js";
import { openExport } from "./export.js";
import { clearFailure, showFailure } from "./failure.js";
import { clear, load, showCode, shownTotal } from "./list.js";
import { currentView, firstPage, go, isFiltered, isSameView, onView, pageQuery, unfiltered, viewOf } from "./state.js";
import { forgetToken, hasToken, keepToken } from "./token.js";

const filters = byId("filters");
const tokenDialog = byId("token");
const takesToken = document.documentElement.dataset.access === "jwt";

function start() {
  setUpDialogs();
  setUpFilters();
  setUpToken();
  onView(show);
  onChange(showCode);
  byId("new-button").addEventListener("click", () => create(currentView()));
  byId("export-button").addEventListener("click", () => openExport(currentView(), shownTotal()));
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
  byId("clear")?.remove();
  if (isFiltered(view)) filters.querySelector(".buttons").append(el("a", { id: "clear", class: "button quiet", href: pageQuery(unfiltered(view)) }, "Clear filters"));
  if (takesToken && !hasToken()) askForToken();
  else load(view);
}

function setUpFilters() {
  const apply = () => {
    const view = { ...firstPage(currentView()), ...Object.fromEntries([...new FormData(filters)].map(([name, value]) => [name, value.trim()])) };
    if (isSameView(view, currentView())) return false;
    go(view);
    return true;
  };
  filters.addEventListener("submit", (event) => {
    event.preventDefault();
    // Pressed without a change, Search asks again.
    if (!apply()) show(currentView());
  });
  // A choice counts at once, and so does a text that is emptied. Another text is complete when Enter or Search says so.
  filters.addEventListener("change", (event) => event.target.matches("select") && apply());
  filters.addEventListener("input", (event) => event.target.value === "" && apply());
  byId("filters-button").addEventListener("click", () => openFilters(!filters.classList.contains("open")));
  byId("size").addEventListener("change", (event) => go({ ...firstPage(currentView()), limit: Number(event.target.value) }));
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
  if (!isPage) return;
  byId("codes").focus({ preventScroll: true });
  byId("codes").scrollIntoView({ block: "start" });
}

function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isDialogOpen() || event.target.closest("input, select")) return;
  event.preventDefault();
  filters.elements.code.select();
  filters.elements.code.focus();
}

function setUpToken() {
  const form = tokenDialog.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isToken = keepToken(form.elements.token.value);
    form.reset();
    showFieldErrors(form, isToken ? {} : { token: "must be a token: letters, digits, and . _ ~ + / - in one word" });
    if (!isToken) return;
    byId("sign-out").hidden = false;
    tokenDialog.close();
    load(currentView());
  });
  tokenDialog.addEventListener("close", () => {
    form.reset();
    if (!hasToken()) showSignedOut();
  });
  byId("sign-out").addEventListener("click", () => {
    forgetToken();
    closeDialogs();
    askForToken();
  });
  onUnauthorized(askForToken);
}

/** Asks for a token. `refusal` is why the service did not take the one before. */
function askForToken(refusal) {
  byId("sign-out").hidden = true;
  if (tokenDialog.open) return;
  clear();
  showFieldErrors(tokenDialog.querySelector("form"));
  const slot = tokenDialog.querySelector(".failure");
  clearFailure(slot);
  if (refusal !== undefined) showFailure(slot, refusal);
  openDialog(tokenDialog);
}

/** The page of a person who has closed the question for a token. */
function showSignedOut() {
  byId("starting").hidden = true;
  byId("blank").replaceChildren(
    el("h2", {}, "A token is needed"),
    el("p", {}, "The codes are shown to holders of an access token."),
    el("div", { class: "buttons" }, el("button", { type: "button", class: "primary", onclick: () => askForToken() }, "Enter a token")),
  );
}

start();
