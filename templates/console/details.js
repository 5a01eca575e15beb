// All that is known of a code: whole ids, exact times, and what came before and after it.

import { openDialog } from "./dialogs.js";
import { byId, codeName, el, statusPill, time } from "./dom.js";
import { currentView, ofCode, ofHistory, ofMentor, ofOrganisation, pageQuery } from "./state.js";
import { text } from "./words.js";

/** Shows a code in full. */
export function showDetails(code) {
    const view = currentView();
    const link = (label, target) => el("a", { class: "id", href: pageQuery(target), translate: "no" }, label);
    const moment = (datetime) => datetime && time(datetime, "exact");
    const rows = [
        ["code.status", statusPill(code.status)],
        ["code.id", link(code.id, ofCode(view, code.id))],
        ["code.mentor", link(code.mentor_id, ofMentor(view, code.mentor_id))],
        ["code.organisation", link(code.org_id, ofOrganisation(view, code.org_id))],
        ["code.created", moment(code.created_at)],
        ["code.expires", moment(code.expires_at) ?? text("code.never")],
        ["code.rotatedAt", code.status === "rotated" && moment(code.rotated_at)],
        ["code.invalidatedAt", moment(code.invalidated_at)],
        ["code.previous", code.previous_code && link(code.previous_code, { ...ofCode(view, ""), code: code.previous_code })],
        ["code.next", code.successor_id && link(code.successor_id, ofCode(view, code.successor_id))],
    ];
    byId("details-title").replaceChildren(codeName(code.code));
    byId("details").querySelector("dl").replaceChildren(
        ...rows.filter(([, value]) => value).flatMap(([key, value]) => [el("dt", {}, text(key)), el("dd", {}, value)]),
    );
    byId("details-history").href = pageQuery(ofHistory(view, code.mentor_id));
    openDialog(byId("details"));
}
