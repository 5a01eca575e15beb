// Codes for many mentors at once: what a person pastes, drops or opens is checked row by row, then made with progress. What is
// under way is kept for this tab, so that a reload or a sign-in does not lose it: made again, a row gets the same code.

import { getOrCreateCode, urlsOf } from "./api.js";
import { outcomeLine, runBatch } from "./batch.js";
import { readTable, tableFile } from "./csv.js";
import { openDialog } from "./dialogs.js";
import { button, byId, el, showFieldErrors } from "./dom.js";
import { lineOf } from "./failure.js";
import { save, today } from "./files.js";
import { EXTERNAL_ID } from "./find.js";
import { showChange } from "./list.js";
import { text } from "./words.js";

const COLUMNS = ["mentor_id", "org_id", "mentor_name", "expires_at"];
const KEPT = "console-many";
/** The rule of the API for names. */
const MAX_NAME = 100;

const manyDialog = byId("many");
const manyForm = manyDialog.querySelector("form");
let manyOpening;

export function setUpMany() {
    const { rows, file } = manyForm.elements;
    const read = async (files) => {
        if (files.length === 0) return;
        rows.value = await files[0].text();
        rows.focus();
    };
    file.addEventListener("change", () => read(file.files));
    rows.addEventListener("dragover", (event) => event.preventDefault());
    rows.addEventListener("drop", (event) => {
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        read(event.dataTransfer.files);
    });
    manyForm.addEventListener("submit", (event) => {
        event.preventDefault();
        checkRows();
    });
}

/** Asks for the mentors. `org_id` is that of rows that have none. */
export function openMany({ org_id }) {
    manyForm.reset();
    manyForm.elements.org_id.value = org_id;
    showForm();
}

/** Goes on where a reload or a sign-in came between. */
export function resumeMany() {
    const kept = sessionStorage.getItem(KEPT);
    if (kept === null || manyDialog.open) return;
    const { rows, org_id } = JSON.parse(kept);
    manyForm.elements.rows.value = rows;
    manyForm.elements.org_id.value = org_id;
    showForm();
    checkRows(text("many.resumed"));
}

function showForm() {
    showFieldErrors(manyForm);
    manyForm.hidden = false;
    manyDialog.querySelector(".result").hidden = true;
    if (!manyDialog.open) manyOpening = openDialog(manyDialog);
}

/** Shows what is wrong with which rows, before any code is made. */
function checkRows(note) {
    const items = itemsOf(readTable(manyForm.elements.rows.value), manyForm.elements.org_id.value.trim());
    showFieldErrors(manyForm, items.length === 0 ? { rows: text("many.none") } : {});
    if (items.length === 0) return;
    const bad = items.filter(({ outcome }) => outcome !== undefined);
    const good = items.filter(({ outcome }) => outcome === undefined);
    const view = manyDialog.querySelector(".result");
    const make = button({ class: "primary", onclick: () => makeAll(items) }, text("many.make", { count: good.length }));
    manyForm.hidden = true;
    view.hidden = false;
    view.replaceChildren(
        ...[note].filter(Boolean).map((words) => el("p", {}, words)),
        el("p", { role: "status" }, [
            text("many.checked", { count: items.length }),
            bad.length === 0 ? "" : ` ${text("many.wrong", { count: bad.length })}`,
        ]),
        el("ol", { class: "outcomes", tabindex: 0, "aria-label": text("batch.outcomes") }, [...bad, ...good].map(preview)),
        el(
            "div",
            { class: "buttons" },
            button({ "data-close": true, onclick: forget }, text("do.cancel")),
            button({ onclick: showForm }, text("many.change")),
            good.length > 0 && make,
        ),
    );
    (good.length > 0 ? make : view.querySelector(".buttons button:last-child")).focus();
}

const preview = (item) => outcomeLine(item.outcome === undefined ? { ...madeEntry(item), said: item.request.org_id, isGood: true } : madeEntry(item));

