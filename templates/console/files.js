// Saves files on the reader's device.

import { el } from "./dom.js";

/** Saves a file as a link that is pressed does. */
export function save(blob, name) {
    const href = URL.createObjectURL(blob);
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** A picture of a file, once it can be drawn. */
export async function imageOf(blob, attributes = {}) {
    const src = URL.createObjectURL(blob);
    const image = el("img", { ...attributes, src });
    await image.decode();
    URL.revokeObjectURL(src);
    return image;
}

/** Today, as the names of files have it. */
export const today = () => new Date().toISOString().slice(0, 10);
