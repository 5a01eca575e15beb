// Builds what the page shows: elements, pictures, numbers, times, messages, errors beside fields. Values become text
// nodes and attributes, never markup: no other module creates elements, and none writes HTML. It knows neither the API
// nor the page's state.

import { dateText, text } from "./words.js";

export const byId = (id) => document.getElementById(id);

/**
 * An element. An attribute that is `true` is set without a value; one that is `false`, null or undefined is left out;
 * `onclick` and the like are listeners. Children are elements and texts; false, null and undefined are left out.
 */
export function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
        else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat().filter((child) => child !== false && child != null));
    return element;
}

/** A button that does something on this page: it sends no form. */
export const button = (attributes, ...children) => el("button", { type: "button", ...attributes }, ...children);

/** One of the pictures that index.html defines. It is decoration: words stand beside it. */
export function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS(svg.namespaceURI, "use");
    use.setAttribute("href", `#i-${name}`);
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
}

/** A code string, which no browser may translate. */
export const codeName = (code) => el("span", { class: "code", translate: "no" }, code);

/** The status as a shape and a word. */
export const statusPill = (status) =>
    el("span", { class: `status ${status}` }, icon(status), text(`status.${status}`));

let silence;

/** Says something: for some seconds at the edge of the page, and to screen readers. */
export function announce(said) {
    const toast = byId("toast");
    // Behind an open dialog nothing is read out, nor seen: the topmost one takes the message in.
    const dialogs = document.querySelectorAll("dialog[open]");
    (dialogs[dialogs.length - 1] ?? document.body).append(toast);
    clearTimeout(silence);
    toast.textContent = "";
    // A live region speaks when its text changes, not when it is moved.
    requestAnimationFrame(() => (toast.textContent = said));
    silence = setTimeout(() => (toast.textContent = ""), 6000);
}

/** Shows each error beside the field of that name, or no errors. Returns whether all of them have such a place. */
export function showFieldErrors(form, errors = {}) {
    const fields = [...form.elements].filter(({ id }) => byId(`${id}-error`) !== null);
    for (const field of fields) {
        byId(`${field.id}-error`).textContent = errors[field.name] ?? "";
        if (field.name in errors) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
    }
    fields.find(({ name }) => name in errors)?.focus();
    return Object.keys(errors).every((known) => fields.some(({ name }) => name === known));
}

/** A time of the API in the reader's own time zone, and in full where the pointer rests on it. */
export function time(datetime, precision = "day") {
    const date = new Date(datetime);
    if (Number.isNaN(date.getTime())) return datetime;
    return el("time", { datetime, title: dateText(date, "exact") }, dateText(date, precision));
}
