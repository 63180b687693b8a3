"use strict";
const form = document.querySelector(".filters");
if (form) {
  const claims = [...document.querySelectorAll(".claim")];
  const shown = form.querySelector(".shown");
  const filter = () => {
    const chosen = new FormData(form);
    const outcomes = new Set(chosen.getAll("outcome"));
    const words = chosen.get("words").trim().toUpperCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const claim of claims) {
      const told = claim.dataset;
      const fits = outcomes.has(told.outcome)
        && (!chosen.get("payer") || told.payer === chosen.get("payer"))
        && (!chosen.get("provider") || told.provider === chosen.get("provider"))
        && (!chosen.get("rule") || told.rules.split(" ").includes(chosen.get("rule")))
        && words.every((word) => told.words.includes(word));
      claim.hidden = !fits;
      count += fits ? 1 : 0;
    }
    shown.textContent = `${count} of ${claims.length} claims shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();
}
