// <te-composer>: wraps the form of ui/composer.html, which also works without this.
// Counter, Enter, one client id per text, no double submit, drafts kept on failure.

import { count, MAX_CHARACTERS } from "./segments.js";

const drafts = new Map(); // thread id to text, for this page's life
const FAILED = "Not sent. Your text is kept here; try again.";

// randomUUID needs a secure context; a product behind plain http in a test does not have one.
function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const INVISIBLE = new Map([
  ["\t", "a tab"],
  ["\u00a0", "a no-break space"],
  ["\u202f", "a narrow space"],
  ["\u200b", "an invisible space"],
]);

function shown(character) {
  if (INVISIBLE.has(character)) return INVISIBLE.get(character);
  const isSeen = !/[\p{C}\p{Z}\p{M}]/u.test(character);
  return isSeen ? `\u201c${character}\u201d` : "an invisible character";
}

function swapLabel(replacement) {
  if (replacement === "") return "Remove it";
  if (replacement === " ") return "Replace with a space";
  if (replacement === "\n") return "Replace with a line break";
  return `Replace with \u201c${replacement}\u201d`;
}

class Composer extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.area = this.querySelector("textarea");
    if (!this.form || !this.area) {
      this.showDraft();
      return;
    }
    this.counter = this.querySelector("[data-counter]");
    this.error = this.querySelector("[data-composer-error]");
    this.hint = this.querySelector("[data-composer-hint]");
    this.clientId = this.form.elements.client_id;
    this.button = this.form.querySelector("[data-send]");
    this.waitButton = this.form.querySelector("[data-wait]");
    this.variables = new Set((this.dataset.variables ?? "").split(" "));
    this.isOffered = !this.button?.disabled; // the server's verdict on sending at all
    this.sent = null; // the text the client id stands for
    this.isBusy = false;
    this.stop?.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.area.addEventListener("input", () => this.changed(), { signal });
    this.area.addEventListener("keydown", (event) => this.pressed(event), { signal });
    this.addEventListener("click", (event) => this.inserted(event), { signal });
    this.form.addEventListener("submit", (event) => this.submitted(event), {
      signal,
      capture: true,
    });
    this.form.addEventListener("htmx:beforeOnLoad", (event) => this.loaded(event), { signal });
    this.form.addEventListener("htmx:afterRequest", (event) => this.answered(event), { signal });
    document.body.addEventListener("composer:restore", (event) => this.restore(event), { signal });
    document.body.addEventListener("composer:notice", (event) => this.say(event.detail.value), {
      signal,
    });
    if (this.area.value) drafts.set(this.dataset.thread, this.area.value);
    else this.area.value = drafts.get(this.dataset.thread) ?? "";
    this.draw();
  }

  // Where nothing can be sent, what was written stays in sight.
  showDraft() {
    const text = this.querySelector("[data-draft-text]");
    if (!text) return;
    if (text.textContent) drafts.set(this.dataset.thread, text.textContent);
    else text.textContent = drafts.get(this.dataset.thread) ?? "";
    this.querySelector("[data-draft]").hidden = !text.textContent;
  }

  // Undo puts the text back, before whatever was written since.
  restore(event) {
    const body = document.querySelector(`#text-${CSS.escape(event.detail.value)} [data-body]`);
    if (!body) return;
    const since = this.area.value;
    this.area.value = since ? `${body.textContent}\n${since}` : body.textContent;
    this.area.focus();
    this.area.setSelectionRange(body.textContent.length, body.textContent.length);
    this.changed();
  }

  disconnectedCallback() {
    // The answer to a request may arrive after the form left the page: keep listening for it.
    if (!this.isBusy) this.stop?.abort();
  }

  changed() {
    drafts.set(this.dataset.thread, this.area.value);
    this.draw();
  }

  // A variable goes where the caret is.
  inserted(event) {
    const chosen = event.target.closest?.("[data-insert]");
    if (!chosen) return;
    chosen.closest("details").open = false;
    this.area.focus();
    const { selectionStart, selectionEnd } = this.area;
    this.area.setRangeText(chosen.dataset.insert, selectionStart, selectionEnd, "end");
    this.changed();
  }

  pressed(event) {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    if (!event.repeat) this.form.requestSubmit();
  }

  submitted(event) {
    const text = this.area.value;
    const isOffered = this.isOffered || event.submitter === this.waitButton;
    const mayGo = isOffered && text.trim() !== "" && text.length <= MAX_CHARACTERS;
    if (this.isBusy || !mayGo) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (this.sent !== null && this.sent !== text) this.clientId.value = newId();
    this.sent = text;
    this.isBusy = true;
    this.say("");
    // After the event, so that the pressed button still takes part in it.
    queueMicrotask(() => this.draw());
  }

  // Before anything is swapped: a fresh composer must not find the sent text as a draft.
  loaded(event) {
    if (event.target === this.form && event.detail.xhr.status < 400) this.succeeded();
  }

  answered(event) {
    if (event.target !== this.form) return;
    this.isBusy = false;
    // A refusal (422) brings its own sentence.
    const status = event.detail.xhr?.status ?? 0;
    if (status === 0 || (status >= 400 && status !== 422)) this.say(FAILED);
    if (this.isConnected) this.draw();
    else this.stop?.abort();
  }

  succeeded() {
    // What was typed while the text was on its way is the next text.
    if (this.area.value === this.sent) this.area.value = "";
    drafts.set(this.dataset.thread, this.area.value);
    this.sent = null;
    this.clientId.value = newId();
    if (this.isConnected) this.area.focus();
  }

  say(sentence) {
    if (!this.error) return;
    this.error.textContent = sentence;
    this.error.hidden = sentence === "";
  }

  // Browsers without field-sizing: the box follows its text, up to its largest height.
  grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight + 2}px`;
  }

  draw() {
    this.grow();
    const counted = count(this.area.value);
    const over = counted.characters - MAX_CHARACTERS;
    if (this.button) {
      this.button.disabled = this.isBusy || !this.isOffered || over > 0;
      this.button.toggleAttribute("aria-busy", this.isBusy);
    }
    if (this.waitButton) this.waitButton.disabled = this.isBusy || over > 0;
    this.drawHint();
    if (this.counter) this.drawCounter(counted, over);
  }

  // $words that are no variables are sent as written; a $ before a digit is plain text.
  drawHint() {
    if (!this.hint) return;
    const words = [...this.area.value.matchAll(/\$([A-Za-z][A-Za-z0-9]{0,30})/g)];
    const unknown = words.map((match) => match[1]).find((word) => !this.variables.has(word));
    this.hint.hidden = unknown === undefined;
    this.hint.textContent = unknown
      ? `No variable called $${unknown}. It will be sent as written.`
      : "";
  }

  drawCounter(counted, over) {
    this.counter.toggleAttribute("data-tone", false);
    if (over > 0) {
      this.counter.dataset.tone = "stop";
      this.counter.textContent = `${over} ${over === 1 ? "character" : "characters"} too long`;
    } else if (counted.segments > 1 && counted.expensive !== null) {
      this.drawExpensive(counted);
    } else {
      const isGsm = counted.encoding === "GSM-7";
      const room =
        counted.segments > 1 ? counted.segments * (isGsm ? 153 : 67) : isGsm ? 160 : 70;
      const parts = counted.segments === 1 ? "1 segment" : `${counted.segments} segments`;
      this.counter.textContent = counted.segments
        ? `${counted.units} of ${room}, ${parts}`
        : `0 of ${room}`;
    }
  }

  drawExpensive({ segments, expensive, replacement }) {
    this.counter.dataset.tone = "wait";
    this.counter.textContent = `${segments} segments because of ${shown(expensive)}`;
    if (replacement === null) return;
    const swap = document.createElement("button");
    swap.type = "button";
    swap.className = "button button-quiet button-small";
    swap.textContent = swapLabel(replacement);
    swap.addEventListener("click", () => this.swap(expensive, replacement));
    this.counter.append(swap);
  }

  swap(expensive, replacement) {
    const { value, selectionStart } = this.area;
    const caret = value.slice(0, selectionStart).replaceAll(expensive, replacement).length;
    this.area.value = value.replaceAll(expensive, replacement);
    this.area.focus();
    this.area.setSelectionRange(caret, caret);
    this.changed();
  }
}

customElements.define("te-composer", Composer);
