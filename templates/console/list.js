// The page of codes: asks for it, and shows it, or that it is loading, empty or failing. The answer that counts is that of the
// newest request; an older one is given up. A change made on this page is shown from its own answer, not by asking again.

import { getCode, listCodes } from "./api.js";
import { byId, el, number, plural, showFieldErrors } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { codeRow, skeletonRow } from "./row.js";
import { firstPage, isFiltered, isNumbered, pageQuery, previousCursor, selection, unfiltered } from "./state.js";

/** Under a status each call of the API looks through some 500 codes. A page gives up after so many calls. */
const MAX_CALLS = 8;
const SLOW_AFTER = 1500;

/** The newest request, and what is on the page: the view, its codes, and their `total` or the cursor of the `next` page. */
let request = new AbortController();
let shown = null;
let slow;

export const shownTotal = () => shown?.total;

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

/** Does something with a code of the list. If another person has ended the code meanwhile, its row is brought up to date. */
export async function attempt(code, action) {
  clearFailure(byId("failure"));
  try {
    await action(code);
  } catch (error) {
    showFailure(byId("failure"), error, { retry: () => attempt(code, action), more: [dismissButton()] });
    if (error.status === 410) getCode(code.id).then(showCode, () => {});
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
    const { data, pagination } = await listCodes({ ...query, limit: view.limit - codes.length, cursor: next }, signal);
    codes.push(...data);
    next = pagination.next_cursor;
  }
  return { codes, next };
}

function startWaiting() {
  const table = document.querySelector("table");
  table.ariaBusy = "true";
  byId("starting").hidden = true;
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
  else showFailure(byId("failure"), error, { retry: () => load(view), more: shown === null ? [] : [dismissButton()] });
}

const dismissButton = () => el("button", { type: "button", class: "quiet", onclick: () => clearFailure(byId("failure")) }, "Dismiss");

function render() {
  const codes = shown?.codes ?? [];
  const hadFocus = byId("codes").contains(document.activeElement) ? document.activeElement.id : null;
  byId("rows").replaceChildren(...codes.map((code) => codeRow(code, attempt)));
  byId("blank").replaceChildren(...(shown === null || codes.length > 0 ? [] : blank()));
  byId("foot").hidden = shown === null || (codes.length === 0 && shown.view.page === 1 && shown.view.cursor === "");
  byId("count").textContent = shown === null ? "" : countText();
  byId("pages").replaceChildren(...(shown === null ? [] : pages()));
  if (hadFocus !== null && document.activeElement === document.body) (byId(hadFocus) ?? byId("codes")).focus();
}

function replaceRow(code) {
  const row = byId(`row-${code.id}`);
  const hadFocus = row.contains(document.activeElement) ? document.activeElement.id : null;
  row.replaceWith(codeRow(code, attempt));
  if (hadFocus !== null) (byId(hadFocus) ?? byId(`menu-${code.id}`)).focus();
}

/** Whether a code that was just made is the first one of the page. */
const beginsWith = (code) =>
  isNumbered(shown.view) && shown.view.page === 1 && shown.view.sort === "-created_at" && shown.view.code === "" &&
  ["mentor_id", "org_id", "status"].every((name) => ["", code[name]].includes(shown.view[name]));

function countText() {
  const { view, codes, total } = shown;
  if (codes.length === 0) return "No codes";
  if (total === undefined) return `${plural(codes.length, "code")} on this page`;
  const first = (view.page - 1) * view.limit + 1;
  return codes.length === total ? plural(total, "code") : `${number(first)}–${number(first + codes.length - 1)} of ${plural(total, "code")}`;
}

/** Why there is no row, and the way on. */
function blank() {
  const { view, total, next } = shown;
  const link = (label, target) => el("a", { class: "button", href: pageQuery(target) }, label);
  const newCode = el("button", { type: "button", class: "primary", onclick: () => byId("new-button").click() }, "New code");
  const words = (title, text, ...buttons) => [el("h2", {}, title), el("p", {}, text), el("div", { class: "buttons" }, buttons)];
  if (next !== undefined) return words("None found so far", "Many codes were looked through. There are more.", link("Keep looking", { ...view, cursor: next }), link("Clear filters", unfiltered(view)));
  if (total > 0 || view.cursor !== "") return words("Nothing on this page", "The codes end before it.", link("First page", firstPage(view)));
  if (isFiltered(view)) return words("No codes match", "A mentor and an organisation are found by their whole ID.", link("Clear filters", unfiltered(view)));
  return words("No codes yet", "A code belongs to one mentor, who invites others with it. Make the first one.", newCode);
}

function pages() {
  const { view, total, next } = shown;
  const link = (label, target, attributes) => el("a", { href: pageQuery(target), ...attributes }, label);
  const step = (label, target) => (target === undefined ? el("span", { class: "off" }, label) : link(label, target));
  if (total === undefined) {
    return [
      step("Previous", view.cursor === "" ? undefined : { ...view, cursor: previousCursor() }),
      step("Next", next === undefined ? undefined : { ...view, cursor: next }),
    ];
  }
  const last = Math.max(1, Math.ceil(total / view.limit));
  const to = (page) => ({ ...view, page });
  const numbers = [...new Set([1, view.page - 1, view.page, view.page + 1, last])].filter((page) => page >= 1 && page <= last);
  return [
    step("Previous", view.page > 1 ? to(Math.min(view.page - 1, last)) : undefined),
    ...numbers.flatMap((page, at) => [
      at > 0 && page > numbers[at - 1] + 1 && el("span", { class: "gap" }, "…"),
      link(number(page), to(page), { "aria-label": `Page ${page}`, "aria-current": page === view.page && "page" }),
    ]).filter(Boolean),
    step("Next", view.page < last ? to(view.page + 1) : undefined),
  ];
}
