// One code as a row of the table, and as a card on a phone: the same cells, laid out by the style sheet. The roles are
// written out because a browser forgets them where a table is laid out as anything else.

import { linkOf } from "./api.js";
import { invalidate, rotate } from "./changes.js";
import { button, codeName, el, icon, statusPill, time } from "./dom.js";
import { openHistory } from "./history.js";
import { canShare, copyCode, copyLink, shareLink, showQr } from "./links.js";
import { toggleMenu } from "./menu.js";
import { ofMentor, ofOrganisation, pageQuery } from "./state.js";

/** The row of a code in a view. `attempt` runs what a button does, and shows it if that fails. */
export function codeRow(code, view, attempt) {
    const expires = code.expires_at === null ? el("span", { class: "soft" }, "Never") : time(code.expires_at);
    return el(
        "tr",
        { role: "row", id: `row-${code.id}` },
        cell("code-cell", "Code", codeName(code.code), note(code)),
        cell("mentor", "Mentor", idLink(code.mentor_id, ofMentor(view, code.mentor_id))),
        cell("org", "Organisation", idLink(code.org_id, ofOrganisation(view, code.org_id))),
        cell("status-cell", "Status", statusPill(code.status)),
        cell("created", "Created", time(code.created_at)),
        cell("expires", "Expires", expires),
        cell("actions", "Actions", code.status === "active" && copyButton(code, attempt), menuButton(code, attempt)),
    );
}

/** A row that is not there yet: a grey bar in each cell. */
export function skeletonRow() {
    const cells = Array.from({ length: 7 }, () => el("td", { role: "cell" }, el("span")));
    return el("tr", { role: "row", class: "skeleton", "aria-hidden": "true" }, cells);
}

/** `label` is the name of the column, which a card shows beside the value. */
const cell = (name, label, ...content) => el("td", { role: "cell", class: name, "data-label": label }, ...content);

/** What became of the code, or where it comes from. */
function note({ status, previous_code, rotated_at, invalidated_at }) {
    if (status === "rotated") return el("span", { class: "note" }, "Replaced ", time(rotated_at));
    if (status === "invalidated") return el("span", { class: "note" }, "Invalidated ", time(invalidated_at));
    return previous_code && el("span", { class: "note" }, `Replaces ${previous_code}`);
}

function idLink(id, view) {
    return el("a", { class: "id", href: pageQuery(view), title: `Show only ${id}`, translate: "no" }, id);
}

function copyButton(code, attempt) {
    const names = { class: "copy", id: `copy-${code.id}`, "aria-label": `Copy link of ${code.code}` };
    return button({ ...names, onclick: () => attempt(code, copyLink) }, icon("link"), "Copy link");
}

function menuButton(code, attempt) {
    const names = { class: "quiet square", id: `menu-${code.id}`, "aria-label": `Actions for ${code.code}` };
    const toggle = ({ currentTarget }) => toggleMenu(currentTarget, actionsOf(code, attempt));
    return button({ ...names, "aria-haspopup": "menu", "aria-expanded": "false", onclick: toggle }, icon("more"));
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
