/** The list of phones on the left. */

import { ask, element, find, moodWord, readable } from "./api.js";

/** Newest first when the page opens; later ones join at the end, so that nothing moves. */
const order = [];

export async function drawPhones(open) {
  const phones = await ask("phones");
  order.push(...phones.map((phone) => phone.id).filter((id) => !order.includes(id)));
  phones.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  const focused = document.activeElement?.dataset.phone;
  find("phones").replaceChildren(...phones.map((phone) => row(phone, open)));
  if (focused) find("phones").querySelector(`[data-phone="${focused}"]`)?.focus();
  find("no-phones").hidden = phones.length > 0;
  const unread = phones.reduce((sum, phone) => sum + phone.unread, 0);
  document.title = unread ? `(${unread}) Simulated carrier` : "Simulated carrier";
  return phones;
}

function row(phone, open) {
  const link = element(
    "a",
    { href: `/phones/${phone.id}/`, className: phone.unread ? "unread" : "" },
    element("span", { className: "name" }, phone.name || readable(phone.number)),
    element("span", { className: "meta" }, about(phone)),
  );
  link.dataset.phone = phone.id;
  if (phone.id === open) link.setAttribute("aria-current", "page");
  if (phone.unread) {
    const spoken = element("span", { className: "unseen" }, " unread");
    link.append(element("span", { className: "badge" }, String(phone.unread), spoken));
  }
  return element("li", {}, link);
}

function about(phone) {
  const number = phone.name ? [readable(phone.number)] : [];
  return [...number, moodWord(phone.mood)].join(", ");
}

export function watchAdding(added, failed) {
  find("add").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    try {
      const [phone] = await ask("phones", Object.fromEntries(new FormData(form)));
      form.reset();
      form.closest("details").open = false;
      added(phone.id);
    } catch (error) {
      failed(error);
    }
  });
}
