// A mentor's codes in order, newest first: what replaced what, and when. Read by cursor, so that each code comes
// exactly once. The history has a URL of its own, and its codes link to theirs.

import { listCodes } from "./api.js";
import { openDialog } from "./dialogs.js";
import { byId, codeName, el, statusPill, time } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { currentView, leaveHistory, ofCode, ofMentor, ofOrganisation, pageQuery } from "./state.js";
import { parts, text } from "./words.js";

const PER_CALL = 20;

/** Shows the history of a mentor, or none. */
export function showHistory(mentor_id) {
    const dialog = byId("history");
    if (mentor_id === "") return dialog.close();
    if (dialog.open) return;
    const entries = dialog.querySelector(".timeline");
    const slot = dialog.querySelector(".failure");
    const more = byId("history-more");
    const summary = byId("history-summary");
    const codes = [];

    let opening;
    let isLoading = false;

    async function load(cursor) {
        if (isLoading) return;
        isLoading = true;
        more.ariaDisabled = "true";
        try {
            const { data, pagination } = await listCodes({ mentor_id, limit: PER_CALL, cursor }, opening);
            if (opening.aborted) return;
            clearFailure(slot);
            show(data, pagination.next_cursor);
        } catch (error) {
            if (opening.aborted) return;
            if (codes.length === 0) summary.textContent = "";
            showFailure(slot, error, { retry: () => load(cursor) });
        } finally {
            isLoading = false;
            more.ariaDisabled = null;
        }
    }

    function show(data, next) {
        codes.push(...data);
        entries.append(...data.map((code) => entry(code, codes)));
        const found = next === undefined ? "history.all" : "history.andEarlier";
        summary.textContent = text(codes.length === 0 ? "history.none" : found, { count: codes.length });
        if (next === undefined && document.activeElement === more) entries.focus();
        more.hidden = next === undefined;
        more.onclick = () => load(next);
    }

    const mentor = el("span", { class: "id", translate: "no" }, mentor_id);
    byId("history-title").replaceChildren(...parts("history.title", { mentor }));
    byId("history-mentor").href = pageQuery(ofMentor(currentView(), mentor_id));
    summary.textContent = text("say.loading");
    entries.replaceChildren();
    more.hidden = true;
    opening = openDialog(dialog);
    opening.addEventListener("abort", leaveHistory);
    load("");
}

/** One code: its status, how it ended, where it came from. `codes` has the newer ones, so its successor too. */
function entry(code, codes) {
    const { id, previous_code, org_id, created_at } = code;
    const view = currentView();
    const org = el("a", { class: "id", href: pageQuery(ofOrganisation(view, org_id)), translate: "no" }, org_id);
    const created = moment(created_at);
    const origin =
        previous_code === undefined
            ? parts("history.created", { time: created, org })
            : parts("history.replaced", { code: codeName(previous_code), time: created, org });
    return el(
        "li",
        { class: code.status },
        el("p", {}, el("a", { href: pageQuery(ofCode(view, id)) }, codeName(code.code)), statusPill(code.status)),
        el("p", {}, howItEnds(code, codes)),
        el("p", {}, origin),
    );
}

function howItEnds(code, codes) {
    if (code.status === "rotated") {
        const successor = codes.find(({ id }) => id === code.successor_id)?.code ?? code.successor_id;
        return parts("history.replacedBy", { code: codeName(successor), time: moment(code.rotated_at) });
    }
    if (code.status === "invalidated") return parts("code.invalidated", { time: moment(code.invalidated_at) });
    if (code.expires_at === null) return null;
    const key = code.status === "expired" ? "code.expiredAt" : "code.expiresAt";
    return parts(key, { time: moment(code.expires_at) });
}

const moment = (datetime) => time(datetime, "moment");
