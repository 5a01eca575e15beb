// What is done with a code's link: copy it, share it, show its QR code. The short URL is asked for at that very moment,
// so that the link of a code that has ended meanwhile is never handed out.

import { Failure, qrOf, urlsOf } from "./api.js";
import { copy } from "./clipboard.js";
import { openDialog } from "./dialogs.js";
import { byId, el, icon } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
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

/** Shows the QR code as this service draws it, to be scanned or saved. */
export function showQr({ code }) {
    const dialog = byId("qr");
    const plate = dialog.querySelector(".plate");
    const slot = dialog.querySelector(".failure");
    const draw = () => {
        clearFailure(slot);
        const onerror = () => {
            plate.replaceChildren();
            showFailure(slot, new Failure("qr"), { retry: draw });
        };
        const alt = text("qr.alt", { code });
        plate.replaceChildren(el("img", { src: qrOf(code), alt, width: 264, height: 264, onerror }));
    };
    byId("qr-title").textContent = text("qr.title", { code });
    const save = { class: "button primary save", href: qrOf(code), download: `${code}.svg` };
    dialog.querySelector(".save").replaceWith(el("a", save, icon("download"), text("qr.save")));
    draw();
    openDialog(dialog).addEventListener("abort", () => dialog.querySelector(".save").replaceWith(el("a", { class: "save" })));
}

const shortUrl = async ({ id }) => (await urlsOf(id)).short_url;
