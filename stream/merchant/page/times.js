// When was that, and how long is it?  In the time zone of the browser, in the language of the page.

export class Times {
  constructor(language, now) {
    this.now = now;
    const locale = language === "zh" ? "zh-CN" : navigator.languages.find((each) => each.startsWith("en")) || "en-GB";
    this.clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    this.percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
    this.numbers = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
    this.zone = this.clock.resolvedOptions().timeZone;
    const short = { style: "unit", unitDisplay: "short" };
    this.units = ["day", "hour", "minute"].map((unit) => new Intl.NumberFormat(locale, { ...short, unit }));
  }

  // 18:05 of today, else with its day.
  at(text) {
    const moment = new Date(text);
    if (Number.isNaN(moment.getTime())) return String(text);
    const same = moment.toDateString() === new Date(this.now()).toDateString();
    return (same ? this.clock : this.day).format(moment);
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
