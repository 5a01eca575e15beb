// Saves what the filter shows as one CSV file: the list as CSV, page by page by cursor. Nothing is written before all
// of it is there; a page that fails is asked for again from where it stopped.

import { listCsv } from "./api.js";
import { openDialog } from "./dialogs.js";
import { byId } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { save, today } from "./files.js";
import { beginsWith } from "./find.js";
import { isFiltered, selection } from "./state.js";
import { text } from "./words.js";

/** Exports the codes of a view. `total` is how many they are, if that is known. */
export function openExport(view, total) {
    const dialog = byId("export");
    const bar = dialog.querySelector("progress");
    const close = dialog.querySelector("[data-close]");
    const pages = [];
    const isWanted = lineFilter(view);
    let opening;
    let cursor = "";
    let rows = 0;

    async function run() {
        try {
            do {
                const page = await listCsv({ ...selection(view), limit: 100, cursor }, opening);
                const lines = page.text.trimEnd().split("\r\n");
                // Every page begins with the header row; the file has it once.
                const wanted = lines.slice(1).filter(isWanted);
                pages.push((pages.length === 0 ? [lines[0], ...wanted] : wanted).map((line) => `${line}\r\n`).join(""));
                rows += wanted.length;
                cursor = page.cursor;
                clearFailure(dialog.querySelector(".failure"));
                showProgress();
            } while (cursor);
        } catch (error) {
            if (!opening.aborted) showFailure(dialog.querySelector(".failure"), error, { retry: run });
            return;
        }
        save(new Blob(pages, { type: "text/csv" }), `referral-codes-${today()}.csv`);
        bar.max = bar.value = 1;
        byId("export-progress").textContent = text("export.saved", { count: rows });
        close.textContent = text("do.close");
    }

    function showProgress() {
        if (total === undefined) byId("export-progress").textContent = text("export.soFar", { count: rows });
        else {
            const count = Math.max(total, rows);
            bar.max = Math.max(count, 1);
            bar.value = rows;
            byId("export-progress").textContent = text("export.of", { done: rows, count });
        }
    }

    byId("export-scope").textContent = text(isFiltered(view) ? "export.filtered" : "export.all");
    close.textContent = text("do.cancel");
    bar.removeAttribute("value");
    showProgress();
    opening = openDialog(dialog);
    run();
}

/** The API does not filter by the beginning of a code. No value of these columns has a comma or a quote in it. */
function lineFilter({ begins }) {
    if (begins === "") return () => true;
    const isWanted = beginsWith(begins);
    return (line) => {
        const [, mentor_id, , code] = line.split(",");
        return isWanted({ mentor_id, code });
    };
}
