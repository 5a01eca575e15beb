// The three changes: make a code, rotate it, invalidate it. Each says in words what it will do, and then what it has
// done.

import { getCode, getOrCreateCode, invalidateCode, rotateCode } from "./api.js";
import { openDialog, whileBusy } from "./dialogs.js";
import { announce, button, byId, codeName, el, plural, showFieldErrors, time } from "./dom.js";
import { clearFailure, dismissButton, showFailure } from "./failure.js";
import { openHistory } from "./history.js";
import { copyCode, copyLink, showQr } from "./links.js";

const GRACE_DAYS = Number(document.documentElement.dataset.graceDays);
const GRACE =
    GRACE_DAYS === 0
        ? "stop working at once."
        : `lead to the new code for ${plural(GRACE_DAYS, "day")}. Then they stop working.`;

const VALID_DAYS = Number(document.documentElement.dataset.validDays);
byId("create-expires-hint").append(
    VALID_DAYS === 0
        ? " Without it the code does not expire."
        : ` Without it the code expires after ${plural(VALID_DAYS, "day")}.`,
);

let changed = () => {};

/**
 * Sets what is called after a change: with the code that it has `updated`, the one that it has `added`, or neither where
 * its outcome is not known.
 */
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
            changed(isNew ? { added: code } : { updated: code });
            if (isNew) return { code, title: "Code created", text: `${code.mentor_id} in ${code.org_id} has a new code.` };
            return { code, title: "This mentor already has a code", text: existing(code, change.isUnknown) };
        },
        // Under `jwt` the code may be one that this token does not see: then there is no history to show.
        onConflict: ({ activeId }) =>
            activeId === "" ? [] : [historyButton(dialog, form.elements.mentor_id.value.trim())],
    };
    form.onsubmit = (event) => {
        event.preventDefault();
        const { badInput, rangeOverflow } = form.elements.expires_at.validity;
        const isTime = !badInput && !rangeOverflow;
        const rule = "must be a date and a time, in the year 9999 at the latest, or empty";
        showFieldErrors(form, isTime ? {} : { expires_at: rule });
        if (isTime) tryChange(dialog, change);
    };
    openChange(dialog, change, "New code");
}

/** `isRepeated` says that an earlier try may have made this very code, and only its answer was lost. */
const existing = ({ created_at }, isRepeated) => [
    "It was created ",
    time(created_at, { withClock: true }),
    isRepeated ? ". If that was just now, it is the one that you asked for. Otherwise it" : ", and",
    " is unchanged: a name or an expiry given now does not count.",
];

/** Replaces the code by a new one, once a person has confirmed it. */
export const rotate = (code) =>
    confirm(code, {
        title: `Rotate ${code.code}?`,
        verb: "Rotate code",
        text: [
            `${code.mentor_id} gets a new code in its place.`,
            `The old link and every printed QR code of it ${GRACE}`,
            "The organisation and the expiry stay the same. The old code cannot come back.",
        ],
        async send() {
            const successor = await rotateCode(code);
            const { rotated_at } = successor;
            changed({
                updated: { ...code, status: "rotated", rotated_at, successor_id: successor.id },
                added: successor,
            });
            const text = `${code.mentor_id} has a new code in place of ${code.code}.`;
            return { code: successor, title: "Code rotated", text };
        },
    });

/** Ends the code, once a person has confirmed it. */
export const invalidate = (code) =>
    confirm(code, {
        title: `Invalidate ${code.code}?`,
        verb: "Invalidate code",
        isGrave: true,
        text: [
            "This cannot be undone.",
            "From now on the link and every printed QR code show a page that says that the code has been withdrawn.",
            `${code.mentor_id} has no code then, until a new one is made.`,
            GRACE_DAYS > 0 && "Links of earlier codes that still lead to this one stop working too.",
        ],
        async send() {
            const { status, invalidated_at } = await invalidateCode(code.id);
            changed({ updated: { ...code, status, invalidated_at } });
            return { said: `${code.code} is invalidated` };
        },
    });

