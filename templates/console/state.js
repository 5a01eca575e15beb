// What the page shows (filters, order, page) and the page's own URL: one is made from the other, so that a view can be
// shared, reloaded, and left with the browser's Back. It calls nothing.

const STATUSES = ["active", "rotated", "invalidated", "expired"];
const SIZES = [20, 50, 100];
const FIRST_VIEW = {
    code: "",
    mentor_id: "",
    org_id: "",
    status: "",
    sort: "-created_at",
    limit: 20,
    page: 1,
    cursor: "",
};
const FILTERS = ["code", "mentor_id", "org_id", "status"];

/** The view that a URL's query describes. What it does not say, or says wrongly, is as on the first visit. */
export function viewOf(search) {
    const query = new URLSearchParams(search);
    const oneOf = (name, values) => values.find((value) => String(value) === query.get(name)) ?? FIRST_VIEW[name];
    const page = Number(query.get("page"));
    return {
        code: query.get("code")?.trim() ?? "",
        mentor_id: query.get("mentor_id")?.trim() ?? "",
        org_id: query.get("org_id")?.trim() ?? "",
        status: oneOf("status", STATUSES),
        sort: oneOf("sort", ["-created_at", "created_at"]),
        limit: oneOf("limit", SIZES),
        page: Number.isInteger(page) && page >= 1 && page <= 1e9 ? page : 1,
        cursor: query.get("cursor") ?? "",
    };
}

export const currentView = () => viewOf(location.search);
export const isFiltered = (view) => FILTERS.some((name) => view[name] !== "");
export const isSameView = (one, other) => Object.keys(FIRST_VIEW).every((name) => one[name] === other[name]);
export const unfiltered = (view) => ({ ...FIRST_VIEW, sort: view.sort, limit: view.limit });
export const ofMentor = (view, mentor_id) => ({ ...unfiltered(view), mentor_id });
export const ofOrganisation = (view, org_id) => ({ ...unfiltered(view), org_id });
export const firstPage = (view) => ({ ...view, page: 1, cursor: "" });

/**
 * The API numbers pages under a status up to 2,000 codes, which all codes soon exceed and those of one mentor hardly
 * ever do.
 */
export const isNumbered = (view) => view.status === "" || view.mentor_id !== "" || view.code !== "";

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
    const passed = [...cursorsBefore(), currentView().cursor];
    const at = view.cursor === "" ? 0 : passed.indexOf(view.cursor);
    history.pushState({ cursorsBefore: at < 0 ? passed : passed.slice(0, at) }, "", pageQuery(view));
    shownQuery = location.search;
    listener(view);
}
