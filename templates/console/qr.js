// QR codes: shown, copied and saved, as this service draws them, or as a picture of pixels.

import { Failure, fetchQr, qrOf } from "./api.js";
import { openDialog } from "./dialogs.js";
import { announce, button, byId, el, icon } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";
import { imageOf, save } from "./files.js";
import { text } from "./words.js";

/** The side of a picture of pixels. */
const SIDE = 1024;
const SVG = "image/svg+xml";
/** So many units of the service's picture are one module of the code. */
const UNITS = 8;

/** Shows the QR code of a code, to be scanned, copied or saved. */
export function showQr({ code }) {
    const dialog = byId("qr");
    const plate = dialog.querySelector(".plate");
    const slot = dialog.querySelector(".failure");
    const use = (action) => async () => {
        clearFailure(slot);
        try {
            await action();
        } catch (error) {
            showFailure(slot, error, { retry: use(action) });
        }
    };
    const draw = () => {
        clearFailure(slot);
        // What the browser tells of a picture that does not come is nothing.
        const onerror = () => {
            plate.replaceChildren();
            showFailure(slot, new Failure("qr"), { retry: draw });
        };
        const alt = text("qr.alt", { code });
        plate.replaceChildren(el("img", { src: qrOf(code), alt, width: 264, height: 264, onerror }));
    };
    const savePng = async () => save(await pngOf(fetchQr(code)), `${code}.png`);
    byId("qr-title").textContent = text("qr.title", { code });
    dialog.querySelector(".ways").replaceChildren(
        button({ onclick: use(() => copyPicture(code)) }, icon("copy"), text("qr.copy")),
        button({ onclick: use(savePng) }, icon("download"), text("qr.savePng")),
        el("a", { class: "button primary", href: qrOf(code), download: `${code}.svg` }, icon("download"), text("qr.save")),
    );
    draw();
    openDialog(dialog);
}

/** Copies the QR code as pixels, and as lines where the browser copies those: what it is pasted into takes what it can use. */
async function copyPicture(code) {
    const svg = fetchQr(code);
    // Safari allows copying within the press only, so the promises themselves are handed over.
    const forms = { "image/png": pngOf(svg) };
    if (ClipboardItem.supports?.(SVG)) forms[SVG] = svg.then((blob) => new Blob([blob], { type: SVG }));
    await navigator.clipboard.write([new ClipboardItem(forms)]);
    announce(text("copied.qr", { code }));
}

/** The QR code as pixels: each module as many whole ones as fit, and light around. */
async function pngOf(svg) {
    const image = await imageOf(await svg);
    const modules = image.naturalWidth / UNITS;
    const side = Math.floor(SIDE / modules) * modules;
    const canvas = el("canvas", { width: SIDE, height: SIDE });
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, SIDE, SIDE);
    const start = Math.floor((SIDE - side) / 2);
    context.drawImage(image, start, start, side, side);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
