// A mentor's codes in order, newest first: what replaced what, and when. Read by cursor, so that each code comes exactly once.

import { listCodes } from "./api.js";
import { failureSlot, openDialog } from "./dialogs.js";
import { byId, el, plural, statusPill, time } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";

const PER_CALL = 20;

/** Shows the history of a mentor. */
export function openHistory(mentor_id) {
  const dialog = byId("history");
  const entries = dialog.querySelector(".timeline");
  const more = byId("history-more");
  const summary = byId("history-summary");
  const controller = new AbortController();
  const codes = [];

  async function load(cursor) {
    clearFailure(dialog.querySelector(".failure"));
    entries.ariaBusy = "true";
    more.hidden = true;
    try {
      const { data, pagination } = await listCodes({ mentor_id, limit: PER_CALL, cursor }, controller.signal);
      codes.push(...data);
      entries.append(...data.map((code) => entry(code, codes)));
      const next = pagination.next_cursor;
      summary.textContent = codes.length === 0 ? "This mentor has no codes." : `${plural(codes.length, "code")}${next ? ", and earlier ones" : ""}, newest first.`;
      more.hidden = next === undefined;
      more.onclick = () => load(next);
    } catch (error) {
      if (controller.signal.aborted) return;
      if (codes.length === 0) summary.textContent = "";
      showFailure(failureSlot(dialog), error, { retry: () => load(cursor) });
    } finally {
      entries.ariaBusy = null;
    }
  }

  byId("history-title").replaceChildren("History of ", el("span", { class: "id", translate: "no" }, mentor_id));
  summary.textContent = "Loading…";
  entries.replaceChildren();
  openDialog(dialog);
  dialog.addEventListener("close", () => controller.abort(), { once: true });
  load("");
}

function entry(code, codes) {
  const moment = (text) => time(text, { withClock: true });
  const successor = codes.find(({ id }) => id === code.successor_id);
  const end = {
    rotated: () => ["Replaced by ", el("b", {}, successor?.code ?? code.successor_id), ", ", moment(code.rotated_at)],
    invalidated: () => ["Invalidated ", moment(code.invalidated_at)],
    expired: () => ["Expired ", moment(code.expires_at)],
    active: () => code.expires_at !== null && ["Expires ", moment(code.expires_at)],
  }[code.status]();
  return el(
    "li",
    { class: code.status },
    el("p", {}, el("span", { class: "code", translate: "no" }, code.code), statusPill(code.status)),
    end && el("p", {}, end),
    el("p", { class: "soft" }, code.previous_code === undefined ? "Created " : ["Replaced ", el("b", {}, code.previous_code), ", "], moment(code.created_at), ` in ${code.org_id}`),
  );
}