/** One item for each row: the request that it stands for. A row with a fault has its outcome already. */
function itemsOf(rows, org_id) {
    const isHeader = rows[0]?.some((cell) => COLUMNS.includes(cell.toLowerCase()));
    const names = isHeader ? rows[0].map((cell) => cell.toLowerCase()) : COLUMNS;
    const seen = new Map();
    return rows.slice(isHeader ? 1 : 0).map((cells, at) => {
        const row = Object.fromEntries(names.map((name, column) => [name, cells[column] ?? ""]));
        const time = timeOf(row.expires_at ?? "");
        const request = {
            mentor_id: row.mentor_id ?? "",
            org_id: row.org_id || org_id,
            mentor_name: row.mentor_name || undefined,
            expires_at: time?.toISOString(),
        };
        const line = at + (isHeader ? 2 : 1);
        const wrong = wrongWith(request, time, seen.get(request.mentor_id));
        if (!seen.has(request.mentor_id)) seen.set(request.mentor_id, line);
        return { line, request, outcome: wrong && { wrong } };
    });
}

function wrongWith({ mentor_id, org_id, mentor_name }, time, earlier) {
    if (mentor_id === "") return text("many.noMentor");
    if (!EXTERNAL_ID.test(mentor_id)) return text("many.badMentor");
    if (earlier !== undefined) return text("many.twice", { line: earlier });
    if (org_id === "") return text("many.noOrg");
    if (!EXTERNAL_ID.test(org_id)) return text("many.badOrg", { org: org_id });
    if (mentor_name !== undefined && [...mentor_name].length > MAX_NAME) return text("many.longName");
    if (time === null) return text("many.badTime");
    return undefined;
}

/** A time of a row; undefined if it has none, null if it is none. A day alone begins in the reader's own time zone. */
function timeOf(cell) {
    if (cell === "") return undefined;
    const isTime = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?$/.test(cell);
    const time = new Date(cell.length === 10 ? `${cell}T00:00` : cell);
    return isTime && !Number.isNaN(time.getTime()) ? time : null;
}

function makeAll(items) {
    sessionStorage.setItem(KEPT, JSON.stringify({ rows: manyForm.elements.rows.value, org_id: manyForm.elements.org_id.value }));
    return runBatch(manyDialog, manyOpening, items, {
        work: ({ request }) => getOrCreateCode(request),
        describe: madeEntry,
        finished: madeSummary,
    });
}

function madeEntry({ line, request, outcome }) {
    const name = request.mentor_id || "–";
    if (outcome?.wrong !== undefined) return { name, said: text("many.row", { line, wrong: outcome.wrong }), isGood: false };
    if (outcome === undefined) return { name, said: text("many.notMade"), isGood: false };
    if (outcome.error !== undefined) return { name, said: lineOf({ ...outcome.error, mentor: request.mentor_id }), isGood: false };
    const { code, isNew } = outcome.value;
    return { name, said: text(isNew ? "many.made" : "many.had", { code: code.code }), isGood: true };
}

function madeSummary(items, again) {
    showChange({});
    const made = items.filter(({ outcome }) => outcome?.value?.isNew).length;
    const had = items.filter(({ outcome }) => outcome?.value?.isNew === false).length;
    const missing = items.length - made - had;
    const isUnfinished = items.some(({ outcome }) => outcome === undefined);
    if (!isUnfinished) forget();
    return {
        said: [
            text("many.sumMade", { count: made }),
            had > 0 && text("many.sumHad", { count: had }),
            missing > 0 && text("many.sumMissing", { count: missing }),
        ].filter(Boolean).join(" "),
        buttons: [
            button({ "data-close": true, onclick: forget }, text("do.close")),
            isUnfinished && button({ onclick: again }, text("batch.goOn")),
            button({ class: "primary", onclick: () => download(items) }, text("many.download")),
        ].filter(Boolean),
    };
}

/** Saves what became of each row. All short URLs begin alike, so one is asked for. */
async function download(items) {
    const known = items.find(({ outcome }) => outcome?.value !== undefined)?.outcome.value.code;
    const start = known && (await urlsOf(known.id)).short_url.slice(0, -known.code.length);
    const rows = items.map(({ request, outcome }) => {
        const { code, isNew } = outcome?.value ?? {};
        const result = code === undefined ? "not made" : isNew ? "created" : "existing";
        const why = outcome?.wrong ?? (outcome?.error && lineOf({ ...outcome.error, mentor: request.mentor_id })) ?? "";
        const found = code === undefined ? ["", ""] : [code.code, start + code.code];
        return [request.mentor_id, request.org_id, ...found, result, why];
    });
    save(tableFile([["mentor_id", "org_id", "code", "short_url", "result", "error"], ...rows]), `new-codes-${today()}.csv`);
}

const forget = () => sessionStorage.removeItem(KEPT);
