"use strict";
// A large file takes a while: say so, and take it once.
for (const form of document.querySelectorAll("form[data-wait]")) {
  form.addEventListener("submit", () => {
    form.querySelector("[role=status]").textContent = form.dataset.wait;
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
}
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[data-wait] button")) button.disabled = false;
  for (const told of document.querySelectorAll("form[data-wait] [role=status]")) told.textContent = "";
});
