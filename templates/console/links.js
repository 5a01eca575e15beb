// What is done with a code's link: copy it, share it, show its QR code. The short URL is asked for at that very moment, so that
// the link of a code that has ended meanwhile is never handed out.

import { Failure, qrOf, urlsOf } from "./api.js";
import { copy } from "./clipboard.js";
import { openDialog } from "./dialogs.js";
import { byId, el, icon } from "./dom.js";
import { clearFailure, showFailure } from "./failure.js";

export const copyCode = ({ code }) => copy(code, `Copied ${code}`);
export const copyLink = (code) => copy(shortUrl(code), `Copied the link of ${code.code}`);

export const canShare = () => "share" in navigator;

/** Hands the link to the device's own share sheet. */
export async function shareLink(code) {
  const url = await shortUrl(code);
  try {
    await navigator.share({ url, title: `Referral code ${code.code}` });
  } catch (error) {
    if (error.name !== "AbortError") await copy(url, `Copied the link of ${code.code}`);
  }
}

/** Shows the QR code as this service draws it, to be scanned or saved. */
export function showQr(code) {
  const dialog = byId("qr");
  const failure = dialog.querySelector(".failure");
  const draw = () => {
    clearFailure(failure);
    const picture = el("img", { src: qrOf(code.code), alt: `QR code of the link of ${code.code}`, width: 264, height: 264 });
    picture.addEventListener("error", () => {
      dialog.querySelector(".plate").replaceChildren();
      const detail = "The code may have ended meanwhile. Try again, or close this and reload the list.";
      showFailure(failure, new Failure({ title: "The QR code could not be loaded", detail }), { retry: draw });
    });
    dialog.querySelector(".plate").replaceChildren(picture);
  };
  byId("qr-title").textContent = `QR code of ${code.code}`;
  dialog.querySelector(".save").replaceWith(
    el("a", { class: "button primary save", href: qrOf(code.code), download: `${code.code}.svg` }, icon("download"), "Download SVG"),
  );
  draw();
  openDialog(dialog);
}

const shortUrl = async ({ id }) => (await urlsOf(id)).short_url;
