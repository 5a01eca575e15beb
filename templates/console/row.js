// One code as a row of the table, and as a card on a phone: the same cells, laid out by the style sheet. The roles are
// written out because a browser forgets them where a table is laid out as anything else.

import { linkOf } from "./api.js";
import { invalidate, rotate } from "./changes.js";
import { button, codeName, el, icon, statusPill, time } from "./dom.js";
import { openHistory } from "./history.js";
import { canShare, copyCode, copyLink, shareLink, showQr } from "./links.js";
import { toggleMenu } from "./menu.js";
import { ofMentor, ofOrganisation, pageQuery } from "./state.js";
import { parts, text } from "./words.js";

/** The row of a code in a view. `attempt` runs what a button does, and shows it if that fails. */
export function codeRow(code, view, attempt) {
    const expires = code.expires_at === null ? el("span", { class: "soft" }, text("code.never")) : time(code.expires_at);
    return el(
        "tr",
        { role: "row", id: `row-${code.id}` },
        cell("code-cell", text("code.code"), codeName(code.code), note(code)),
        cell("mentor", text("code.mentor"), idLink(code.mentor_id, ofMentor(view, code.mentor_id))),
        cell("org", text("code.organisation"), idLink(code.org_id, ofOrganisation(view, code.org_id))),
        cell("status-cell", text("code.status"), statusPill(code.status)),
        cell("created", text("code.created"), time(code.created_at)),
        cell("expires", text("code.expires"), expires),
        cell("actions", text("code.actions"), code.status === "active" && copyButton(code, attempt), menuButton(code, attempt)),
    );
}

/** A row that is not there yet: a grey bar in each cell. */
export function skeletonRow() {
    const cells = Array.from({ length: 7 }, () => el("td", { role: "cell" }, el("span")));
    return el("tr", { role: "row", class: "skeleton", "aria-hidden": "true" }, cells);
}

/** `label` is the name of the column, which a card shows beside the value. */
const cell = (name, label, ...content) => el("td", { role: "cell", class: name, "data-column": label }, ...content);

/** What became of the code, or where it comes from. */
function note({ status, previous_code, rotated_at, invalidated_at }) {
    const inNote = (key, values) => el("span", { class: "note" }, parts(key, values));
    if (status === "rotated") return inNote("code.replaced", { time: time(rotated_at) });
    if (status === "invalidated") return inNote("code.invalidated", { time: time(invalidated_at) });
    return previous_code && inNote("code.replaces", { code: previous_code });
}

function idLink(id, view) {
    return el("a", { class: "id", href: pageQuery(view), title: text("code.showOnly", { id }), translate: "no" }, id);
}

function copyButton(code, attempt) {
    const names = { class: "copy", id: `copy-${code.id}`, "aria-label": text("action.copyLinkOf", code) };
    return button({ ...names, onclick: () => attempt(code, copyLink) }, icon("link"), text("action.copyLink"));
}

function menuButton(code, attempt) {
    const names = { class: "quiet square", id: `menu-${code.id}`, "aria-label": text("code.actionsFor", code) };
    const toggle = ({ currentTarget }) => toggleMenu(currentTarget, actionsOf(code, attempt));
    return button({ ...names, "aria-haspopup": "menu", "aria-expanded": "false", onclick: toggle }, icon("more"));
}

/** A code that has ended has no link to hand out and nothing left to end. */
function actionsOf(code, attempt) {
    const isActive = code.status === "active";
    return [
        { label: text("action.copyCode"), picture: "copy", run: () => attempt(code, copyCode) },
        isActive && { label: text("action.openLink"), picture: "open", href: linkOf(code.code) },
        isActive && canShare() && { label: text("action.share"), picture: "share", run: () => attempt(code, shareLink) },
        isActive && { label: text("action.showQr"), picture: "qr", run: () => showQr(code) },
        { label: text("action.history"), picture: "expired", run: () => openHistory(code.mentor_id) },
        isActive && { label: text("action.rotate"), picture: "rotated", run: () => rotate(code) },
        isActive && { label: text("action.invalidate"), picture: "invalidated", run: () => invalidate(code), isGrave: true },
    ].filter((item) => item !== false);
}
