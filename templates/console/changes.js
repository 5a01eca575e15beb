// The three changes: make a code, rotate it, invalidate it. Each says in words what it will do, and then what it has
// done.

import { getCode, getOrCreateCode, invalidateCode, rotateCode } from "./api.js";
import { closeDialogs, openDialog, whileBusy } from "./dialogs.js";
import { announce, button, byId, codeName, el, showFieldErrors, time } from "./dom.js";
import { clearFailure, showFailure, wordsOfFields } from "./failure.js";
import { copyCode, copyLink } from "./links.js";
import { showQr } from "./qr.js";
import { SETTINGS } from "./settings.js";
import { currentView, ofActive, ofHistory, pageQuery, STATUSES } from "./state.js";
import { parts, text } from "./words.js";

const GRACE_DAYS = SETTINGS.grace_days;
const VALID_DAYS = SETTINGS.valid_days;

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
    const days = text("count.days", { count: VALID_DAYS });
    byId("create-expires-hint").textContent = text(VALID_DAYS === 0 ? "new.expiresHint" : "new.expiresHintDays", { days });
    const change = {
        about: "create",
        async send() {
            const { code, isNew } = await getOrCreateCode(requestOf(form));
            changed(isNew ? { added: code } : { updated: code });
            const of = { mentor: code.mentor_id, org: code.org_id };
            if (isNew) return { code, title: text("new.created"), words: parts("new.createdText", of) };
            return { code, title: text("new.exists"), words: existing(code, change.isUnknown) };
        },
        onConflict: (error, showWith) => explainOtherOrg(error, form.elements.mentor_id.value.trim(), showWith),
    };
    form.onsubmit = (event) => {
        event.preventDefault();
        const { badInput, rangeOverflow } = form.elements.expires_at.validity;
        const isTime = !badInput && !rangeOverflow;
        showFieldErrors(form, isTime ? {} : { expires_at: text("new.expiresRule") });
        if (isTime) tryChange(dialog, change);
    };
    openChange(dialog, change, text("page.newCode"));
}

/** `isRepeated` says that an earlier try may have made this very code, and only its answer was lost. */
const existing = ({ created_at }, isRepeated) =>
    parts(isRepeated ? "new.existsTextRepeated" : "new.existsText", { time: time(created_at, "moment") });

/** Replaces the code by a new one, once a person has confirmed it. */
export const rotate = (code) =>
    confirm(code, {
        title: text("rotate.title", code),
        verb: text("rotate.submit"),
        words: [
            text("rotate.gets", { mentor: code.mentor_id }),
            text(GRACE_DAYS === 0 ? "rotate.stops" : "rotate.leadsOn", { days: text("count.days", { count: GRACE_DAYS }) }),
            text("rotate.stays"),
        ],
        async send() {
            const successor = await rotateCode(code);
            const { rotated_at } = successor;
            changed({
                updated: { ...code, status: "rotated", rotated_at, successor_id: successor.id },
                added: successor,
            });
            const words = parts("rotate.doneText", { mentor: code.mentor_id, code: code.code });
            return { code: successor, title: text("rotate.done"), words };
        },
    });

/** Ends the code, once a person has confirmed it. */
export const invalidate = (code) =>
    confirm(code, {
        title: text("end.title", code),
        verb: text("end.submit"),
        isGrave: true,
        words: [
            text("end.final"),
            text("end.link"),
            text("end.mentor", { mentor: code.mentor_id }),
            GRACE_DAYS > 0 && text("end.earlier"),
        ],
        async send() {
            const { status, invalidated_at } = await invalidateCode(code.id);
            changed({ updated: { ...code, status, invalidated_at } });
            return { said: text("end.done", code) };
        },
    });

