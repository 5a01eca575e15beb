// What is said about a page of codes: how many there are, why there are none, and the links to the other pages. It is
// given what is shown, `{ view, codes, total }` of a numbered page or `{ view, codes, next }` of one by cursor, and
// asks for nothing.

import { button, byId, el } from "./dom.js";
import { firstPage, isFiltered, pageQuery, previousCursor, unfiltered } from "./state.js";
import { number, text } from "./words.js";

export function countText({ view, codes, total }) {
    if (codes.length === 0) return text("list.none");
    if (total === undefined) return text("list.onPage", { count: codes.length });
    if (codes.length === total) return text("count.codes", { count: total });
    const first = (view.page - 1) * view.limit + 1;
    return text("list.range", { first, last: first + codes.length - 1, count: total });
}

/** Why there is no row, and the way on. */
export function whyBlank({ view, total, next }) {
    const link = (label, target) => el("a", { class: "button", href: pageQuery(target) }, label);
    const clearFilters = link(text("filter.clear"), unfiltered(view));
    if (next !== undefined) {
        const keepLooking = link(text("list.keepLooking"), { ...view, cursor: next });
        return words(text("list.noneSoFar"), text("list.noneSoFarText"), keepLooking, clearFilters);
    }
    if (total > 0 || view.cursor !== "") {
        return words(text("list.pastEnd"), text("list.pastEndText"), link(text("list.firstPage"), firstPage(view)));
    }
    if (isFiltered(view)) {
        return words(text("list.noMatch"), whyNoMatch(view), clearFilters);
    }
    const newCode = button({ class: "primary", onclick: () => byId("new-button").click() }, text("page.newCode"));
    return words(text("list.empty"), text("list.emptyText"), newCode);
}

function whyNoMatch({ code, mentor_id, org_id, status }) {
    if (mentor_id !== "" || org_id !== "") return text("list.wholeIds");
    if (code === "") return text("list.noneWithStatus");
    return text(status === "" ? "list.noCode" : "list.noCodeWithStatus", { code });
}

const words = (title, explanation, ...buttons) => [
    el("h2", {}, title),
    el("p", {}, explanation),
    el("div", { class: "buttons" }, buttons),
];

export function pageLinks({ view, total, next }) {
    if (total === undefined) {
        return [
            step(text("list.previous"), view.cursor !== "" && { ...view, cursor: previousCursor() }),
            step(text("list.next"), next !== undefined && { ...view, cursor: next }),
        ];
    }
    const last = Math.max(1, Math.ceil(total / view.limit));
    const to = (page) => ({ ...view, page });
    return [
        step(text("list.previous"), view.page > 1 && to(Math.min(view.page - 1, last))),
        ...numbersAround(view.page, last).map((page) =>
            page === null
                ? el("span", { class: "gap" }, "…")
                : pageLink(number(page), to(page), {
                      "aria-label": text("list.page", { page }),
                      "aria-current": page === view.page && "page",
                  }),
        ),
        step(text("list.next"), view.page < last && to(view.page + 1)),
    ];
}

const pageLink = (label, view, attributes) => el("a", { href: pageQuery(view), ...attributes }, label);
const step = (label, view) => (view === false ? el("span", { class: "off" }, label) : pageLink(label, view));

/** The first page, the last one, and those around this one. Null is where others are left out. */
function numbersAround(page, last) {
    const wanted = last <= 7 ? [1, 2, 3, 4, 5, 6, 7] : [1, page - 1, page, page + 1, last];
    const numbers = [...new Set(wanted)].filter((number) => number >= 1 && number <= last);
    return numbers.flatMap((number, at) => (at > 0 && number > numbers[at - 1] + 1 ? [null, number] : [number]));
}
