// What is said about a page of codes: how many there are, why there are none, and the links to the other pages. It is
// given what is shown, `{ view, codes, total }` of a numbered page or `{ view, codes, next }` of one by cursor, and
// asks for nothing.

import { button, byId, el, number, plural } from "./dom.js";
import { firstPage, isFiltered, pageQuery, previousCursor, unfiltered } from "./state.js";

export function countText({ view, codes, total }) {
    if (codes.length === 0) return "No codes";
    if (total === undefined) return `${plural(codes.length, "code")} on this page`;
    if (codes.length === total) return plural(total, "code");
    const first = (view.page - 1) * view.limit + 1;
    return `${number(first)}–${number(first + codes.length - 1)} of ${plural(total, "code")}`;
}

/** Why there is no row, and the way on. */
export function whyBlank({ view, total, next }) {
    const link = (label, target) => el("a", { class: "button", href: pageQuery(target) }, label);
    const clearFilters = link("Clear filters", unfiltered(view));
    if (next !== undefined) {
        const text = "Many codes were looked through. There are more.";
        return words("None found so far", text, link("Keep looking", { ...view, cursor: next }), clearFilters);
    }
    if (total > 0 || view.cursor !== "") {
        return words("Nothing on this page", "The codes end before it.", link("First page", firstPage(view)));
    }
    if (isFiltered(view)) {
        return words("No codes match", whyNoMatch(view), clearFilters);
    }
    const newCode = button({ class: "primary", onclick: () => byId("new-button").click() }, "New code");
    return words(
        "No codes yet",
        "A code belongs to one mentor, who invites others with it. Make the first one.",
        newCode,
    );
}

function whyNoMatch({ code, mentor_id, org_id, status }) {
    if (mentor_id !== "" || org_id !== "") return "A mentor and an organisation are found by their whole ID.";
    if (code === "") return "No code has this status.";
    return status === "" ? `There is no code ${code}.` : `There is no code ${code} with this status.`;
}

const words = (title, text, ...buttons) => [
    el("h2", {}, title),
    el("p", {}, text),
    el("div", { class: "buttons" }, buttons),
];

export function pageLinks({ view, total, next }) {
    if (total === undefined) {
        return [
            step("Previous", view.cursor !== "" && { ...view, cursor: previousCursor() }),
            step("Next", next !== undefined && { ...view, cursor: next }),
        ];
    }
    const last = Math.max(1, Math.ceil(total / view.limit));
    const to = (page) => ({ ...view, page });
    return [
        step("Previous", view.page > 1 && to(Math.min(view.page - 1, last))),
        ...numbersAround(view.page, last).map((page) =>
            page === null
                ? el("span", { class: "gap" }, "…")
                : pageLink(number(page), to(page), {
                      "aria-label": `Page ${page}`,
                      "aria-current": page === view.page && "page",
                  }),
        ),
        step("Next", view.page < last && to(view.page + 1)),
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
