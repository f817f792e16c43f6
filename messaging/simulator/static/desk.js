/** The carrier's desk: faults on request and the truth log. */

import { ask, element, find, readable, time } from "./api.js";

const FAULTS = {
  latency: "Answer 5 s late",
  refuse_429: "Too many requests (429)",
  error_500_before: "Refuse with 500",
  error_500_after: "Accept, then answer 500",
  drop_answer: "Accept, lose the answer",
  half_body: "Accept, send half the answer",
  receipt_first: "Receipt before the answer",
  duplicate_receipts: "Receipts twice",
  reorder_receipts: "Receipts out of order",
  no_receipts: "No receipts",
  lose_inbound: "Lose texts from phones",
  duplicate_inbound: "Texts from phones twice",
};

const COUNTS = [
  ["Asked", (counts) => counts.requests],
  ["Accepted", (counts) => counts.accepted],
  ["Sent", (counts) => counts.status_sent],
  ["Delivered", (counts) => counts.status_delivered],
  ["Received", (counts) => counts.inbound],
];

const GOOD = new Set(["delivered", "received", "read"]);

export async function drawDesk() {
  const [faults, truth] = await Promise.all([ask("faults"), ask("truth?last=50&direction=all")]);
  drawFaults(faults);
  find("counts").replaceChildren(
    ...COUNTS.map(([word, count]) =>
      element("div", {}, element("dt", {}, word), element("dd", {}, String(count(truth.counts) ?? 0))),
    ),
  );
  const rows = truth.messages.reverse().map(row);
  find("truth").replaceChildren(...(rows.length ? rows : [nothing()]));
}

function drawFaults({ plan, struck }) {
  for (const [kind, label] of Object.entries(FAULTS)) {
    const box = find(`fault-${kind}`) ?? addFault(kind, label);
    box.checked = kind in plan;
    const times = struck[kind] ?? 0;
    find(`struck-${kind}`).textContent = [scope(plan[kind]), times ? (times === 1 ? "once" : `${times} times`) : ""]
      .filter(Boolean)
      .join(", ");
  }
}

function scope(rules) {
  if (!rules) return "";
  const [rule] = rules;
  if (rule.to) return readable(rule.to);
  if (rule.next) return `next ${rule.next}`;
  return rule.probability < 1 ? `${Math.round(rule.probability * 100)} %` : "";
}

function addFault(kind, label) {
  const box = element("input", { type: "checkbox", id: `fault-${kind}`, name: kind });
  const struck = element("span", { className: "meta", id: `struck-${kind}` });
  find("faults").append(element("li", {}, element("label", {}, box, label), struck));
  return box;
}

function nothing() {
  return element("tr", {}, element("td", { colSpan: 4, className: "meta" }, "Nothing accepted yet."));
}

function row(message) {
  const inbound = message.direction === "inbound";
  const way = `${inbound ? "from" : "to"} ${readable(inbound ? message.from : message.to)}`;
  const answer = inbound || message.answer === "201" ? "" : ` (answer: ${message.answer})`;
  const code = message.error_code ? ` ${message.error_code}` : "";
  const state = element("td", { className: tone(message) }, message.status + code + answer);
  return element(
    "tr",
    {},
    element("td", {}, time(message.accepted_at)),
    element("td", {}, way),
    element("td", { className: "text", title: message.body }, element("span", {}, message.body)),
    state,
  );
}

function tone(message) {
  if (message.status === "undelivered") return "bad";
  return GOOD.has(message.status) ? "good" : "";
}

/** `open` tells the number of the open phone, for faults that strike it alone. */
export function watchDesk(open, failed) {
  find("faults").addEventListener("change", async ({ target }) => {
    try {
      const rule = target.checked ? await ruleFor(open) : false;
      drawFaults(await ask("faults", { plan: { [target.name]: rule } }));
    } catch (error) {
      target.checked = !target.checked;
      failed(error);
    }
  });
  find("forget").addEventListener("click", () => find("sure").showModal());
  find("sure").addEventListener("close", async () => {
    if (find("sure").returnValue === "forget") await ask("reset", {});
    find("sure").returnValue = "";
  });
}

async function ruleFor(open) {
  const chosen = find("scope").value;
  if (chosen === "next") return { next: 1 };
  if (chosen === "all") return true;
  const number = await open();
  if (!number) throw new Error("No phone is open");
  return { to: number };
}
