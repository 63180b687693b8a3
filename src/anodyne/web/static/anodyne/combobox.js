"use strict";
// Fields with a list of what may be meant (role=combobox).  The server fills the list as one types; here it is
// opened, moved over with the arrows, chosen from with Enter, Tab or the mouse, and closed with Escape.
const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const optionsOf = (list) => [...list.querySelectorAll("[role=option]")];
const fieldOf = (list) => document.querySelector(`[aria-controls="${list.id}"]`);

const mark = (field, option) => {
  for (const other of optionsOf(listOf(field))) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
};
const show = (field) => {
  const list = listOf(field);
  const options = optionsOf(list);
  options.forEach((option, at) => { option.id = `${list.id}_${at}`; });
  list.hidden = options.length === 0;
  field.setAttribute("aria-expanded", String(!list.hidden));
  // Of people the only one that fits is marked at once; a code counts as it is typed.
  mark(field, field.dataset.pick && options.length === 1 ? options[0] : null);
};
const close = (field) => {
  listOf(field).hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
};
const choose = (field, option) => {
  field.value = option.dataset.value;
  close(field);
  listOf(field).replaceChildren();
  field.dispatchEvent(new Event("change", { bubbles: true }));
};

document.addEventListener("htmx:afterSwap", (event) => {
  const list = event.detail.target;
  if (list.getAttribute("role") !== "listbox") return;
  const field = fieldOf(list);
  if (document.activeElement === field) show(field);
  else close(field);
});
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[role=combobox]");
  if (!field || event.isComposing) return;
  const list = listOf(field);
  const options = optionsOf(list);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    if (list.hidden) show(field);
    mark(field, options[(at + step + options.length) % options.length] || options[0]);
  } else if (list.hidden) return;
  else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) {
    if (event.key === "Enter") event.preventDefault();
    choose(field, options[at]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(field);
  }
}, true);
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.("[role=option]");
  if (!option) return;
  event.preventDefault();
  choose(fieldOf(option.closest("[role=listbox]")), option);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[role=combobox]")) close(event.target);
});
