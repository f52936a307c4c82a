"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const PAGE = 100;

/* Names come from the recording: they are only ever text, never markup. */
function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "class") node.className = value;
    else if (name === "hue") node.style.setProperty("--hue", `var(--${value})`);
    else node.setAttribute(name, value);
  }
  node.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

function table(head, rows, caption) {
  const made = make("table", {});
  if (caption) made.append(make("caption", {}, caption));
  made.append(make("thead", {}, make("tr", {}, ...head.map((each) => make("th", { scope: "col" }, each)))));
  made.append(make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))));
  return made;
}

const spoken = (word) => word.replace("_", " ");
const hueOf = (word) => (word.endsWith("_before") ? word.replace("_before", "") : word);

/* -- texts and tables */

byId("baseline").textContent = data.baseline;
byId("candidate").textContent = data.candidate;
byId("about").textContent =
  `${data.begin} to ${data.end}, ${data.zone} · ${data.recording}: ` +
  `${data.events.toLocaleString("en")} events of ${data.shops.toLocaleString("en")} shops`;

for (const [word, count] of data.words) {
  const card = make("div", { class: "card", hue: hueOf(word) }, make("b", {}, count.toLocaleString("en")), make("span", {}, spoken(word)));
  byId("cards").append(card);
}
byId("cards").append(
  make("div", { class: "card" }, make("b", {}, data.touched.toLocaleString("en")), make("span", {}, "shops touched")));

if (data.settings.length) byId("settings").append(table(["what the candidate changes", "baseline", "candidate"], data.settings));
else byId("settings-section").hidden = true;
byId("numbers").replaceWith(table(["", "baseline", "candidate"], data.numbers));
byId("labels").textContent = data.labels === "cohorts"
  ? "Precision and recall are against the baseline’s matured cohorts: shops whose rate, with all facts known, ended beyond the line."
  : "Precision and recall are against the incidents that were given as labels.";

for (const [name, rows] of Object.entries(data.breakdown)) {
  const shown = rows.slice(0, 12);
  const box = make("div", {}, make("h3", {}, `By ${name}`));
  const head = ["", "shops", "touched", "baseline", "candidate", "added", "removed", "otherwise"];
  box.append(make("div", { class: "scroll" }, table(head, shown)));
  if (rows.length > shown.length) box.append(make("p", { class: "hint" }, `and ${rows.length - shown.length} more; --json has all`));
  byId("breakdown").append(box);
}

/* -- the list of changes */

let wanted = "all";
let most = PAGE;

function fits(change, text) {
  if (wanted !== "all" && !change.words.includes(wanted)) return false;
  return !text || `${change.shop} ${change.rule} ${change.severity} ${change.about}`.toLowerCase().includes(text);
}

function whyOf(why) {
  const box = make("div", {}, make("p", {}, `${why.at}: ${why.sentence}.`));
  if (why.settings.length) box.append(make("div", { class: "scroll" }, table(["setting", "baseline", "candidate"], why.settings, "What parted them")));
  if (why.seen.length) box.append(make("div", { class: "scroll" }, table(["at that instant", "baseline", "candidate"], why.seen, "What each saw")));
  return box;
}

function inside(change) {
  const rows = ["fired", "resolved", "alert"].map((name, index) => [
    name, change.baseline ? change.baseline[index] : "–", change.candidate ? change.candidate[index] : "–"]);
  const box = make("div", { class: "inside" }, make("p", { class: "about" }, change.about));
  box.append(...change.why.map(whyOf));
  box.append(make("div", { class: "scroll" }, table(["", "baseline", "candidate"], rows, "The alerts")));
  return box;
}

function item(change) {
  const words = change.words.map((word) => make("span", { class: "word", hue: hueOf(word) }, spoken(word)));
  const summary = make("summary", {},
    make("span", { class: "when" }, change.at), make("span", { class: "shop" }, change.shop),
    make("span", {}, `${change.rule} ${change.severity}`), ...words, make("span", { class: "moved" }, change.moved));
  const node = make("details", {}, summary);
  node.addEventListener("toggle", () => { if (node.open && node.children.length === 1) node.append(inside(change)); });
  return node;
}

