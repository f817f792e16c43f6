// The browser's twin of messaging/wording/segments.py: same rules, same answers.
// Both are proven on tests/vectors/segments.json; change them together.

export const MAX_CHARACTERS = 1600;

const GSM_SINGLE = 160;
const GSM_PART = 153;
const UCS_SINGLE = 70;
const UCS_PART = 67;

const GSM_BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const GSM_EXTENSION = new Set("\f^{}\\[~]|€");

const REPLACEMENTS = new Map();
for (const [characters, plain] of [
  ["\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc", "'"],
  ["\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'],
  ["\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"],
  ["\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000", " "],
  ["\u2028\u2029\u0085\u000b", "\n"],
  ["\u200b\u2060\ufeff", ""],
  ["\u2026", "..."],
  ["\u2022", "-"],
  ["\u00b7", "-"],
  ["\u2044", "/"],
  ["\u00d7", "x"],
]) {
  for (const character of characters) REPLACEMENTS.set(character, plain);
}

const JOINER = "\u200d";
const EXTENDS =
  /^[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f\u200c\u200d\ufe00-\ufe0f\u{1f3fb}-\u{1f3ff}\u{e0020}-\u{e007f}]/u;
const PICTURE = /^[\u2190-\u2bff\u3030\u303d\u3297\u3299\u{1f000}-\u{1faff}]/u;
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]/u;

/** Parts needed for pieces that may not be cut, and the room left in the last one. */
function pack(sizes, single, part) {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total <= single) return [Math.min(total, 1), single - total];
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > part) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return [parts, part - used];
}

function joins(before, character, size) {
  if (before === "" || before === "\r" || before === "\n") return false;
  if (EXTENDS.test(character)) return true;
  if (before === JOINER) return PICTURE.test(character);
  return size === 2 && FLAG_LETTER.test(before) && FLAG_LETTER.test(character);
}

/** UTF-16 units of each cluster that a reader sees as one character. */
function clusterSizes(text) {
  const sizes = [];
  let size = 0;
  let before = "";
  for (const character of text) {
    if (size + character.length <= UCS_PART && joins(before, character, size)) {
      size += character.length;
    } else {
      if (size) sizes.push(size);
      size = character.length;
    }
    before = character;
  }
  if (size) sizes.push(size);
  return sizes;
}

/** The cost of one text, as it will be sent. Field names are those of the Python twin. */
export function count(text) {
  const all = Array.from(text);
  const expensive = all.find((c) => !GSM_BASIC.has(c) && !GSM_EXTENSION.has(c)) ?? null;
  const isGsm = expensive === null;
  const sizes = isGsm ? all.map((c) => (GSM_EXTENSION.has(c) ? 2 : 1)) : clusterSizes(text);
  const [segments, left] = isGsm
    ? pack(sizes, GSM_SINGLE, GSM_PART)
    : pack(sizes, UCS_SINGLE, UCS_PART);
  return {
    encoding: isGsm ? "GSM-7" : "UCS-2",
    segments,
    units: sizes.reduce((sum, size) => sum + size, 0),
    units_left: left,
    expensive,
    replacement: isGsm ? null : (REPLACEMENTS.get(expensive) ?? null),
    characters: text.length,
  };
}
