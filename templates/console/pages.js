// What is said about a page of codes: what it is, how many there are, why there are none, and the links to the other
// pages. It is given what query.js has found, and asks for nothing.

import { button, byId, el } from "./dom.js";
import { firstPage, foundBy, isFiltered, ofStatus, pageQuery, previousCursor, STATUSES, unfiltered } from "./state.js";
import { number, text } from "./words.js";

/** The title of the page: what it shows, then what it is. */
export function titleOf({ view, codes }) {
    if (view.history !== "") return `${text("history.title", { mentor: view.history })} – ${text("page.title")}`;
    const begins = view.begins !== "" && text("list.begins", { typed: view.begins });
    const shown = [
        begins || (view.id !== "" && codes[0]?.code) || foundBy(view),
        view.org_id,
        view.status !== "" && text(`status.${view.status}`),
        view.page > 1 && text("list.page", { page: view.page }),
    ];
    return [shown.filter(Boolean).join(", "), text("page.title")].filter(Boolean).join(" – ");
}

export function countText({ view, codes, total, examined }) {
    if (examined !== undefined) return "";
    if (codes.length === 0) return text("list.none");
    if (total === undefined) return text("list.onPage", { count: codes.length });
    if (codes.length === total) return text("count.codes", { count: total });
    const first = (view.page - 1) * view.limit + 1;
    return text("list.range", { first, last: first + codes.length - 1, count: total });
}

/** Links to the codes of each status, with how many they are. */
export function statusLinks(view, counts) {
    const sum = STATUSES.reduce((all, status) => all + counts[status], 0);
    const link = (status, label, count) =>
        el(
            "a",
            { href: pageQuery(ofStatus(view, status)), "aria-current": status === view.status && "true" },
            `${label} `,
            el("b", {}, number(count)),
        );
    return [
        link("", text("filter.all"), sum),
        ...STATUSES.map((status) => link(status, text(`status.${status}`), counts[status])),
    ];
}

/** Why there is no row, and the way on. `more` is the button that looks through more codes. */
export function whyBlank({ view, total, next, examined }, more) {
    const link = (label, target) => el("a", { class: "button", href: pageQuery(target) }, label);
    const clearFilters = link(text("filter.clear"), unfiltered(view));
    if (examined !== undefined) {
        const values = { count: examined, typed: view.begins };
        const explanation = text(next === undefined ? "list.noneBeginsAtAll" : "list.noneBegins", values);
        return words(text("list.noMatch"), explanation, more, clearFilters);
    }
    if (next !== undefined) {
        const keepLooking = link(text("list.keepLooking"), { ...view, cursor: next });
        return words(text("list.noneSoFar"), text("list.noneSoFarText"), keepLooking, clearFilters);
    }
    if (total > 0 || view.cursor !== "") {
        return words(text("list.pastEnd"), text("list.pastEndText"), link(text("list.firstPage"), firstPage(view)));
    }
    if (isFiltered(view)) return words(text("list.noMatch"), whyNoMatch(view), clearFilters);
    const newCode = button({ class: "primary", onclick: () => byId("new-button").click() }, text("page.newCode"));
    return words(text("list.empty"), text("list.emptyText"), newCode);
}

function whyNoMatch(view) {
    const sought = foundBy(view);
    if (sought !== "") return text(view.status + view.org_id === "" ? "list.noSuch" : "list.noSuchHere", { sought });
    return text(view.org_id === "" ? "list.noneWithStatus" : "list.noneOfOrg");
}

/** A heading, an explanation and buttons, in place of rows. */
export const words = (title, explanation, ...buttons) => [
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
