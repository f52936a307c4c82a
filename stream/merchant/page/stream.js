// How does the page hear of what changes?  By an EventSource, which comes back by itself, and goes on where it was.

const SILENT_MS = 45_000; // something comes every 15 s
const AGAIN_MS = 2_000;
const EVENTS = ["feed", "begin", "trend", "rates", "alert", "removed", "caught_up"];

export class Stream {
  // hears.event(name, data), hears.state("connecting" | "live" | "lost"), hears.refused(): nothing will come.
  constructor(path, hears) {
    this.path = path;
    this.hears = hears;
    this.after = "";
    this.timer = setInterval(() => this.watch(), 5_000);
    this.open();
  }

  open() {
    this.source?.close();
    this.heard = Date.now();
    this.source = new EventSource(this.after ? `${this.path}?after=${encodeURIComponent(this.after)}` : this.path);
    for (const name of EVENTS) this.source.addEventListener(name, (event) => this.take(name, event));
    this.source.onerror = () => this.lost();
  }

  take(name, event) {
    this.heard = Date.now();
    if (event.lastEventId) this.after = event.lastEventId;
    this.hears.event(name, JSON.parse(event.data));
    this.hears.state("live");
  }

  lost() {
    this.hears.state("lost");
    // A browser tries again by itself where the connection broke, but not after an answer such as 503.
    if (this.source.readyState === EventSource.CLOSED && !this.closed) this.again();
  }

  async again() {
    const status = await ask(this.path.replace(/\/events$/, "").replace(/^\/v1$/, "/v1/session"));
    if (this.closed) return;
    if (status === 401 || status === 403 || status === 404) this.hears.refused(status);
    else setTimeout(() => this.closed || this.open(), AGAIN_MS * (1 + Math.random()));
  }

  // A connection may be dead without anybody having said so.
  watch() {
    if (Date.now() - this.heard > SILENT_MS) {
      this.hears.state("lost");
      this.open();
    }
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    this.source.close();
  }
}

async function ask(path) {
  try {
    return (await fetch(path, { cache: "no-store" })).status;
  } catch {
    return 0;
  }
}
