// Single keys. Any element may declare one: data-key="e", data-key="g i", data-key="mod+k".
// A field gets the focus, anything else is clicked. data-rows on a list gives it J and K.
// Never while typing; <body data-keys="off"> switches keys without Ctrl or Cmd off.

const SEQUENCE_MS = 1_000;
let first = "";
let firstAt = 0;

function nameOf(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=submit])"))
  );
}

// Reach of keys: an open dialog hides the page below it.
function scope() {
  return document.querySelector("dialog[open]") ?? document;
}

function declared() {
  return [...scope().querySelectorAll("[data-key]")].filter(
    (element) => !element.disabled && !element.closest("[hidden]:not([data-key])"),
  );
}

function find(key) {
  return declared().find((element) => element.dataset.key === key);
}

function use(element) {
  if (element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) {
    element.focus();
  } else {
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.isComposing) return;
  const key = nameOf(event);
  const isCombined = key.startsWith("mod+");
  if (!isCombined && (isTyping(event.target) || document.body.dataset.keys === "off")) return;
  if (["Shift", "Control", "Meta", "mod+Control", "mod+Meta"].includes(key)) return;
  const pair = Date.now() - firstAt < SEQUENCE_MS ? `${first} ${key}` : "";
  first = key;
  firstAt = Date.now();
  const element = (pair && find(pair)) || find(key);
  if (element) {
    event.preventDefault();
    first = "";
    use(element);
  } else if (!pair || !declared().some((other) => other.dataset.key.startsWith(`${key} `))) {
    moveInRows(event, key);
  }
});

/* Lists: one tab stop, J and K or the arrows move it. */

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

function moveInRows(event, key) {
  const step = STEPS[key];
  const list = scope().querySelector("[data-rows]");
  const isArrow = key.startsWith("Arrow");
  if (!step || !list || (isArrow && !list.contains(event.target))) return;
  const rows = [...list.querySelectorAll("a[href]")];
  const current = rows.findIndex((row) => row === document.activeElement);
  const start = current >= 0 ? current : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const row = rows[start < 0 ? 0 : Math.min(Math.max(start + step, 0), rows.length - 1)];
  if (!row) return;
  event.preventDefault();
  row.focus();
  if (list.dataset.rows === "open" && !isArrow) row.click();
}

export function oneTabStop(list) {
  const rows = [...list.querySelectorAll("a[href]")];
  const focused = rows.find((row) => row === document.activeElement);
  const stop = focused ?? rows.find((row) => row.hasAttribute("aria-current")) ?? rows[0];
  for (const row of rows) row.tabIndex = row === stop ? 0 : -1;
}

function refreshLists() {
  document.querySelectorAll("[data-rows]").forEach(oneTabStop);
}

document.addEventListener("focusin", (event) => {
  const list = event.target.closest?.("[data-rows]");
  if (list) oneTabStop(list);
});
document.addEventListener("htmx:afterSettle", refreshLists);
refreshLists();

/* The sheet of this page's keys, made from the same attributes. */

function labelOf(element) {
  const own =
    element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.getAttribute("title");
  if (own) return own;
  const copy = element.cloneNode(true);
  for (const extra of copy.querySelectorAll("kbd, .badge, svg:not([aria-label])")) extra.remove();
  const mark = element.querySelector("svg[aria-label]");
  return copy.textContent.trim() || mark?.getAttribute("aria-label") || "";
}

function keyCaps(key) {
  const caps = document.createDocumentFragment();
  key.split(" ").forEach((part, index) => {
    if (index) caps.append(" then ");
    const cap = document.createElement("kbd");
    cap.textContent = part
      .replace("mod+", "Ctrl ")
      .replace(/(^| )([a-z])$/, (_, space, letter) => space + letter.toUpperCase());
    caps.append(cap);
  });
  return caps;
}

function openSheet() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keys on this page";
  const list = document.createElement("dl");
  list.className = "keys-list";
  const known = new Map(declared().map((element) => [element.dataset.key, labelOf(element)]));
  if (document.querySelector("[data-rows]")) known.set("j", "Next").set("k", "Previous");
  for (const [key, label] of [...known].sort(([a], [b]) => a.localeCompare(b))) {
    const term = document.createElement("dt");
    term.append(keyCaps(key));
    const meaning = document.createElement("dd");
    meaning.textContent = label;
    list.append(term, meaning);
  }
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "actions actions-end";
  const close = document.createElement("button");
  close.className = "button";
  close.textContent = "Close";
  form.append(close);
  dialog.append(title, list, form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-sheet]")) openSheet();
});
