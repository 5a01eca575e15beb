// What the page shows (filters, order, page, history) and the page's own URL: one is made from the other, so that a view
// can be shared, reloaded, and left with the browser's Back. It calls nothing.

export const STATUSES = ["active", "rotated", "invalidated", "expired"];
const SIZES = [20, 50, 100];

/** A view has one of these at most. `find` is a text of which it is not known yet what it is. */
const FOUND_BY = ["id", "code", "mentor_id", "begins", "find"];
const NOT_FOUND_BY = Object.fromEntries(FOUND_BY.map((name) => [name, ""]));

const FIRST_VIEW = {
    ...NOT_FOUND_BY,
    org_id: "",
    status: "",
    sort: "-created_at",
    limit: 20,
    page: 1,
    cursor: "",
    // The rest is no matter of the list: whether codes that have ended are hidden, and the mentor whose history is open.
    ended: "",
    history: "",
};
const OF_LIST = Object.keys(FIRST_VIEW).filter((name) => name !== "ended" && name !== "history");

/** The view that a URL's query describes. What it does not say, or says wrongly, is as on the first visit. */
export function viewOf(search) {
    const query = new URLSearchParams(search);
    const oneOf = (name, values) => values.find((value) => String(value) === query.get(name)) ?? FIRST_VIEW[name];
    const textOf = (name) => query.get(name)?.trim() ?? "";
    const foundBy = FOUND_BY.find((name) => textOf(name) !== "") ?? "find";
    const page = Number(query.get("page"));
    return {
        ...NOT_FOUND_BY,
        [foundBy]: textOf(foundBy),
        org_id: textOf("org_id"),
        status: oneOf("status", STATUSES),
        sort: oneOf("sort", ["-created_at", "created_at"]),
        limit: oneOf("limit", SIZES),
        page: Number.isInteger(page) && page >= 1 && page <= 1e9 ? page : 1,
        cursor: query.get("cursor") ?? "",
        ended: oneOf("ended", ["hidden"]),
        history: textOf("history"),
    };
}

export const currentView = () => viewOf(location.search);
export const isSameView = (one, other) => Object.keys(FIRST_VIEW).every((name) => one[name] === other[name]);
export const isSameList = (one, other) => OF_LIST.every((name) => one[name] === other[name]);

/** Whether two views differ in nothing but the page of the same list. */
export const isSameSelection = (one, other) => isSameList(firstPage(one), firstPage(other));

export const isFiltered = (view) => foundBy(view) !== "" || view.org_id !== "" || view.status !== "";

/** The text that the field shows. */
export const foundBy = (view) => FOUND_BY.map((name) => view[name]).find((value) => value !== "") ?? "";

export const unfiltered = (view) => ({ ...FIRST_VIEW, sort: view.sort, limit: view.limit, ended: view.ended });
export const ofCode = (view, id) => ({ ...unfiltered(view), id, ended: "" });
export const ofMentor = (view, mentor_id) => ({ ...unfiltered(view), mentor_id });
export const ofActive = (view, mentor_id) => ({ ...ofMentor(view, mentor_id), status: "active" });
export const ofOrganisation = (view, org_id) => ({ ...unfiltered(view), org_id });
export const ofStatus = (view, status) => ({ ...firstPage(view), status, ended: "" });
export const ofHistory = (view, history) => ({ ...view, history });
export const firstPage = (view) => ({ ...view, page: 1, cursor: "" });

/** A view of the codes that a text means, in whichever way. */
export const foundAs = (view, reading) => ({ ...firstPage(view), ...NOT_FOUND_BY, ...reading });

/**
 * The API numbers pages under a status up to 2,000 codes, which all codes soon exceed and those of one mentor hardly
 * ever do.
 */
export const isNumbered = (view) => view.status === "" || view.mentor_id !== "" || view.code !== "" || view.id !== "";

/** The query of the console's URL, as a link to that view: what differs from the first visit. */
export function pageQuery(view) {
    const differs = Object.entries(view).filter(([name, value]) => value !== FIRST_VIEW[name]);
    return `?${new URLSearchParams(differs)}`;
}

/** The parameters of the list that select and order codes, without those that page through them. */
export function selection(view) {
    const { code, mentor_id, org_id, status, sort } = view;
    return Object.fromEntries(
        Object.entries({ code, mentor_id, org_id, status, sort }).filter(([, value]) => value !== ""),
    );
}

/**
 * The cursors of the pages before this one. The browser keeps them with its own history; a shared URL comes without.
 */
const cursorsBefore = () => history.state?.cursorsBefore ?? [];

/** The cursor of the page before this one, or of the first page if that is not known. */
export const previousCursor = () => cursorsBefore().at(-1) ?? "";

let listener = () => {};
let shownQuery = location.search;

/** Sets what is called with the view whenever it changes. */
export function onView(changed) {
    listener = changed;
    addEventListener("popstate", () => {
        // A fragment that is typed into the address changes the URL too, but no view.
        if (location.search === shownQuery) return;
        shownQuery = location.search;
        listener(currentView());
    });
}

/** Goes to a view: a new entry in the browser's history. */
export function go(view) {
    enter(view);
    listener(view);
}

/** The URL of a view that is on the page already, as a new entry in the browser's history. */
export function enter(view) {
    const passed = [...cursorsBefore(), currentView().cursor];
    const at = view.cursor === "" ? 0 : passed.indexOf(view.cursor);
    history.pushState({ cursorsBefore: at < 0 ? passed : passed.slice(0, at), isOfPage: true }, "", pageQuery(view));
    shownQuery = location.search;
}

/** The same view by a better URL. */
export function amend(view) {
    history.replaceState(history.state, "", pageQuery(view));
    shownQuery = location.search;
}

/** Leaves a mentor's history for the list behind it: back where that is the entry before. */
export function leaveHistory() {
    if (currentView().history === "") return;
    if (history.state?.isOfPage) history.back();
    else {
        amend(ofHistory(currentView(), ""));
        listener(currentView());
    }
}
