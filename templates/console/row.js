// One code as a row of the table, and as a card on a phone: the same cells, laid out by the style sheet. The roles are
// written out because a browser forgets them where a table is laid out as anything else.

import { linkOf } from "./api.js";
import { create, invalidate, rotate } from "./changes.js";
import { showDetails } from "./details.js";
import { button, codeName, el, icon, statusPill, time } from "./dom.js";
import { canShare, copyCode, copyLink, shareLink } from "./links.js";
import { toggleMenu } from "./menu.js";
import { showQr } from "./qr.js";
import { selectBox } from "./select.js";
import { ofActive, ofCode, ofHistory, ofMentor, ofOrganisation, pageQuery, unfiltered } from "./state.js";
import { parts, text } from "./words.js";

/** The row of a code of a page. `attempt` runs what a button does, and shows it if that fails. */
export function codeRow(code, page, attempt) {
    const { view } = page;
    const expires = code.expires_at === null ? el("span", { class: "soft" }, text("code.never")) : time(code.expires_at);
    return el(
        "tr",
        { role: "row", id: `row-${code.id}` },
        cell("code-cell", text("code.code"), selectBox(code), codeName(code.code), note(code, page)),
        cell("mentor", text("code.mentor"), idLink(code.mentor_id, ofMentor(view, code.mentor_id))),
        cell("org", text("code.organisation"), idLink(code.org_id, ofOrganisation(view, code.org_id))),
        cell("status-cell", text("code.status"), statusPill(code.status)),
        cell("created", text("code.created"), time(code.created_at)),
        cell("expires", text("code.expires"), expires),
        cell("actions", text("code.actions"), firstAction(code, view, attempt), menuButton(code, view, attempt)),
    );
}

/** A row that is not there yet: a grey bar in each cell. */
export function skeletonRow() {
    const cells = Array.from({ length: 7 }, () => el("td", { role: "cell" }, el("span")));
    return el("tr", { role: "row", class: "skeleton", "aria-hidden": "true" }, cells);
}

/** `label` is the name of the column, which a card shows beside the value. */
const cell = (name, label, ...content) => el("td", { role: "cell", class: name, "data-column": label }, ...content);

/** What became of the code, or where it comes from, with the way there. */
function note({ status, previous_code, rotated_at, invalidated_at, successor_id }, { view, codes }) {
    const inNote = (key, values) => el("span", { class: "note" }, parts(key, values));
    const link = (label, target) => el("a", { href: pageQuery(target) }, label);
    if (status === "rotated") {
        const known = codes.find(({ id }) => id === successor_id);
        const successor = link(known ? codeName(known.code) : text("code.itsSuccessor"), ofCode(view, successor_id));
        return inNote("code.replacedBy", { time: time(rotated_at), successor });
    }
    if (status === "invalidated") return inNote("code.invalidated", { time: time(invalidated_at) });
    if (previous_code === undefined) return null;
    const previous = link(codeName(previous_code), { ...unfiltered(view), code: previous_code, ended: "" });
    return inNote("code.replaces", { code: previous });
}

function idLink(id, view) {
    return el("a", { class: "id", href: pageQuery(view), title: text("code.showOnly", { id }), translate: "no" }, el("span", {}, id));
}

/** What is done most with such a code: an active one is shared; one that has ended leads to the one in its place. */
function firstAction(code, view, attempt) {
    const { id, status, mentor_id } = code;
    const named = (label) => ({ class: "button copy", id: `copy-${id}`, "aria-label": label, title: label });
    if (status === "active") {
        const copy = { ...named(text("action.copyLinkOf", code)), onclick: () => attempt(code, copyLink) };
        return button(copy, icon("link"), text("action.copyLink"));
    }
    if (status === "rotated") {
        const link = { ...named(text("action.activeOf", { mentor: mentor_id })), href: pageQuery(ofActive(view, mentor_id)) };
        return el("a", link, icon("active"), text("action.activeShort"));
    }
    const make = { ...named(text("action.newCodeFor", { mentor: mentor_id })), onclick: () => create(code) };
    return button(make, icon("plus"), text("page.newCode"));
}

function menuButton(code, view, attempt) {
    const names = { class: "quiet square", id: `menu-${code.id}`, "aria-label": text("code.actionsFor", code) };
    const toggle = ({ currentTarget }) => toggleMenu(currentTarget, actionsOf(code, view, attempt));
    return button({ ...names, "aria-haspopup": "menu", "aria-expanded": "false", onclick: toggle }, icon("more"));
}

/** A code that has ended has no link to hand out and nothing left to end, but ways on. */
function actionsOf(code, view, attempt) {
    const { status, mentor_id, successor_id } = code;
    const isActive = status === "active";
    return [
        { label: text("action.copyCode"), picture: "copy", run: () => attempt(code, copyCode) },
        { label: text("action.openLink"), picture: "open", href: linkOf(code.code), isOutside: true },
        isActive && canShare() && { label: text("action.share"), picture: "share", run: () => attempt(code, shareLink) },
        isActive && { label: text("action.showQr"), picture: "qr", run: () => showQr(code) },
        successor_id && { label: text("action.successor"), picture: "rotated", href: pageQuery(ofCode(view, successor_id)) },
        !isActive && { label: text("action.active"), picture: "active", href: pageQuery(ofActive(view, mentor_id)) },
        !isActive && { label: text("action.newCode"), picture: "plus", run: () => create(code) },
        { label: text("action.details"), picture: "details", run: () => showDetails(code) },
        { label: text("action.history"), picture: "expired", href: pageQuery(ofHistory(view, mentor_id)) },
        isActive && { label: text("action.rotate"), picture: "rotated", run: () => rotate(code) },
        isActive && { label: text("action.invalidate"), picture: "invalidated", run: () => invalidate(code), isGrave: true },
    ].filter(Boolean);
}
