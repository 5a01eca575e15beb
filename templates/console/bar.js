// What stands above the rows: which of the loaded codes are to be seen, or how many there are of each status, and the
// button that hides those that have ended.

import { button, byId, el } from "./dom.js";
import { showFailure } from "./failure.js";
import { statusLinks } from "./pages.js";
import { COUNTED, countByStatus } from "./query.js";
import { STATUSES } from "./state.js";
import { text } from "./words.js";

/** The counts that the service has given, and of which codes: null where these are too many. */
let counts;
let counted = "";

/** A change has made them wrong. */
export function forgetCounts() {
    counted = "";
}

/**
 * Says what is to be seen of a page. `typed` is what the rows are narrowed to, `count` how many are left, `hidden` how many
 * are not shown because they have ended, `more` a button that looks through more codes.
 */
export function showBar(page, { typed, count, hidden, more }) {
    const { view, codes, examined } = page;
    const all = codes.length;
    const isExamined = typed === "" && examined !== undefined && all > 0;
    const said = [
        typed !== "" && text("bar.begin", { count: count + hidden, all, typed }),
        isExamined && text("bar.examined", { count: all, examined, typed: view.begins }),
        hidden > 0 && text("bar.hidden", { count: hidden, all }),
    ];
    byId("said").textContent = said.filter(Boolean).join(" ");
    byId("further").replaceChildren(...[more].filter(Boolean));
    byId("counts").replaceChildren(...(byId("said").textContent === "" ? countsOf(page) : []));
    byId("ended").ariaPressed = String(view.ended !== "");
    byId("ended").hidden = codes.length === 0 || (view.status === "active" && view.ended === "");
}

/** The counts, where they are known, or the button that asks for them, where the service can count. */
function countsOf(page) {
    const { view, codes, total } = page;
    if (view.id !== "" || view.code !== "" || view.begins !== "") return [];
    if (view.status === "" && total === codes.length) {
        const ofStatus = (status) => codes.filter((code) => code.status === status).length;
        return total < 2 ? [] : statusLinks(view, Object.fromEntries(STATUSES.map((status) => [status, ofStatus(status)])));
    }
    if (counted === keyOf(view)) return counts === null ? [el("p", {}, text("bar.tooMany"))] : statusLinks(view, counts);
    if (total > COUNTED) return [];
    return [button({ id: "count-button", class: "quiet", onclick: () => askForCounts(page) }, text("bar.count"))];
}

const keyOf = ({ org_id, mentor_id }) => `${org_id} ${mentor_id}`;

async function askForCounts(page) {
    byId("count-button").ariaDisabled = "true";
    try {
        counts = await countByStatus(page.view, STATUSES);
        counted = keyOf(page.view);
        // The page may be another one by now.
        if (byId("count-button") !== null) byId("counts").replaceChildren(...countsOf(page));
    } catch (error) {
        showFailure(byId("failure"), error, { about: "counts", retry: () => askForCounts(page) });
    }
}
