// <te-thread>: keeps the place while texts arrive. Inside: .thread-scroll holding the log,
// a hidden button[data-pill], and a p[role=status] that says one sentence per batch.

const NEAR_PX = 48;
const SETTLING_FRAMES = 3;

class Thread extends HTMLElement {
  connectedCallback() {
    this.scroller = this.querySelector(".thread-scroll");
    if (!this.scroller) return;
    this.pill = this.querySelector("[data-pill]");
    this.status = this.querySelector("[role=status]");
    this.isAtEnd = true;
    this.anchor = null;
    this.known = this.inbound();
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.pill?.addEventListener("click", () => this.toEnd());
    this.addEventListener("submit", (event) => this.undo(event));
    this.changes = new MutationObserver(() => this.changed());
    this.changes.observe(this.scroller, { childList: true, subtree: true });
    this.sizes = new ResizeObserver(() => this.isAtEnd && this.toEnd());
    this.sizes.observe(this.scroller);
    const marked = this.scroller.querySelector(".new-divider");
    this.toEnd();
    if (marked) marked.scrollIntoView({ block: "center" });
  }

  disconnectedCallback() {
    this.changes?.disconnect();
    this.sizes?.disconnect();
  }

  // Asked from here and not from the form: a tick may redraw the texts, form and all, while
  // the question is under way, and the answer to a form that has left the page is lost.
  undo(event) {
    const form = event.target.closest("form[data-undo]");
    if (!form || !window.htmx) return;
    event.preventDefault();
    const state = new FormData(document.getElementById("texts-state"));
    const values = Object.fromEntries([...state, ...new FormData(form)]);
    window.htmx.ajax("POST", form.action, { source: this, target: "#texts", values });
  }

  inbound() {
    const texts = this.scroller.querySelectorAll('.text[data-kind="in"][id]');
    return new Map(Array.from(texts, (text) => [text.id, text.dataset.by ?? ""]));
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.isAtEnd = scrollHeight - scrollTop - clientHeight <= NEAR_PX;
    if (this.isAtEnd && this.pill) this.pill.hidden = true;
    this.anchor = this.isAtEnd ? null : this.firstShown();
  }

  // The first text in sight and where it stands, to find the place again after a swap.
  firstShown() {
    const top = this.scroller.getBoundingClientRect().top;
    for (const text of this.scroller.querySelectorAll(".text[id]")) {
      const box = text.getBoundingClientRect();
      if (box.bottom > top) return { id: text.id, offset: box.top - top };
    }
    return null;
  }

  changed() {
    const before = this.known;
    this.known = this.inbound();
    const arrived = [...this.known].filter(([id]) => !before.has(id));
    // Older ones that were loaded above are not news.
    const last = [...this.known.keys()].at(-1);
    const isNews = arrived.some(([id]) => id === last);
    if (this.isAtEnd) this.toEnd();
    else this.restore(this.anchor, SETTLING_FRAMES);
    if (isNews) this.announce(arrived);
  }

  // Texts that come into sight get their true height a frame later, so the place is found
  // again until that has settled.
  restore(anchor, frames) {
    const text = anchor && document.getElementById(anchor.id);
    if (!text) return;
    const top = this.scroller.getBoundingClientRect().top;
    this.scroller.scrollTop += text.getBoundingClientRect().top - top - anchor.offset;
    if (frames) requestAnimationFrame(() => this.restore(anchor, frames - 1));
  }

  announce(arrived) {
    const name = arrived.at(-1)[1] || "The candidate";
    if (this.status) {
      this.status.textContent =
        arrived.length === 1 ? `${name} wrote` : `${name} wrote ${arrived.length} texts`;
    }
    if (this.pill && !this.isAtEnd) {
      this.pill.textContent = `${name} wrote`;
      this.pill.hidden = false;
    }
  }

  toEnd() {
    this.isAtEnd = true;
    this.anchor = null;
    if (this.pill) this.pill.hidden = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}

customElements.define("te-thread", Thread);

// <te-countdown>5</te-countdown>: the seconds in which a text can still be taken back.
class Countdown extends HTMLElement {
  connectedCallback() {
    const until = performance.now() + Number(this.textContent) * 1000;
    this.timer = setInterval(() => {
      const left = Math.ceil((until - performance.now()) / 1000);
      if (left > 0) this.textContent = String(left);
      else this.over();
    }, 200);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  over() {
    clearInterval(this.timer);
    this.closest(".text")?.querySelector("[data-undo]")?.remove();
    if (this.parentElement) this.parentElement.textContent = "Sending";
  }
}

customElements.define("te-countdown", Countdown);
