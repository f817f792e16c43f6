/** The open phone: what arrived on it, and what is written on it. */

import { ask, element, find, moodWord, readable, time } from "./api.js";

const QUICK = ["Yes", "What does it pay?", "Wrong number", "STOP", "START", "HELP"];
const ARRIVED = new Set(["delivered", "undelivered", "received"]);

let shown = null;
let bubbles = new Map();

export async function drawPhone(id) {
  if (id !== shown) {
    shown = id;
    bubbles = new Map();
    find("log").replaceChildren();
  }
  const phone = id ? await read(id) : null;
  if (id !== shown) return;
  drawFace(phone);
  drawLog(phone ? phone.messages.filter((message) => ARRIVED.has(message.status)) : []);
}

async function read(id) {
  const seen = document.visibilityState === "visible" ? "?seen=1" : "";
  try {
    return await ask(`phones/${id}${seen}`);
  } catch {
    return null;
  }
}

function drawFace(phone) {
  find("phone-title").textContent = phone ? phone.name || readable(phone.number) : "No phone chosen";
  find("phone-number").textContent = phone?.name ? readable(phone.number) : "";
  for (const control of document.querySelectorAll("#write *, #quick button, #mood")) {
    control.disabled = !phone;
  }
  if (phone) find("mood").value = phone.mood;
  drawNumbers(phone);
  find("blocked").hidden = !phone?.blocked.length;
  find("blocked").textContent = phone
    ? `Blocked until START: ${phone.blocked.map(readable).join(", ")}`
    : "";
}

function drawNumbers(phone) {
  const select = find("to");
  const numbers = phone?.numbers ?? [];
  const known = [...select.options].map((option) => option.value);
  if (known.join() !== numbers.join()) {
    select.replaceChildren(...numbers.map((value) => element("option", { value }, readable(value))));
  }
  find("to-label").hidden = numbers.length < 2;
  if (phone && select.dataset.of !== `${phone.id} ${phone.last_seq}`) {
    select.dataset.of = `${phone.id} ${phone.last_seq}`;
    select.value = phone.last_number;
  }
}

/** Only adds to the log, so that a screen reader hears what is new and nothing else. */
function drawLog(messages) {
  const log = find("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const before = bubbles.size;
  for (const message of messages) {
    const known = bubbles.get(message.sid);
    if (known) known.lastElementChild.textContent = below(message);
    else {
      bubbles.set(message.sid, bubble(message));
      log.append(bubbles.get(message.sid));
    }
  }
  find("empty").hidden = messages.length > 0;
  log.hidden = messages.length === 0;
  if (atEnd || before === 0) log.scrollTop = log.scrollHeight;
}

function bubble(message) {
  if (message.status === "undelivered") {
    return element("p", { className: "lost" }, element("span", {}, below(message)));
  }
  const own = message.direction === "inbound";
  return element(
    "div",
    { className: own ? "bubble own" : "bubble" },
    element("p", {}, message.body),
    element("p", { className: "meta" }, below(message)),
  );
}

function below(message) {
  const at = time(message.history.at(-1).at);
  if (message.status === "undelivered") {
    return `${at}: a text did not reach this phone (${message.error_code})`;
  }
  if (message.direction !== "inbound") return `${at} from ${readable(message.from)}`;
  const answers = { "": "on its way", "0": "nobody answered" };
  return `${at}, ${answers[message.answer] ?? words(message.answer)}`;
}

const words = (answer) => (/^\d+$/.test(answer) ? `answered ${answer}` : answer);

export function watchPhone(moods, failed) {
  find("mood").append(...moods.map((value) => element("option", { value }, moodWord(value))));
  find("quick").append(...QUICK.map((text) => element("button", { type: "button" }, text)));
  find("quick").addEventListener("click", (event) => {
    if (event.target.matches("button")) write(event.target.textContent, failed);
  });
  find("write").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = find("body");
    if (field.value && (await write(field.value, failed))) field.value = "";
  });
  find("mood").addEventListener("change", async (event) => {
    const phone = await read(shown);
    if (phone) await ask("phones", { number: phone.number, mood: event.target.value });
  });
}

async function write(body, failed) {
  try {
    await ask(`phones/${shown}/send`, { body, to: find("to").value });
    failed(null);
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}
