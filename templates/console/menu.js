// A menu below a button, with the keys that the ARIA practices give a menu: arrows, Home, End, letters, Escape, Tab. It
// knows nothing of what its items do.

import { button, el, icon } from "./dom.js";

let close = () => {};

/**
 * Opens the menu of a button, or closes it. Items: `{ label, picture, run }`, or `href` in place of `run`; `isGrave`; a
 * link that `isOutside` opens a tab.
 */
export function toggleMenu(opener, items) {
    const wasOpen = opener.ariaExpanded === "true";
    close();
    if (wasOpen) return;

    const menu = el("div", { class: "menu", role: "menu", "aria-label": opener.ariaLabel }, items.map(menuItem));
    close = () => {
        menu.remove();
        opener.ariaExpanded = "false";
        removeEventListener("pointerdown", closeOutside);
        close = () => {};
    };
    const closeOutside = ({ target }) => menu.contains(target) || opener.contains(target) || close();
    const leave = () => {
        opener.focus();
        close();
    };
    // The focus goes back first, so that a dialog that an item opens returns it here.
    menu.addEventListener("click", leave, { capture: true });
    menu.addEventListener("keydown", (event) => onKey(event, [...menu.children], leave));
    addEventListener("pointerdown", closeOutside);

    opener.after(menu);
    opener.ariaExpanded = "true";
    // Where the window ends, the menu opens upwards, if there is room.
    const isCut = menu.getBoundingClientRect().bottom > innerHeight;
    menu.classList.toggle("up", isCut && opener.getBoundingClientRect().top > menu.offsetHeight);
    menu.firstElementChild.focus();
}

function onKey(event, entries, leave) {
    // A shortcut of the browser is no key of the menu.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = entries.indexOf(document.activeElement);
    const byLetter = [...entries.slice(at + 1), ...entries.slice(0, at)].find((entry) =>
        entry.textContent.toLowerCase().startsWith(event.key.toLowerCase()),
    );
    const target =
        {
            ArrowDown: entries[at + 1] ?? entries[0],
            ArrowUp: entries.at(at - 1),
            Home: entries[0],
            End: entries.at(-1),
        }[event.key] ?? byLetter;
    if (event.key === "Escape" || event.key === "Tab") leave();
    target?.focus();
    // A link does not know this key by itself, as a button does.
    const isSpaceOnLink = event.key === " " && entries[at]?.matches("a");
    if (isSpaceOnLink) entries[at].click();
    // Tab goes on from the button.
    if (target !== undefined || isSpaceOnLink || event.key === "Escape") event.preventDefault();
}

function menuItem({ label, picture, run, href, isGrave, isOutside }) {
    const attributes = { role: "menuitem", tabindex: -1, class: isGrave && "grave" };
    return href === undefined
        ? button({ ...attributes, onclick: run }, icon(picture), label)
        : el("a", { ...attributes, href, target: isOutside && "_blank", rel: isOutside && "noopener" }, icon(picture), label);
}