function confirm(code, { title, verb, text, send, isGrave = false }) {
    const dialog = byId("confirm");
    const form = dialog.querySelector("form");
    const submit = form.querySelector("[type=submit]");
    const paragraphs = byId("confirm-text");
    submit.textContent = verb;
    submit.className = isGrave ? "grave primary" : "primary";
    paragraphs.replaceChildren(...text.filter(Boolean).map((paragraph) => el("p", {}, paragraph)));
    submit.hidden = paragraphs.hidden = false;
    const change = {
        send,
        // Another person was faster: what this dialog promised is no longer true, and the row is brought up to date.
        onConflict() {
            submit.hidden = paragraphs.hidden = true;
            getCode(code.id).then((updated) => changed({ updated }), () => {});
            return [historyButton(dialog, code.mentor_id)];
        },
    };
    form.onsubmit = (event) => {
        event.preventDefault();
        tryChange(dialog, change);
    };
    openChange(dialog, change, title);
}

/** Opens the dialog of a change, which belongs to this opening. */
function openChange(dialog, change, title) {
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("form").hidden = false;
    dialog.querySelector(".result").hidden = true;
    change.opening = openDialog(dialog);
    // Who cancels then should see what became of it.
    change.opening.addEventListener("abort", () => change.isUnknown && changed({}));
}

/**
 * Sends a change, and shows the result in its dialog. If a person has left that meanwhile, it is only said: the dialog may
 * be asking something else by now.
 */
function tryChange(dialog, change) {
    const form = dialog.querySelector("form");
    clearFailure(dialog.querySelector(".failure"));
    return whileBusy(form, change.opening, async () => {
        try {
            const { said, title, text, code } = await change.send();
            change.isUnknown = false;
            if (change.opening.aborted) announce(said ?? `${title}: ${code.code}`);
            else if (said === undefined) showResult(dialog, title, text, code);
            else {
                dialog.close();
                announce(said);
            }
        } catch (error) {
            change.isUnknown ||= error.status === 0 || error.status >= 500;
            if (change.opening.aborted) {
                showFailure(byId("failure"), error, { more: [dismissButton()] });
                if (change.isUnknown) changed({});
            } else refuse(dialog, change, error);
        }
    });
}

/** What the service refuses is shown beside the field that it is about, else in the dialog. */
function refuse(dialog, change, error) {
    if (error.status === 422 && showFieldErrors(dialog.querySelector("form"), error.fields)) return;
    const isConflict = error.status === 409 || error.status === 404;
    const further = isConflict ? { more: change.onConflict(error) } : { retry: () => tryChange(dialog, change) };
    showFailure(dialog.querySelector(".failure"), error, further);
}

/** What a person is left with after a change: the code, and all that is done with a new one. */
function showResult(dialog, title, text, code) {
    const result = dialog.querySelector(".result");
    const slot = el("div", { class: "failure" });
    const use = async (action) => {
        clearFailure(slot);
        try {
            await action(code);
        } catch (error) {
            showFailure(slot, error, { retry: () => use(action) });
        }
    };
    const copyButton = button({ class: "primary", onclick: () => use(copyLink) }, "Copy link");
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("form").hidden = true;
    result.hidden = false;
    result.replaceChildren(
        el("p", {}, text),
        ticket(code),
        slot,
        el(
            "div",
            { class: "buttons" },
            button({ "data-close": true }, "Done"),
            button({ onclick: () => use(copyCode) }, "Copy code"),
            button({ onclick: () => showQr(code) }, "Show QR code"),
            copyButton,
        ),
    );
    announce(`${title}: ${code.code}`);
    copyButton.focus();
}

function ticket({ code, expires_at }) {
    const expiry = expires_at === null ? "Does not expire" : ["Expires ", time(expires_at, { withClock: true })];
    return el("p", { class: "ticket" }, codeName(code), el("span", {}, expiry));
}

function historyButton(dialog, mentor_id) {
    const open = () => {
        dialog.close();
        openHistory(mentor_id);
    };
    return button({ onclick: open }, "History of this mentor");
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
