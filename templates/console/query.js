// Asks the service for the codes of a view. It knows how the API's list pages, counts and filters, and nothing of how
// codes are shown.

import { Failure, getCode, listCodes } from "./api.js";
import { beginsWith, readingsOf } from "./find.js";
import { foundAs, isNumbered, selection } from "./state.js";

/** Under a status each call of the API looks through some 500 codes. A page gives up after so many calls. */
const MAX_CALLS = 8;

/** What one call looks through for a beginning, which the API does not filter by. */
const EXAMINED_PER_CALL = 100;

/** Up to so many codes the API counts those of a status. */
export const COUNTED = 2000;

/**
 * The codes of a view, as `{ view, codes }` with their `total`, or with the cursor of the `next` page, if there is one.
 * Where codes were looked through for a beginning, `examined` is how many. The view is another one where a text was found
 * to be a code, a mentor or an id.
 */
export async function fetchPage(view, signal) {
    if (view.find !== "") return fetchFound(view, signal);
    if (view.begins !== "") return fetchFurther({ view, codes: [], examined: 0, next: "" }, signal);
    try {
        return { view, ...(await (isNumbered(view) ? numberedPage(view, signal) : cursorPage(view, signal))) };
    } catch (error) {
        if (isNothing(error)) return { view, codes: [], total: 0 };
        throw error;
    }
}

/** No code has such an id; what cannot be a code or a mentor's id is that of none. */
const isNothing = (error) =>
    error instanceof Failure &&
    (error.reason === "notFound" || "code" in error.fields || "mentor_id" in error.fields);

async function numberedPage(view, signal) {
    if (view.id !== "") return { codes: [await getCode(view.id, signal)], total: 1 };
    const { data, pagination } = await listCodes({ ...selection(view), limit: view.limit, page: view.page }, signal);
    return { codes: data, total: pagination.total };
}

async function cursorPage(view, signal) {
    const codes = [];
    let next = view.cursor;
    for (let calls = 0; calls < MAX_CALLS && next !== undefined && codes.length < view.limit; calls += 1) {
        const query = { ...selection(view), limit: view.limit - codes.length, cursor: next };
        const { data, pagination } = await listCodes(query, signal);
        codes.push(...data);
        next = pagination.next_cursor;
    }
    return { codes, next };
}

/** The codes that a text means; if it means none, those that begin with it. */
async function fetchFound(view, signal) {
    const readings = readingsOf(view.find);
    const pages = await Promise.all(readings.map((reading) => fetchReading(foundAs(view, reading), signal)));
    const isId = readings.some(({ id }) => id !== undefined);
    const found = pages.find(({ codes }) => codes.length > 0) ?? (isId ? pages[0] : undefined);
    return found ?? fetchPage(foundAs(view, { begins: view.find }), signal);
}

/** A token for one mentor may not ask for another; what was typed may still be a code. */
async function fetchReading(view, signal) {
    try {
        return await fetchPage(view, signal);
    } catch (error) {
        if (error.reason === "mentor") return { view, codes: [], total: 0 };
        throw error;
    }
}

/** Looks through the next codes for those that begin with a text. */
export async function fetchFurther({ view, codes, examined, next }, signal) {
    const query = { ...selection(view), limit: EXAMINED_PER_CALL, cursor: next };
    const { data, pagination } = await listCodes(query, signal);
    const found = data.filter(beginsWith(view.begins));
    return { view, codes: [...codes, ...found], examined: examined + data.length, next: pagination.next_cursor };
}

/** All codes that a view shows, page by page: also those that begin with a text, and without those that are hidden. */
export async function* allCodesOf(view, signal) {
    if (view.id !== "" || view.find !== "") return yield (await fetchPage(view, signal)).codes;
    const isWanted = view.begins === "" ? () => true : beginsWith(view.begins);
    for (let cursor = ""; cursor !== undefined; ) {
        const { data, pagination } = await listCodes({ ...selection(view), limit: EXAMINED_PER_CALL, cursor }, signal);
        yield data.filter((code) => isWanted(code) && (view.ended === "" || code.status === "active"));
        cursor = pagination.next_cursor;
    }
}

/** How many codes of each status there are beside the view's status; null where they are too many for the API to count. */
export async function countByStatus(view, statuses) {
    const counted = statuses.map(async (status) => {
        const { pagination } = await listCodes({ ...selection({ ...view, status }), limit: 1 });
        return [status, pagination.total];
    });
    try {
        return Object.fromEntries(await Promise.all(counted));
    } catch (error) {
        if (error.reason === "parameter") return null;
        throw error;
    }
}
