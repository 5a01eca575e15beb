// Does the same for many: a few calls at a time, with progress, and with an outcome of each. Every call of the API may be sent
// again, so what has failed on the way is. It knows nothing of what is done.

import { button, el } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { number, text } from "./words.js";

/** An account with Lambda's initial quota runs ten calls at a time; others use the service too. */
const AT_ONCE = 4;
const MAX_TRIES = 5;

/** The table, the gateway or the network may answer the next time. */
const isPassing = (error) => error.isUnknown || error.status === 429;

/**
 * Does `work` for each item that has no outcome yet, and gives that to `onOutcome`: `{ value }`, or `{ error }` where another try
 * would not help. Ends early when the signal is aborted, or with the error that did not pass.
 */
async function doAll(items, work, signal, onOutcome, onWait) {
    const waiting = items.filter(({ outcome }) => outcome === undefined);
    let goOnAt = 0;
    let broken = null;

    async function outcomeOf(item) {
        for (let tries = 1; ; tries += 1) {
            while (Date.now() < goOnAt) await new Promise((resolve) => setTimeout(resolve, Math.min(goOnAt - Date.now(), 250)));
            if (signal.aborted || broken !== null) return undefined;
            try {
                return { value: await work(item) };
            } catch (error) {
                if (signal.aborted) return undefined;
                if (!isPassing(error)) return { error };
                if (tries === MAX_TRIES) {
                    broken ??= error;
                    return undefined;
                }
                const seconds = error.waitSeconds || tries;
                goOnAt = Math.max(goOnAt, Date.now() + seconds * 1000);
                onWait(seconds);
            }
        }
    }

    async function worker() {
        for (let item = waiting.shift(); item !== undefined && !signal.aborted && broken === null; item = waiting.shift()) {
            item.outcome = await outcomeOf(item);
            if (item.outcome !== undefined) onOutcome(item);
        }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (broken !== null) throw broken;
}

/** What became of an item, as a line of a list. */
export const outcomeLine = ({ name, said, isGood }) =>
    el("li", { class: isGood ? "good" : "bad" }, el("span", { class: "id", translate: "no" }, name), ` ${said}`);

/**
 * Shows in a dialog how far all items are, and what became of each. `describe` tells that of an item: `{ name, said, isGood }`;
 * `finished` gets all items when nothing more will happen, and returns what to say and the buttons then.
 */
export async function runBatch(dialog, opening, items, { work, describe, finished }) {
    const view = dialog.querySelector(".result");
    const bar = el("progress", { max: items.length, "aria-label": text("batch.progress") });
    const said = el("p", { role: "status" });
    const slot = el("div", { class: "failure" });
    const list = el("ol", { class: "outcomes", tabindex: 0, "aria-label": text("batch.outcomes") });
    const buttons = el("div", { class: "buttons" });
    let stop;
    const entryOf = (item) => outcomeLine(describe(item));
    const showProgress = () => {
        const done = items.filter(({ outcome }) => outcome !== undefined).length;
        bar.value = done;
        said.textContent = text("batch.of", { done: number(done), count: items.length });
    };

    async function run() {
        clearFailure(slot);
        stop = new AbortController();
        buttons.replaceChildren(stopButton);
        stopButton.focus();
        view.ariaBusy = "true";
        showProgress();
        try {
            const signal = AbortSignal.any([opening, stop.signal]);
            const onOutcome = (item) => {
                showProgress();
                list.prepend(entryOf(item));
            };
            const onWait = (seconds) => (said.textContent = text("batch.waiting", { seconds: text("count.seconds", { count: seconds }) }));
            await doAll(items, work, signal, onOutcome, onWait);
        } catch (error) {
            if (!opening.aborted) showFailure(slot, error, { retry: run });
        }
        if (opening.aborted) return;
        view.ariaBusy = null;
        const ending = finished(items, run);
        said.textContent = ending.said;
        buttons.replaceChildren(...ending.buttons);
        // What needs a look comes first.
        const isBad = (item) => !describe(item).isGood;
        list.replaceChildren(...[...items.filter(isBad), ...items.filter((item) => !isBad(item))].map(entryOf));
        buttons.lastElementChild.focus();
    }

    const stopButton = button({ onclick: () => stop.abort() }, text("batch.stop"));
    for (const form of dialog.querySelectorAll("form")) form.hidden = true;
    view.hidden = false;
    view.replaceChildren(bar, said, slot, list, buttons);
    await run();
}
