// What is done with a code's link: copy it, share it. The short URL is asked for at that very moment,
// so that the link of a code that has ended meanwhile is never handed out.

import { urlsOf } from "./api.js";
import { copy } from "./clipboard.js";
import { text } from "./words.js";

export const copyCode = ({ code }) => copy(code, text("copied.code", { code }));
export const copyLink = (code) => copy(shortUrl(code), text("copied.link", code));

export const canShare = () => "share" in navigator;

/** Hands the link to the device's own share sheet. */
export async function shareLink(code) {
    const url = await shortUrl(code);
    try {
        await navigator.share({ url, title: text("share.title", code) });
    } catch (error) {
        if (error.name !== "AbortError") await copy(url, text("copied.link", code));
    }
}

const shortUrl = async ({ id }) => (await urlsOf(id)).short_url;
