// What a person may have typed into the field, or pasted: a link, a code, an id, a mentor, or the beginning of one.

import { linkOf } from "./api.js";

const ID = /^rc_[0-9a-f]{8,}$/;
export const EXTERNAL_ID = /^[\w.:|-]{1,128}$/;

/** No code and no link to one is longer. */
const LONGEST = 500;

/**
 * What a text can mean, as fields of a view. The service looks for all of these; the first one of which there are codes
 * is what was meant.
 */
export function readingsOf(typed) {
    if (ID.test(typed.toLowerCase())) return [{ id: typed.toLowerCase() }];
    const code = codeIn(typed);
    return [code.length <= LONGEST && { code }, EXTERNAL_ID.test(typed) && { mentor_id: typed }].filter(Boolean);
}

/** Whether a text is more than the beginning of a code or a mentor: a link, a part of one, or an id. */
export const isLink = (typed) => /[/?=#]/.test(typed) || ID.test(typed.trim().toLowerCase());

/** The service knows its own links. This page knows the rest: a link of the service's own host, and a bare `ref=…`. */
function codeIn(typed) {
    const own = linkOf("");
    const inPath = typed.toLowerCase().startsWith(own.toLowerCase()) ? typed.slice(own.length) : null;
    const inQuery = /^[?&]?ref=([^&#]+)/i.exec(typed)?.[1];
    return decoded(inPath?.replace(/(\.svg)?([?#].*)?$/i, "") ?? inQuery ?? typed);
}

function decoded(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

/** Whether a code or its mentor begins with a text as people type it. */
export function beginsWith(typed) {
    const plain = typed.toLowerCase();
    const letters = plain.replace(/[^a-z0-9]/g, "");
    return ({ code, mentor_id }) =>
        (letters !== "" && code.toLowerCase().replaceAll("-", "").startsWith(letters)) ||
        mentor_id.toLowerCase().startsWith(plain);
}
