// One code as a row of the table, and as a card on a phone: the same cells, laid out by the style sheet. The roles are written
// out because a browser forgets them where a table is laid out as anything else.

import { linkOf } from "./api.js";
import { invalidate, rotate } from "./changes.js";
import { el, icon, statusPill, time } from "./dom.js";
import { openHistory } from "./history.js";
import { canShare, copyCode, copyLink, shareLink, showQr } from "./links.js";
import { toggleMenu } from "./menu.js";
import { currentView, ofMentor, ofOrganisation, pageQuery } from "./state.js";

/** The row of a code. `attempt` runs what a button does, and shows it if that fails. */
export function codeRow(code, attempt) {
  const cell = (name, label, ...content) => el("td", { role: "cell", class: name, "data-label": label }, ...content);
  const view = currentView();
  return el(
    "tr",
    { role: "row", id: `row-${code.id}` },
    cell("code-cell", "Code", el("span", { class: "code", translate: "no" }, code.code), note(code)),
    cell("mentor", "Mentor", idLink(code.mentor_id, ofMentor(view, code.mentor_id))),
    cell("org", "Organisation", idLink(code.org_id, ofOrganisation(view, code.org_id))),
    cell("status-cell", "Status", statusPill(code.status)),
    cell("created", "Created", time(code.created_at)),
    cell("expires", "Expires", code.expires_at === null ? el("span", { class: "soft" }, "Never") : time(code.expires_at)),
    cell("actions", null, code.status === "active" && copyButton(code, attempt), menuButton(code, attempt)),
  );
}

/** A rectangle for each cell of a row that is not there yet. */
export const skeletonRow = () =>
  el("tr", { role: "row", class: "skeleton", "aria-hidden": "true" }, Array.from({ length: 7 }, () => el("td", { role: "cell" }, el("span"))));

function note({ status, previous_code, rotated_at, invalidated_at }) {
  const text =
    status === "rotated" ? ["Replaced ", time(rotated_at)]
    : status === "invalidated" ? ["Invalidated ", time(invalidated_at)]
    : previous_code !== undefined ? ["Replaces ", previous_code]
    : null;
  return text && el("span", { class: "note" }, text);
}

const idLink = (id, view) => el("a", { class: "id", href: pageQuery(view), title: `Show only ${id}`, translate: "no" }, id);

const copyButton = (code, attempt) =>
  el(
    "button",
    { type: "button", class: "copy", id: `copy-${code.id}`, "aria-label": `Copy link of ${code.code}`, onclick: () => attempt(code, copyLink) },
    icon("link"),
    "Copy link",
  );

function menuButton(code, attempt) {
  const attributes = { "aria-label": `Actions for ${code.code}`, "aria-haspopup": "menu", "aria-expanded": "false" };
  const open = ({ currentTarget }) => toggleMenu(currentTarget, actionsOf(code, attempt));
  return el("button", { type: "button", class: "quiet square", id: `menu-${code.id}`, ...attributes, onclick: open }, icon("more"));
}

/** A code that has ended has no link to hand out and nothing left to end. */
function actionsOf(code, attempt) {
  const isActive = code.status === "active";
  return [
    { label: "Copy code", picture: "copy", run: () => attempt(code, copyCode) },
    isActive && { label: "Open link", picture: "open", href: linkOf(code.code) },
    isActive && canShare() && { label: "Share link…", picture: "share", run: () => attempt(code, shareLink) },
    isActive && { label: "Show QR code", picture: "qr", run: () => showQr(code) },
    { label: "History of this mentor", picture: "expired", run: () => openHistory(code.mentor_id) },
    isActive && { label: "Rotate…", picture: "rotated", run: () => rotate(code) },
    isActive && { label: "Invalidate…", picture: "invalidated", run: () => invalidate(code), isGrave: true },
  ].filter((item) => item !== false);
}
