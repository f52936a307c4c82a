// When was that, and how long is it?  In the time zone of the browser, in the language of the page.

const UNITS = { ms: "millisecond", s: "second", m: "minute", h: "hour", d: "day", w: "week" };
const MOMENT = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?[+-]\d\d:\d\d/g;

export class Times {
  constructor(language, now) {
    this.now = now;
    const locale = language === "zh" ? "zh-CN" : navigator.languages.find((each) => each.startsWith("en")) || "en-GB";
    this.clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    this.zone = this.clock.resolvedOptions().timeZone;
    const exact = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    this.exactClock = new Intl.DateTimeFormat(locale, exact);
    this.exactDay = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...exact });
    const unit = (unitDisplay) => (unit) => new Intl.NumberFormat(locale, { style: "unit", unitDisplay, unit });
    this.units = ["day", "hour", "minute"].map(unit("short"));
    this.words = new Map(Object.entries(UNITS).map(([letter, name]) => [letter, unit("long")(name)]));
  }

  // 18:05 of today, else with its day.
  at(text) { return this.written(text, this.clock, this.day); }

  written(text, clock, day) {
    const moment = new Date(text);
    if (Number.isNaN(moment.getTime())) return String(text);
    const same = moment.toDateString() === new Date(this.now()).toDateString();
    return (same ? clock : day).format(moment);
  }

  // A sentence of the engine's, whose times have their offset: to the second, for a second may be why.
  within(text) {
    return text.replace(MOMENT, (found) => this.written(found.replace(" ", "T"), this.exactClock, this.exactDay));
  }

  // A length as a policy writes it, such as 1d12h.
  window(length) {
    const parts = [...length.matchAll(/(\d+)(ms|[smhdw])/g)];
    return parts.map(([, count, letter]) => this.words.get(letter).format(count)).join(" ") || length;
  }

  // How long it is from now until then, at most two units; none left is null.
  left(text) {
    const length = Date.parse(text) - this.now();
    return length <= 0 ? null : this.length(length);
  }

  length(milliseconds) {
    const minutes = Math.max(1, Math.floor(milliseconds / 60_000));
    const parts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    const first = parts.findIndex((part) => part > 0);
    const shown = parts.map((part, place) => (part && place <= first + 1 ? this.units[place].format(part) : ""));
    return shown.filter(Boolean).join(" ");
  }

  // Cut so that nothing looks better than it is.
  percent(rate, atLeast) {
    const cut = (atLeast ? Math.floor(rate * 1000 + 1e-6) : Math.ceil(rate * 1000 - 1e-6)) / 1000;
    return this.percents.format(cut || 0); // no minus before a nought
  }

  score(points) { return this.numbers.format(Math.floor(points * 10 + 1e-6) / 10); }

  age(text) {
    const length = this.now() - Date.parse(text);
    return Number.isFinite(length) ? length : 0;
  }
}

// From this age on it is said that what is seen is old.
export const OLD = 15 * 60_000;
