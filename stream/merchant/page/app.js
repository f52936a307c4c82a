// What does the page do?  It finds out who looks at it, shows his shop, and keeps what it shows up to date.

import { $, show, text } from "./dom.js";
import { Shop } from "./model.js";
import { Screen } from "./show.js";
import { Stream } from "./stream.js";
import { OLD, Times } from "./times.js";
import { Words } from "./words.js";

const words = new Words();
let session = null;
let shop = new Shop();
let shopId = null; // null: all shops, for ops
let stream = null;
let lostAt = null;
let connected = false;
let screen = null;
let drawing = false;

// A recording's events have nothing to do with the present: there, now is as far as has been read.
const now = () => (session?.clock === "events" && shop.asOf ? Date.parse(shop.asOf) : Date.now());

function speak() {
  document.documentElement.lang = words.language;
  for (const node of document.querySelectorAll("[data-word]")) text(node, words.all[node.dataset.word]);
  text($("language"), words.language === "zh" ? "English" : "中文");
  $("language").lang = words.language === "zh" ? "en" : "zh";
  screen = new Screen(words, new Times(words.language, now));
  fillChooser();
}

function redraw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    refresh();
  });
}

function refresh() {
  const watching = session !== null;
  show($("enter"), !watching);
  show($("leave"), watching);
  show($("every"), watching && shopId === null);
  show($("shop"), watching && shopId !== null);
  show($("link"), watching);
  if (watching && shopId !== null) screen.shop(shop);
  else if (watching) everything();
  heading();
  connection();
}

function heading() {
  const name = session === null ? "shopwatch" : shopId ?? words.all.allShops;
  text($("title"), name);
  const firing = shop.firing().length;
  document.title = session === null ? "shopwatch" : `${firing ? `(${firing}) ` : ""}${name} · shopwatch`;
}

function everything() {
  const firing = shop.firing();
  text($("every-count"), firing.length ? String(firing.length) : "");
  show($("every-none"), !firing.length);
  screen.alertList($("every-list"), firing, look);
}

function connection() {
  const { say, times } = screen;
  const asOf = shop.asOf ? times.at(shop.asOf) : say.unknownAge;
  $("link").classList.toggle("lost", lostAt !== null);
  let [short, long, age] = [connected ? say.live : say.connecting, "", ""];
  if (session !== null && lostAt !== null) [short, long] = [say.lost(times.at(lostAt)), say.lostLong(times.at(lostAt), asOf)];
  else if (session !== null && shop.feed.away_since) long = say.away(times.at(shop.feed.away_since), asOf);
  else if (session?.clock === "real" && shop.asOf && times.age(shop.asOf) > OLD) [long, age] = [say.old(asOf), say.age(times.length(times.age(shop.asOf)))];
  text($("link-text"), short);
  text($("warning-text"), long);
  text($("warning-age"), age);
  show($("warning"), long !== "");
}

const hears = {
  event(name, data) {
    const news = shop.take(name, data);
    if (news !== null) announce(news);
    redraw();
  },
  state(state) {
    if (state === "lost" && lostAt === null) lostAt = Date.now();
    if (state === "live") {
      if (lostAt !== null) text($("news"), words.all.back);
      lostAt = null;
      connected = true;
    }
    redraw();
  },
  refused(status) {
    if (status === 401) ask();
    else text($("unfound"), words.all.noShop);
    if (status === 404 && session?.ops) look(null);
  },
};

function announce(alert) {
  const rule = `${words.rule(alert.rule)}, ${words.severity(alert.severity)}`;
  const where = shopId === null ? `${alert.shop_id}: ` : "";
  text($("news"), where + (alert.state === "firing" ? words.all.fires(rule) : words.all.resolves(rule)));
}

// Which shop is looked at stands behind the #, which no server is sent.
function look(which) {
  const wanted = which === null ? "" : `#shop=${encodeURIComponent(which)}`;
  if (location.hash !== wanted) history.pushState(null, "", wanted || location.pathname);
  follow(which);
}

function follow(which) {
  shopId = which;
  shop = new Shop();
  [lostAt, connected] = [null, false];
  stream?.close();
  stream = new Stream(which === null ? "/v1/events" : `/v1/shops/${encodeURIComponent(which)}/events`, hears);
  fillChooser();
  redraw();
}

function wanted() {
  const named = /^#shop=(.+)$/.exec(location.hash);
  const which = named ? decoded(named[1]) : null;
  if (session.ops) return which;
  return session.shops.includes(which) ? which : session.shops[0];
}

function decoded(part) {
  try { return decodeURIComponent(part); } catch { return null; }
}

function fillChooser() {
  const choices = session === null ? [] : session.ops ? [null, ...(shopId === null ? [] : [shopId])] : session.shops;
  show($("chooser"), choices.length > 1);
  $("shops").replaceChildren(...choices.map((each) => new Option(each ?? words.all.allShops, each ?? "", false, each === shopId)));
}

// Nobody is known: the form.
function ask() {
  stream?.close();
  session = null;
  shop = new Shop();
  refresh();
  fillChooser();
  $("token").focus();
}

function enter(found) {
  session = found;
  follow(wanted());
  refresh();
}

async function known() {
  try {
    const answer = await fetch("/v1/session", { cache: "no-store" });
    if (answer.status === 401) ask();
    else if (answer.ok) enter(await answer.json());
    else throw new Error(String(answer.status));
  } catch {
    setTimeout(known, 2_000);
  }
}

async function open(event) {
  event.preventDefault();
  text($("refused"), "");
  try {
    const headers = { Authorization: `Bearer ${$("token").value.trim()}` };
    const answer = await fetch("/v1/session", { method: "POST", headers });
    if (!answer.ok) {
      text($("refused"), words.all.refused);
      return;
    }
    $("token").value = "";
    enter(await answer.json());
    $("title").focus();
  } catch {
    text($("refused"), words.all.unreachable);
  }
}

async function leave() {
  await fetch("/v1/session", { method: "DELETE" }).catch(() => null);
  ask();
}

$("enter").addEventListener("submit", open);
$("leave").addEventListener("click", leave);
$("language").addEventListener("click", () => {
  words.switch();
  speak();
  refresh();
});
$("shops").addEventListener("change", (event) => look(event.target.value || null));
$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  text($("unfound"), "");
  look($("which").value.trim());
});
$("orders-more").addEventListener("click", () => {
  screen.allOrders = !screen.allOrders;
  refresh();
});
addEventListener("popstate", () => session !== null && follow(wanted()));
setInterval(redraw, 20_000); // what is said of the present grows old

speak();
known();
