/** Talks to the carrier's own API, and builds elements without markup in strings. */

export async function ask(path, given, method = "POST") {
  const options = given === undefined ? {} : {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  };
  const answer = await fetch(`/carrier/${path}`, options);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.message);
  return data;
}

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export const find = (id) => document.getElementById(id);

const clock = new Intl.DateTimeFormat("en-US", {
  hour: "numeric",
  minute: "2-digit",
  second: "2-digit",
});

export const time = (instant) => clock.format(new Date(instant));

/** +1 510-555-0142; numbers elsewhere stay as they are. */
export function readable(number) {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return american ? `+1 ${american.slice(1).join("-")}` : number;
}

const words = { wrong_person: "wrong person", opted_out: "opted out" };

export const moodWord = (mood) => words[mood] ?? mood;
