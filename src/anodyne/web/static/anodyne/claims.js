const bulk = document.getElementById("bulk");
const chosen = document.getElementById("chosen");
const every = document.getElementById("every");
const allHere = document.getElementById("all-here");
const ticks = () => [...document.querySelectorAll("[data-tick]")];
const told = () => {
  const count = ticks().filter((box) => box.checked).length;
  bulk.hidden = count === 0 && !every.checked;
  chosen.textContent = every.checked ? "All of this list" : `${count} selected`;
  allHere.checked = count > 0 && count === ticks().length;
  allHere.indeterminate = count > 0 && !allHere.checked;
};
allHere.addEventListener("change", () => {
  for (const box of ticks()) {
    box.checked = allHere.checked;
    box.closest("tr").setAttribute("aria-selected", String(box.checked));
  }
  told();
});
every.addEventListener("change", told);
document.addEventListener("ticked", told);
told();
