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
  const change = {
    async send() {
      const { code, isNew } = await getOrCreateCode(requestOf(form));
      changed(code);
      const since = time(code.created_at, { withClock: true });
      if (isNew) showResult(dialog, "Code created", `${code.mentor_id} in ${code.org_id} has a new code.`, code);
      else showResult(dialog, "This mentor already has a code", ["It was created ", since, ", and is unchanged: a name or an expiry given now does not count."], code);
    },
    // Under `jwt` the code may be one that this token does not see: then there is no history to show.
    onConflict: ({ activeId }) => (activeId === "" ? [] : [historyButton(dialog, form.elements.mentor_id.value.trim())]),
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    showFieldErrors(form);
    if (form.elements.expires_at.validity.badInput) showFieldErrors(form, { expires_at: "must be a date and a time, or empty" });
    else attempt(dialog, change);
  };
  start(dialog, "New code");
}

/** Replaces the code by a new one, once a person has confirmed it. */
export const rotate = (code) =>
  confirm(code, {
    title: `Rotate ${code.code}?`,
    button: "Rotate code",
    text: [
      `${code.mentor_id} gets a new code in its place.`,
      GRACE_DAYS === 0
        ? "The old link and every printed QR code of it stop working at once."
        : `The old link and every printed QR code of it lead to the new code for ${plural(GRACE_DAYS, "day")}. Then they stop working.`,
      "The organisation and the expiry stay the same. The old code cannot come back.",
    ],
    async send(dialog) {
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
    async send(dialog) {
      const { status, invalidated_at } = await invalidateCode(code.id);
      changed({ ...code, status, invalidated_at });
      dialog.close();
      announce(`${code.code} is invalidated`);
    },
  });

function confirm(code, { title, button, text, send, isGrave = false }) {
  const dialog = byId("confirm");
  const form = dialog.querySelector("form");
  const submit = form.querySelector("[type=submit]");
  const paragraphs = byId("confirm-text");
  submit.textContent = button;
  submit.className = isGrave ? "grave primary" : "primary";
  paragraphs.replaceChildren(...text.filter(Boolean).map((paragraph) => el("p", {}, paragraph)));
  submit.hidden = paragraphs.hidden = false;
  const change = {
    send: () => send(dialog),
    // Another person was faster: what this dialog promised is no longer true, and the row is brought up to date.
    onConflict() {
      submit.hidden = paragraphs.hidden = true;
      getCode(code.id).then(changed, () => {});
      return [historyButton(dialog, code.mentor_id)];
    },
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    attempt(dialog, change);
  };
  start(dialog, title);
}

function start(dialog, title) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("form").hidden = false;
  dialog.querySelector(".result").hidden = true;
  clearFailure(dialog.querySelector(".failure"));
  openDialog(dialog);
}

/** Sends a change. What the service refuses is shown beside the field that it is about, else in the dialog. */
function attempt(dialog, change) {
  const form = dialog.querySelector("form");
  clearFailure(dialog.querySelector(".failure"));
  return whileBusy(form, async () => {
    try {
      await change.send();
    } catch (error) {
      if (error.status === 422 && showFieldErrors(form, error.fields)) return;
      const isConflict = error.status === 409 || error.status === 404;
      const further = isConflict ? { more: change.onConflict(error) } : { retry: () => attempt(dialog, change) };
      showFailure(failureSlot(dialog), error, further);
    }
  });
}

/** What a person is left with after a change: the code, and all that is done with a new one. */
function showResult(dialog, title, text, code) {
  const result = dialog.querySelector(".result");
  const failure = el("div", { class: "failure" });
  const button = (label, action, attributes) => el("button", { type: "button", onclick: () => use(action), ...attributes }, label);
  const use = async (action) => {
    clearFailure(failure);
    try {
      await action(code);
    } catch (error) {
      showFailure(failure, error, { retry: () => use(action) });
    }
  };
  const expiry = code.expires_at === null ? "Does not expire" : ["Expires ", time(code.expires_at, { withClock: true })];
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector("form").hidden = true;
  result.hidden = false;
  result.replaceChildren(
    el("p", {}, text),
    el("p", { class: "ticket" }, el("span", { class: "code", translate: "no" }, code.code), el("span", {}, expiry)),
    failure,
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", "data-close": true }, "Done"),
      button("Copy code", copyCode),
      button("Show QR code", showQr),
      button("Copy link", copyLink, { class: "primary" }),
    ),
  );
  announce(`${title}: ${code.code}`);
  result.querySelector(".primary").focus();
}

function historyButton(dialog, mentor_id) {
  const open = () => {
    dialog.close();
    openHistory(mentor_id);
  };
  return el("button", { type: "button", onclick: open }, "History of this mentor");
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
