// The three changes: make a code, rotate it, invalidate it. Each says in words what it will do, and then what it has done.

import { getCode, getOrCreateCode, invalidateCode, rotateCode } from "./api.js";
import { failureSlot, openDialog, whileBusy } from "./dialogs.js";
import { announce, byId, el, plural, showFieldErrors, time } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { openHistory } from "./history.js";
import { copyCode, copyLink, showQr } from "./links.js";

const GRACE_DAYS = Number(document.documentElement.dataset.graceDays);

let changed = () => {};

/** Sets what is called with each code as it is after a change. */
export function onChange(listener) {
  changed = listener;
}

/** Asks for a mentor, and shows the code that the mentor has then. */
export function create({ mentor_id, org_id }) {
  const dialog = byId("create");
  const form = dialog.querySelector("form");
  form.reset();
  form.elements.mentor_id.value = mentor_id;
  form.elements.org_id.value = org_id;
  showFieldErrors(form);
  start(dialog, "New code");
  const send = () =>
    attempt(dialog, send, async () => {
      const { code, isNew } = await getOrCreateCode(requestOf(form));
      changed(code);
      showResult(dialog, isNew ? "Code created" : "This mentor already has a code", isNew
        ? `${code.mentor_id} in ${code.org_id} has a new code.`
        : ["It was created ", time(code.created_at, { withClock: true }), ". It is unchanged: a name and an expiry given now do not count."], code);
    });
  form.onsubmit = (event) => {
    event.preventDefault();
    showFieldErrors(form);
    if (form.elements.expires_at.validity.badInput) showFieldErrors(form, { expires_at: "must be a date and a time, or empty" });
    else send();
  };
}

/** Replaces the code by a new one, once a person has confirmed it. */
export const rotate = (code) =>
  confirm(code, {
    title: `Rotate ${code.code}?`,
    button: "Rotate code",
    text: [
      `${code.mentor_id} gets a new code in its place. ${GRACE_DAYS === 0
        ? "The old link and every printed QR code of it stop working at once."
        : `The old link and every printed QR code of it lead to the new code for ${plural(GRACE_DAYS, "day")}. Then they stop working.`}`,
      "The organisation and the expiry stay the same. The old code cannot come back.",
    ],
    async run(dialog) {
      const successor = await rotateCode(code);
      changed({ ...code, status: "rotated", rotated_at: successor.rotated_at, successor_id: successor.id });
      changed(successor);
      showResult(dialog, "Code rotated", `${code.mentor_id} has a new code in place of ${code.code}.`, successor);
    },
  });

/** Ends the code, once a person has confirmed it. */
export const invalidate = (code) =>
  confirm(code, {
    title: `Invalidate ${code.code}?`,
    button: "Invalidate code",
    isGrave: true,
    text: [
      "This cannot be undone. From now on the link and every QR code of it show a page that says that the code has been withdrawn.",
      `${code.mentor_id} has no code then, until a new one is made.`,
      GRACE_DAYS > 0 && "Links of earlier codes that still lead to this one stop working too.",
    ],
    async run(dialog) {
      const { status, invalidated_at } = await invalidateCode(code.id);
      changed({ ...code, status, invalidated_at });
      dialog.close();
      announce(`${code.code} is invalidated`);
    },
  });

function confirm(code, { title, button, text, run, isGrave = false }) {
  const dialog = byId("confirm");
  const form = dialog.querySelector("form");
  const submit = form.querySelector("[type=submit]");
  submit.textContent = button;
  submit.className = isGrave ? "grave primary" : "primary";
  submit.hidden = false;
  byId("confirm-text").replaceChildren(...text.filter(Boolean).map((paragraph) => el("p", {}, paragraph)));
  start(dialog, title);
  const send = () => attempt(dialog, send, () => run(dialog), () => catchUp(dialog, code, submit));
  form.onsubmit = (event) => {
    event.preventDefault();
    send();
  };
}

function start(dialog, title) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("form").hidden = false;
  dialog.querySelector(".result").hidden = true;
  clearFailure(dialog.querySelector(".failure"));
  openDialog(dialog);
}

/** Sends a change. What the service refuses is shown beside the field that it is about, else in the dialog. */
function attempt(dialog, retry, send, overtaken = () => []) {
  const form = dialog.querySelector("form");
  clearFailure(dialog.querySelector(".failure"));
  return whileBusy(form, async () => {
    try {
      await send();
    } catch (error) {
      const isBesideFields = error.status === 422 && showFieldErrors(form, error.fields);
      if (isBesideFields) return;
      const isOvertaken = error.status === 409 || error.status === 404;
      const more = isOvertaken ? overtaken() : [];
      showFailure(failureSlot(dialog), error, { retry: isOvertaken ? undefined : retry, more });
    }
  });
}

/** Another person was faster: the row is brought up to date, and the mentor's history tells how it went on. */
function catchUp(dialog, code, submit) {
  submit.hidden = true;
  getCode(code.id).then(changed, () => {});
  const showHistory = () => {
    dialog.close();
    openHistory(code.mentor_id);
  };
  return [el("button", { type: "button", onclick: showHistory }, "History of this mentor")];
}

function showResult(dialog, title, text, code) {
  const result = dialog.querySelector(".result");
  const copy = el("button", { type: "button", class: "primary", onclick: () => attemptHere(copyLink) }, "Copy link");
  const failure = el("div", { class: "failure" });
  const attemptHere = async (action) => {
    clearFailure(failure);
    await action(code).catch((error) => showFailure(failure, error, { retry: () => attemptHere(action) }));
  };
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("form").hidden = true;
  result.hidden = false;
  result.replaceChildren(
    el("p", {}, text),
    el("p", { class: "ticket" }, el("span", { class: "code", translate: "no" }, code.code),
      el("span", { class: "soft" }, code.expires_at === null ? "Does not expire" : ["Expires ", time(code.expires_at, { withClock: true })])),
    failure,
    el("div", { class: "buttons" },
      el("button", { type: "button", "data-close": true }, "Done"),
      el("button", { type: "button", onclick: () => attemptHere(copyCode) }, "Copy code"),
      el("button", { type: "button", onclick: () => showQr(code) }, "Show QR code"),
      copy),
  );
  announce(`${title}: ${code.code}`);
  copy.focus();
}

/** The fields as the API takes them: without those that are empty, the time in UTC. */
function requestOf(form) {
  const { mentor_id, org_id, mentor_name, expires_at } = Object.fromEntries(new FormData(form));
  return {
    mentor_id: mentor_id.trim(),
    org_id: org_id.trim(),
    mentor_name: mentor_name.trim() || undefined,
    expires_at: expires_at === "" ? undefined : new Date(expires_at).toISOString(),
  };
}
