/** Starts the page, follows its address, and redraws what the carrier says has changed. */

import { ask, find } from "./api.js";
import { drawDesk, watchDesk } from "./desk.js";
import { drawPhone, watchPhone } from "./phone.js";
import { drawPhones, watchAdding } from "./phones.js";

const wide = matchMedia("(min-width: 700px)");
let stream = null;

const openPhone = () => /^\/phones\/([^/]+)\/$/.exec(location.pathname)?.[1] ?? null;

function view() {
  if (openPhone()) return "phone";
  return location.pathname === "/desk/" ? "desk" : "phones";
}

function say(error) {
  find("error").textContent = error ? error.message : "";
}

async function draw() {
  document.body.dataset.view = view();
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.dataset.view === view();
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  await drawPhone(openPhone());
  await Promise.all([drawPhones(openPhone()), drawDesk()]);
}

async function go(address) {
  history.pushState(null, "", address);
  say(null);
  await draw();
}

/** On a wide page one phone is always open: the one that was texted last. */
async function openFirst() {
  const phones = await ask("phones");
  if (view() === "phones" && wide.matches && phones.length) {
    history.replaceState(null, "", `/phones/${phones[0].id}/`);
  }
}

function listen() {
  if (stream || document.visibilityState !== "visible") return;
  stream = new EventSource("/carrier/events");
  stream.addEventListener("open", () => {
    find("connection").textContent = "";
    draw();
  });
  stream.addEventListener("changed", async () => {
    await openFirst();
    await draw();
  });
  stream.addEventListener("error", () => {
    find("connection").textContent = "Not connected.";
  });
}

/** A browser allows six streams to one place: a hidden page gives its own back. */
function pause() {
  stream?.close();
  stream = null;
}

document.addEventListener("visibilitychange", () =>
  document.visibilityState === "visible" ? listen() : pause(),
);
addEventListener("pagehide", pause);
addEventListener("popstate", draw);
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.getAttribute("href"));
});

const settings = await ask("settings");
watchPhone(settings.moods, say);
watchAdding((id) => go(`/phones/${id}/`), say);
watchDesk(async () => openPhone() && (await ask(`phones/${openPhone()}`)).number, say);
await openFirst();
await draw();
listen();