function list() {
  const text = byId("search").value.trim().toLowerCase();
  const found = data.changes.filter((change) => fits(change, text));
  byId("changes").replaceChildren(...found.slice(0, most).map(item));
  byId("more").hidden = found.length <= most;
  byId("shown").textContent = data.changes.length === 0 ? "Nothing changes."
    : `${Math.min(most, found.length).toLocaleString("en")} of ${found.length.toLocaleString("en")}; open one to see why.`;
}

for (const word of ["all", ...data.words.map(([word]) => word).filter((word) => data.changes.some((change) => change.words.includes(word)))]) {
  const button = make("button", { type: "button", "aria-pressed": String(word === "all") }, spoken(word));
  button.addEventListener("click", () => {
    wanted = word;
    most = PAGE;
    for (const other of byId("filters").children) other.setAttribute("aria-pressed", String(other === button));
    list();
  });
  byId("filters").append(button);
}
byId("search").addEventListener("input", () => { most = PAGE; list(); });
byId("more").addEventListener("click", () => { most += PAGE; list(); });
list();
const first = byId("changes").firstElementChild;
if (first) first.open = true;

/* -- pictures, in the colours of the page, light or dark */

function colours() {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--${name}`).trim();
}

function layout(colour, more) {
  const axis = { gridcolor: colour("line"), zerolinecolor: colour("soft"), linecolor: colour("line"), automargin: true, fixedrange: true };
  const { xaxis, yaxis, ...rest } = more;
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, color: colour("ink"), size: 13 },
    margin: { l: 44, r: 12, t: 12, b: 40 }, hovermode: "closest",
    hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font: { color: colour("ink") } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    xaxis: { ...axis, ...xaxis }, yaxis: { ...axis, ...yaxis }, ...rest };
}

const OPTIONS = { displayModeBar: false, responsive: true };
const HALF_A_DAY = 43200000;
const draw = (id, traces, look) => Plotly.react(byId(id), traces, look, OPTIONS);

function drawTime(colour) {
  const whole = (counts) => ({ rangemode: "tozero", dtick: Math.ceil(Math.max(1, ...counts) / 5) });
  const bars = data.time.words.map(({ word, more, counts }) => ({
    type: "bar", name: word, x: data.time.days, y: counts.map((count) => (more ? count : -count)),
    customdata: counts, hovertemplate: `%{x|%Y-%m-%d}: %{customdata} ${word}<extra></extra>`, marker: { color: colour(word) } }));
  /* A day is as wide in one picture as in the other, with its date in the middle. */
  const days = data.time.days.map((day) => Date.parse(day));
  const xaxis = { type: "date", range: [days[0] - HALF_A_DAY, days[days.length - 1] + HALF_A_DAY] };
  const changing = data.time.days.map((_, day) => data.time.words.reduce((sum, { counts }) => sum + counts[day], 0));
  draw("time", bars, layout(colour, {
    barmode: "relative", bargap: 0.25, showlegend: true, xaxis,
    yaxis: { ...whole(changing), title: { text: "alerts" } },
    annotations: bars.length ? [] : [{ text: "nothing changes", showarrow: false, x: 0.5, y: 0.5, xref: "paper", yref: "paper" }] }));
  const lines = ["baseline", "candidate"].map((side) => ({
    type: "scatter", mode: "lines", name: side, x: data.time.days, y: data.time.firing[side],
    line: { color: colour(side), width: 2.5, shape: "hvh", dash: side === "baseline" ? "dot" : "solid" },
    hovertemplate: `%{x|%Y-%m-%d}: %{y} firing, ${side}<extra></extra>` }));
  draw("firing", lines, layout(colour, { xaxis, yaxis: whole(Object.values(data.time.firing).flat()), showlegend: true }));
}

function steps(bins) {
  const x = [], y = [];
  for (const [at, count] of bins) { x.push(at + 0.5); y.push(count); }
  return { x, y };
}

function drawRates(colour) {
  data.rates.forEach((each, index) => {
    const id = `rates-${index}`;
    const same = JSON.stringify(each.baseline) === JSON.stringify(each.candidate);
    const unit = each.score ? "" : " %";
    const bars = (same ? ["candidate"] : ["baseline", "candidate"]).map((side) => ({
      type: "bar", name: same ? "both" : side, ...steps(each[side]), width: 1, offset: -0.5, opacity: same ? 0.55 : 0.6,
      marker: { color: colour(same ? "baseline" : side) },
      hovertemplate: `%{y} shop-days at %{x:.0f}${unit}, ${same ? "both" : side}<extra></extra>` }));
    const shapes = each.lines.map((line) => ({
      type: "line", xref: "x", yref: "paper", x0: line.at, x1: line.at, y0: 0, y1: 1,
      line: { color: colour(line.side), width: 2, dash: line.side === "baseline" ? "dot" : "solid" } }));
    const all = [...each.baseline, ...each.candidate].map(([at]) => at).concat(each.lines.map((line) => line.at));
    const low = Math.max(0, Math.min(...all, 100) - 4), high = Math.min(101.5, Math.max(...all, 0) + 5);
    draw(id, bars, layout(colour, {
      barmode: "overlay", shapes, showlegend: each.baseline.length + each.candidate.length > 0,
      xaxis: { range: low < high ? [low, high] : [0, 101], ticksuffix: unit, zeroline: false },
      yaxis: { type: "log", dtick: 1, title: { text: "shop-days" } } }));
  });
}

/* Plotly reads a few marks of HTML in its texts. */
const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function linesOf(each, side) {
  const said = each.lines.filter((line) => line.side === side).map((line) => `${line.severity} ${line.word} ${line.text}`);
  return make("span", { class: `key ${side}` }, `${side}: ${said.join(", ") || "no line"}`);
}

function drawAffected(colour) {
  const { shops, words } = data.affected;
  byId("affected").style.height = `${Math.max(340, 70 + 26 * shops.length)}px`;
  const keys = shops.map((_, index) => index);
  const largest = Math.max(0, ...keys.map((key) => words.reduce((sum, { counts }) => sum + counts[key], 0)));
  const shorten = (name) => (name.length > 18 ? `${name.slice(0, 17)}…` : name);
  const bars = words.map(({ word, counts }) => ({
    type: "bar", orientation: "h", name: word, y: keys, x: counts, marker: { color: colour(word) },
    customdata: shops.map(escaped), hovertemplate: `%{customdata}: %{x} ${word}<extra></extra>` }));
  draw("affected", bars, layout(colour, {
    barmode: "stack", bargap: 0.3, showlegend: true, xaxis: { tick0: 0, dtick: Math.ceil(largest / 8) || 1, title: { text: "alerts that change" } },
    yaxis: { autorange: "reversed", tickmode: "array", tickvals: keys, ticktext: shops.map(shorten).map(escaped), zeroline: false } }));
}

byId("affected-hint").textContent = data.affected.all === 0 ? "No shop is touched."
  : data.affected.all > data.affected.shops.length
    ? `The first ${data.affected.shops.length} of ${data.affected.all.toLocaleString("en")}.` : "";
data.rates.forEach((each, index) =>
  byId("rates").append(make("div", {}, make("h3", {}, each.rule), make("p", { class: "keys" }, linesOf(each, "baseline"), linesOf(each, "candidate")),
    make("div", { class: "plot", id: `rates-${index}` }))));

function drawAll() {
  const colour = colours();
  drawTime(colour);
  drawRates(colour);
  drawAffected(colour);
}
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