function confirm(code, { title, verb, words, send, isGrave = false }) {
    const dialog = byId("confirm");
    const form = dialog.querySelector("form");
    const submit = form.querySelector("[type=submit]");
    const paragraphs = byId("confirm-text");
    submit.textContent = verb;
    submit.className = isGrave ? "grave primary" : "primary";
    paragraphs.replaceChildren(...words.filter(Boolean).map((paragraph) => el("p", {}, paragraph)));
    submit.hidden = paragraphs.hidden = false;
    const change = {
        about: `${verb} ${code.id}`,
        send,
        // Another person was faster: what this dialog promised is no longer true, and the row is brought up to date.
        onConflict(error, showWith) {
            submit.hidden = paragraphs.hidden = true;
            getCode(code.id).then((updated) => changed({ updated }), () => {});
            showWith(waysOn(code, error));
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
function tryChange(dialog, change, isRepeated = false) {
    const form = dialog.querySelector("form");
    const slot = dialog.querySelector(".failure");
    if (!isRepeated) clearFailure(slot);
    return whileBusy(form, change.opening, async () => {
        try {
            const { said, title, words, code } = await change.send();
            change.isUnknown = false;
            clearFailure(slot);
            clearFailure(byId("failure"), change.about);
            if (change.opening.aborted) announce(said ?? `${title}: ${code.code}`);
            else if (said === undefined) showResult(dialog, title, words, code);
            else {
                dialog.close();
                announce(said);
            }
        } catch (error) {
            change.isUnknown ||= error.isUnknown ?? false;
            if (change.opening.aborted) {
                showFailure(byId("failure"), error, { about: change.about });
                if (change.isUnknown) changed({});
            } else refuse(dialog, change, error);
        }
    });
}

/** What the service refuses is shown beside the field that it is about, else in the dialog. */
function refuse(dialog, change, error) {
    const slot = dialog.querySelector(".failure");
    const isBesideFields = error.status === 422 && showFieldErrors(dialog.querySelector("form"), wordsOfFields(error));
    if (isBesideFields) return clearFailure(slot);
    const showWith = (ways) => showFailure(slot, error, { retry: () => tryChange(dialog, change, true), ...ways });
    if (error.status === 409 || error.status === 404) change.onConflict(error, showWith);
    else showWith({});
}

/** What a person is left with after a change: the code, and all that is done with a new one. */
function showResult(dialog, title, words, code) {
    const result = dialog.querySelector(".result");
    const slot = el("div", { class: "failure" });
    const use = async (action) => {
        try {
            await action(code);
            clearFailure(slot);
        } catch (error) {
            showFailure(slot, error, { retry: () => use(action), ...waysOn(code, error) });
        }
    };
    const copyButton = button({ class: "primary", onclick: () => use(copyLink) }, text("action.copyLink"));
    dialog.querySelector("h2").textContent = title;
    dialog.querySelector("form").hidden = true;
    result.hidden = false;
    result.replaceChildren(
        el("p", {}, words),
        ticket(code),
        slot,
        el(
            "div",
            { class: "buttons" },
            button({ "data-close": true }, text("do.done")),
            button({ onclick: () => use(copyCode) }, text("action.copyCode")),
            button({ onclick: () => showQr(code) }, text("action.showQr")),
            copyButton,
        ),
    );
    announce(`${title}: ${code.code}`);
    copyButton.focus();
}

function ticket({ code, expires_at }) {
    const expiry =
        expires_at === null
            ? text("code.doesNotExpire")
            : parts("code.expiresAt", { time: time(expires_at, "moment") });
    return el("p", { class: "ticket" }, codeName(code), el("span", {}, expiry));
}

/** The ways on from a code that somebody has ended meanwhile, for its failure: what became of it, and what comes next. */
export function waysOn(code, { reason, activeId, codeStatus }) {
    if (reason !== "ended") return { values: code };
    const isReplaced = activeId !== undefined || codeStatus === "rotated";
    const newCode = () => {
        closeDialogs();
        create(code);
    };
    return {
        values: code,
        explanation: text(`ended.${STATUSES.includes(codeStatus) ? codeStatus : "active"}`),
        more: [
            isReplaced ? activeLink(code.mentor_id) : button({ onclick: newCode }, text("page.newCode")),
            wayTo(text("action.history"), ofHistory(currentView(), code.mentor_id)),
        ],
    };
}

/** Says where a mentor's active code is, if this reader may see it. */
function explainOtherOrg({ activeId }, mentor, showWith) {
    if (activeId === undefined) return showWith({ values: { mentor } });
    const more = [activeLink(mentor)];
    showWith({ values: { mentor }, explanation: text("say.loading"), more });
    const explain = ({ code, org_id: org }) => parts("otherOrg.known", { mentor, org, code: codeName(code) });
    getCode(activeId).then(
        (active) => showWith({ values: { mentor }, explanation: explain(active), more: [activeLink(mentor)] }),
        () => showWith({ values: { mentor }, more: [activeLink(mentor)] }),
    );
}

const wayTo = (label, view) => el("a", { class: "button", href: pageQuery(view) }, label);
const activeLink = (mentor_id) => wayTo(text("action.active"), ofActive(currentView(), mentor_id));

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
