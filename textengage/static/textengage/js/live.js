// One stream of "what changed" per page. The server says {topic, id, version}; the page
// fetches the fragment itself: hx-trigger="live:thread:<id> from:body".
//   live:<topic>:<id>, live:<topic>   something changed
//   live:catch-up                     events may have been missed: fetch everything shown

const GATHER_MS = 30;
const OPEN_MS = 8_000;
const POLL_MS = 15_000;
const HIDDEN_MS = 60_000;
const BANNER_MS = 2_000;

class Live {
  constructor(url, { mayPoll }) {
    this.url = url;
    this.mayPoll = mayPoll;
    this.source = null;
    this.timers = {};
    this.seen = new Map(); // "topic:id" to the newest version told
    this.waiting = new Map(); // "topic:id" to the detail to dispatch
    this.hasMissed = false;
    this.isPolling = false;
    this.isAnswered = false; // while polling: requests get through, only the stream does not
  }

  open() {
    this.close();
    const source = new EventSource(this.url);
    this.source = source;
    this.later("open", OPEN_MS, () => this.lost(source, { forGood: true }));
    source.addEventListener("open", () => this.opened());
    source.addEventListener("message", (event) => this.told(event));
    source.addEventListener("change", (event) => this.told(event));
    source.addEventListener("error", () =>
      this.lost(source, { forGood: source.readyState === EventSource.CLOSED }),
    );
  }

  close() {
    this.source?.close();
    this.source = null;
    this.cancel("open");
  }

  opened() {
    this.isPolling = false;
    this.isAnswered = false;
    this.cancel("open");
    this.cancel("poll");
    this.connected();
    if (this.hasMissed) this.catchUp();
    this.hasMissed = false;
  }

  lost(source, { forGood }) {
    if (source !== this.source) return;
    this.hasMissed = true;
    if (!this.isAnswered) this.later("banner", BANNER_MS, () => banner(true));
    if (forGood) {
      this.close();
      this.poll();
    }
  }

  // The stream cannot be had: ask for everything now and then, and try it again.
  poll() {
    this.isPolling = true;
    this.later("poll", POLL_MS, () => {
      if (document.visibilityState === "hidden") return;
      if (this.mayPoll) this.catchUp();
      this.open();
    });
  }

  connected() {
    this.cancel("banner");
    banner(false);
  }

  answered() {
    if (!this.isPolling) return;
    this.isAnswered = true;
    this.connected();
  }

  failed() {
    this.isAnswered = false;
    banner(true);
  }

  told(event) {
    let detail;
    try {
      detail = JSON.parse(event.data);
    } catch {
      return;
    }
    if (typeof detail?.topic !== "string") return;
    const key = `${detail.topic}:${detail.id ?? ""}`;
    // Version 0 (or none) means "not counted": every such event is news.
    if (detail.version > 0) {
      if (detail.version <= (this.seen.get(key) ?? 0)) return;
      this.seen.set(key, detail.version);
    }
    this.waiting.set(key, detail);
    this.timers.gather ??= setTimeout(() => this.dispatch(), GATHER_MS);
  }

  dispatch() {
    delete this.timers.gather;
    const details = [...this.waiting.values()];
    this.waiting.clear();
    const topics = new Map();
    for (const detail of details) {
      if (detail.id !== undefined && detail.id !== null) {
        tell(`live:${detail.topic}:${detail.id}`, detail);
      }
      topics.set(detail.topic, detail);
    }
    for (const [topic, detail] of topics) tell(`live:${topic}`, detail);
  }

  catchUp() {
    tell("live:catch-up", {});
  }

  hidden() {
    this.later("hidden", HIDDEN_MS, () => {
      this.hasMissed = true;
      this.close();
      this.cancel("banner");
      this.cancel("poll");
    });
  }

  shown() {
    this.cancel("hidden");
    if (this.source) return;
    this.hasMissed = false;
    this.catchUp();
    this.open();
  }

  later(name, after, act) {
    if (name === "banner" && this.timers.banner) return;
    this.cancel(name);
    this.timers[name] = setTimeout(() => {
      delete this.timers[name];
      act();
    }, after);
  }

  cancel(name) {
    clearTimeout(this.timers[name]);
    delete this.timers[name];
  }
}

function tell(name, detail) {
  document.body.dispatchEvent(new CustomEvent(name, { detail }));
}

function banner(isShown) {
  const element = document.getElementById("connection");
  if (element) element.hidden = !isShown;
  document.documentElement.toggleAttribute("data-offline", isShown);
}

const { liveUrl, livePoll } = document.body.dataset;
if (liveUrl) {
  const live = new Live(liveUrl, { mayPoll: livePoll !== "off" });
  document.addEventListener("visibilitychange", () =>
    document.visibilityState === "hidden" ? live.hidden() : live.shown(),
  );
  addEventListener("pagehide", () => live.close());
  addEventListener("pageshow", (event) => event.persisted && live.shown());
  addEventListener("online", () => live.shown());
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status) live.answered();
  });
  document.body.addEventListener("htmx:sendError", () => live.failed());
  live.open();
}
