// A menu below a button, with the keys that the ARIA practices give a menu: arrows, Home, End, letters, Escape, Tab.
// It knows nothing of what its items do.

import { el, icon } from "./dom.js";

let close = () => {};

/** Opens the menu of a button, or closes it. Items: `{ label, picture, run }` or `{ label, picture, href }`, `isGrave` for red. */
export function toggleMenu(button, items) {
  const wasOpen = button.ariaExpanded === "true";
  close();
  if (wasOpen) return;

  const menu = el("div", { class: "menu", role: "menu", "aria-label": button.ariaLabel }, items.map((item) => menuItem(item)));
  const entries = [...menu.children];
  const focusAt = (index) => entries.at(index % entries.length).focus();

  close = (event) => {
    if (event && (menu.contains(event.target) || button.contains(event.target))) return;
    menu.remove();
    button.ariaExpanded = "false";
    removeEventListener("pointerdown", close);
    close = () => {};
  };
  menu.addEventListener("click", () => {
    // The focus goes back first, so that a dialog that an item opens returns it here.
    button.focus();
    close();
  }, { capture: true });
  menu.addEventListener("keydown", (event) => {
    const at = entries.indexOf(document.activeElement);
    const letter = entries.findIndex((entry, index) => index !== at && entry.textContent.toLowerCase().startsWith(event.key));
    if (event.key === "ArrowDown") focusAt(at + 1);
    else if (event.key === "ArrowUp") focusAt(at - 1);
    else if (event.key === "Home") focusAt(0);
    else if (event.key === "End") focusAt(-1);
    else if (event.key === "Escape" || event.key === "Tab") {
      button.focus();
      close();
      if (event.key === "Tab") return;
    } else if (letter >= 0) focusAt(letter);
    else return;
    event.preventDefault();
  });

  button.after(menu);
  button.ariaExpanded = "true";
  addEventListener("pointerdown", close);
  // Where the window ends, the menu opens upwards.
  menu.classList.toggle("up", menu.getBoundingClientRect().bottom > innerHeight && button.getBoundingClientRect().top > menu.offsetHeight);
  focusAt(0);
}

function menuItem({ label, picture, run, href, isGrave }) {
  const attributes = { role: "menuitem", tabindex: -1, class: isGrave && "grave" };
  return href === undefined
    ? el("button", { ...attributes, type: "button", onclick: run }, icon(picture), label)
    : el("a", { ...attributes, href, target: "_blank", rel: "noopener" }, icon(picture), label);
}
