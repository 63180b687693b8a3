// One table binds the keys and fills the sheet: what the server tells (#key-table), and what the page's own
// buttons, links and fields ask for with data-key and data-says.
const told = JSON.parse(document.getElementById("key-table").textContent);
const sheet = document.getElementById("keys");
const keyRows = () => [...document.querySelectorAll("[data-rows] > tr[tabindex]")].filter((row) => !row.closest("[hidden]"));
let lastRow = null;
const place = `row ${location.pathname}`;

const bindings = () => {
  const inRow = rowNow() ? [...rowNow().querySelectorAll("[data-row-key]")] : [];
  const firsts = [...document.querySelectorAll("[data-row-key]")].filter((element) => !inRow.some((near) => near.dataset.rowKey === element.dataset.rowKey));
  const ofRow = [...inRow, ...firsts].map((element) => ({
    keys: element.dataset.rowKey, says: element.dataset.says, where: "The row, or the first that has it", run: () => use(element),
  })).filter((key, at, all) => all.findIndex((other) => other.keys === key.keys) === at);
  const own = [...ofRow, ...[...document.querySelectorAll("[data-key]")].map((element) => ({
    keys: element.dataset.key, says: element.dataset.says || element.textContent.trim(), where: "This page",
    run: () => use(element),
  }))];
  const rows = keyRows().length > 0;
  const shared = told
    .filter((key) => (key.need !== "rows" || rows) && (key.need !== "tick" || document.querySelector("[data-tick]")))
    .filter((key) => !key.press || document.querySelector(key.press))
    .map((key) => ({ ...key, run: (event) => act(key, event) }));
  const taken = new Set(own.map((key) => key.keys));
  return [...own, ...shared.filter((key) => !taken.has(key.keys))];
};

const use = (element) => {
  if (element.matches("input:not([type=submit], [type=button], [type=checkbox]), select, textarea")) {
    element.focus();
    if (element.select) element.select();
  } else {
    if (element.matches("summary")) element.focus();
    element.click();
  }
};

const act = (key, event) => {
  if (key.go) location.assign(key.go);
  else if (key.press) use(document.querySelector(key.press));
  else (({ next: () => move(1), before: () => move(-1), first: () => move(-Infinity), last: () => move(Infinity),
    open: openRow, tick: () => tick(event), sheet: showSheet, leave: leave })[key.act])();
};

const rowNow = () => document.activeElement.closest?.("[data-rows] > tr[tabindex]") || (lastRow?.isConnected ? lastRow : null);
const focusRow = (row) => {
  for (const other of keyRows()) other.tabIndex = other === row ? 0 : -1;
  lastRow = row;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
};
const move = (by) => {
  const rows = keyRows();
  const at = rows.indexOf(rowNow());
  const to = at < 0 ? (by < 0 && by !== -Infinity ? 0 : by === Infinity ? rows.length - 1 : 0) : Math.max(0, Math.min(rows.length - 1, at + by));
  focusRow(rows[to]);
};
const openRow = () => {
  const row = rowNow();
  const link = row?.querySelector("a[data-open]") || row?.querySelector("a[href]");
  if (link) link.click();
};
const tick = (event) => {
  const row = rowNow();
  const box = row?.querySelector("[data-tick]");
  if (box) setTick(box, !box.checked, event.shiftKey);
};

// Ticking rows: x or the box; with shift, all rows since the one ticked before.
let anchor = null;
const setTick = (box, on, range) => {
  const boxes = keyRows().map((row) => row.querySelector("[data-tick]")).filter(Boolean);
  const from = range && anchor?.isConnected ? boxes.indexOf(anchor) : -1;
  const to = boxes.indexOf(box);
  const span = from < 0 ? [box] : boxes.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of span) {
    each.checked = on;
    each.closest("tr").setAttribute("aria-selected", String(on));
  }
  anchor = box;
  document.dispatchEvent(new CustomEvent("ticked"));
};
document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-tick]");
  if (box) setTick(box, box.checked, event.shiftKey);
  const row = event.target.closest?.("[data-rows] > tr[tabindex]");
  if (row && !event.target.closest("a, button, input, select, label, summary")) focusRow(row);
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest?.("[data-keys-open]")) showSheet();
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog").close();
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-rows] > tr[tabindex]");
  if (row) {
    for (const other of keyRows()) other.tabIndex = other === row ? 0 : -1;
    lastRow = row;
    const link = row.querySelector("a[data-open]");
    if (link) sessionStorage.setItem(place, link.getAttribute("href"));
  }
});

const showSheet = () => {
  const parts = new Map();
  for (const key of bindings()) parts.set(key.where, [...(parts.get(key.where) || []), key]);
  const body = sheet.querySelector(".sheet");
  body.replaceChildren(...[...parts].map(([title, keys]) => {
    const section = document.createElement("section");
    const head = document.createElement("h3");
    head.textContent = title;
    const list = document.createElement("dl");
    for (const key of keys) {
      const term = document.createElement("dt");
      key.keys.split(" ").forEach((part, at) => {
        const cap = document.createElement("kbd");
        cap.textContent = part;
        term.append(...(at ? [" "] : []), cap);
      });
      const words = document.createElement("dd");
      words.textContent = key.says;
      list.append(term, words);
    }
    section.append(head, list);
    return section;
  }));
  sheet.showModal();
};
const leave = () => {
  const menu = document.querySelector(".menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
};

let begun = "";
let begunAt = 0;
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), select, textarea, [contenteditable]");
  if (typing) {
    if (event.key === "Escape") {
      typing.blur();
      if (lastRow?.isConnected) focusRow(lastRow);
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && !event.target.matches?.("tr")) return;
  if (event.timeStamp - begunAt > 1500) begun = "";
  const pressed = begun ? `${begun} ${event.key}` : event.key;
  const all = bindings();
  const plain = (key) => key.keys === pressed || (key.act === "tick" && pressed === "X");
  const found = all.find(plain);
  if (found) {
    event.preventDefault();
    begun = "";
    found.run(event);
  } else if (!begun && all.some((key) => key.keys.startsWith(`${event.key} `))) {
    event.preventDefault();
    begun = event.key;
    begunAt = event.timeStamp;
  } else begun = "";
});

// Fields that send their form when they change; buttons that ask before they do what cannot be undone.
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-submits]")) event.target.form.requestSubmit();
});
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.asks;
  if (question && !window.confirm(question)) event.preventDefault();
}, true);

// Who comes back from a row stands on it again.
const left = sessionStorage.getItem(place);
const back = performance.getEntriesByType("navigation")[0]?.type === "back_forward" || (left && document.referrer.endsWith(left));
if (left && back && document.activeElement === document.body) {
  const row = keyRows().find((one) => one.querySelector("a[data-open]")?.getAttribute("href") === left);
  if (row) focusRow(row);
}
