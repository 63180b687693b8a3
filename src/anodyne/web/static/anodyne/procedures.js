"use strict";
// Facts that matter only with certain values of others are shown with those alone; what is hidden is not sent.
const isMet = (when, of) => Object.entries(when).every(([name, values]) => {
  const field = document.getElementById(`id_${of}-${name}`);
  return !field || field.disabled || values.includes(field.value);
});
const settle = () => {
  for (const fact of document.querySelectorAll("[data-when]")) {
    fact.hidden = !isMet(JSON.parse(fact.dataset.when), fact.dataset.of);
    for (const field of fact.querySelectorAll("input, select")) field.disabled = fact.hidden;
  }
};
document.addEventListener("change", settle, true);
document.addEventListener("htmx:afterSettle", settle);
settle();
