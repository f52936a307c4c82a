// How does a shop look?  One function a part of the screen; whatever comes from outside is set as text, never as markup.

import { $, list, make, show, text } from "./dom.js";
import { atLeast, measure, worst } from "./model.js";
import { bar, curve, span } from "./pictures.js";

const FEW = 8;

export class Screen {
  constructor(words, times) {
    this.words = words;
    this.times = times;
    this.allOrders = false;
  }

  get say() { return this.words.all; }

  shop(shop) {
    this.verdict(shop);
    this.alerts(shop);
    this.orders(shop);
    this.rates(shop);
    const asOf = shop.asOf;
    text($("as-of"), asOf ? this.say.asOf(this.times.at(asOf), this.times.zone) : "");
  }

  verdict(shop) {
    const firing = shop.firing();
    const names = (rules) => [...new Set(rules.map((rule) => this.words.rule(rule)))].join(this.say.and);
    const pending = shop.rules().filter((rule) => rule.tiers.some((tier) => tier.state === "pending"));
    const forecasts = shop.forecasts();
    let [kind, sign, said] = ["none", "…", this.say.nothingKnown];
    if (firing.length) [kind, sign, said] = ["bad", "!", this.say.alertsFire(firing.length, names(firing.map((each) => each.rule)))];
    else if (forecasts.length) [kind, sign, said] = ["near", "▲", this.say.willBreach(names(forecasts.map((each) => each.rule.rule)))];
    else if (pending.length) [kind, sign, said] = ["near", "▲", this.say.pending(names(pending.map((each) => each.rule)))];
    else if (shop.rules().length) [kind, sign, said] = ["", "✓", this.say.allWell];
    $("verdict").className = `verdict ${kind}`;
    text($("verdict-sign"), sign);
    text($("verdict-text"), said);
    const soon = shop.atRisk()?.within_6h;
    text($("verdict-more"), forecasts.length ? this.forecast(forecasts[0]) : soon ? this.say.dueSoon(soon) : "");
  }

  alerts(shop) {
    const [firing, over] = [shop.firing(), shop.over()];
    text($("alerts-count"), firing.length ? String(firing.length) : "");
    show($("alerts-none"), !firing.length);
    this.alertList($("alerts-list"), firing);
    for (const node of $("alerts-list").children) node.classList.toggle("fresh", shop.fresh.has(node.dataset.key));
    show($("over"), over.length > 0);
    text($("over-count"), String(over.length));
    this.alertList($("over-list"), over);
  }

  alertList(parent, alerts, openShop = null) {
    list(parent, alerts, (alert) => alert.alert_id, (node, alert) => this.fillAlert(node, alert, openShop), () => this.newAlert(openShop));
  }

  newAlert(openShop) {
    const head = make("div", "head", make("h3"), make("span", "tag"), make("span", "quiet small push"));
    const why = make("details", "", make("summary"), make("ul", "why small"));
    const node = make("li", "alert", head, make("p", "message"), why);
    if (openShop) head.prepend(make("button", "shop"));
    return node;
  }

  fillAlert(node, alert, openShop) {
    const firing = alert.state === "firing";
    const find = (what) => node.querySelector(what);
    if (openShop) {
      text(find(".shop"), alert.shop_id);
      find(".shop").onclick = () => openShop(alert.shop_id);
    }
    text(find("h3"), this.words.rule(alert.rule));
    find(".tag").className = `tag ${firing ? "bad" : "quiet"}`;
    text(find(".tag"), this.words.severity(alert.severity));
    const [from, to] = [this.times.at(alert.fired_at), alert.resolved_at && this.times.at(alert.resolved_at)];
    text(find(".push"), firing ? this.say.since(from) : `${this.say.from(from, to)}, ${this.say.because[alert.resolved_because] ?? ""}`);
    text(find(".message"), this.times.within(this.words.message(alert)));
    show(find("details"), alert.evidence.length > 0);
    const ahead = alert.evidence[0]?.verdict === "open"; // it fired before its line was crossed
    text(find("summary"), (ahead ? this.say.toShip : this.say.evidence)(alert.evidence.length));
    const key = (each) => [each.order_id, each.package_id, each.refund_id, each.why].join(" ");
    const fill = (item, each) => {
      text(item.firstChild, each.order_id);
      text(item.lastChild, `: ${this.times.within(this.words.why(each.why))}`);
    };
    list(find(".why"), alert.evidence, key, fill, () => make("li", "", make("strong"), make("span")));
  }

  orders(shop) {
    const [orders, counts] = [shop.orders(), shop.atRisk()];
    text($("orders-count"), counts?.open ? String(counts.open) : "");
    this.forecasts(shop.forecasts());
    const boxes = counts ? [["hour", counts.within_1h], ["hours6", counts.within_6h], ["hours24", counts.within_24h]] : [];
    const fillBox = (node, [word, count]) => {
      text(node.firstChild, this.say[word]);
      text(node.lastChild, String(count));
    };
    list($("due"), boxes, ([word]) => word, fillBox, () => make("div", "", make("dt"), make("dd")));
    show($("due"), counts !== null);
    show($("orders-none"), !orders.length);
    show($("orders-box"), orders.length > 0);
    const shown = this.allOrders ? orders : orders.slice(0, FEW);
    list($("orders-list"), shown, (order) => order.order_id, (row, order) => this.fillOrder(row, order), () => make("tr", "", make("td"), make("td"), make("td")));
    show($("orders-more"), orders.length > FEW);
    text($("orders-more"), this.allOrders ? this.say.showFew : this.say.showAll(orders.length));
    $("orders-more").setAttribute("aria-expanded", String(this.allOrders));
  }

  forecasts(forecasts) {
    list($("forecasts"), forecasts, ({ rule }) => rule.rule, (node, each) => text(node, this.forecast(each)), () => make("li"));
  }

  forecast({ rule, tier }) {
    const line = tier.threshold === null ? null : this.line(rule, tier.threshold);
    const breach = this.say.breach(this.words.rule(rule.rule), line, this.times.at(tier.breach_at));
    return typeof tier.to_save === "number" ? this.say.forecast(breach, tier.to_save) : this.say.forecastLost(breach);
  }

  fillOrder(row, order) {
    const left = this.times.left(order.due);
    text(row.children[0], order.order_id);
    text(row.children[1], this.times.at(order.due));
    text(row.children[2], left ?? this.say.overdue);
    row.children[2].className = left === null || Date.parse(order.due) - this.times.now() < 3_600_000 ? "bad" : "";
  }

  rates(shop) {
    const rules = shop.rules();
    show($("rates-none"), !rules.length);
    list($("rates-list"), rules, (rule) => rule.rule, (node, rule) => this.fillRate(node, rule, shop.trends.get(rule.rule) ?? []), () => this.newRate());
  }

  newRate() {
    const head = make("div", "head", make("h3"), make("span", "quiet small window"), make("span", "tag push"));
    const value = make("div", "head", make("span", "number"), make("span", "quiet lines"));
    const ends = make("div", "ends quiet small", make("span"), make("span", "counted"), make("span"));
    return make("li", "rate", head, value, make("div", "picture"), ends, make("p", "small room"), make("div", "moved"));
  }

  fillRate(node, rule, points) {
    const find = (what) => node.querySelector(what);
    const tier = worst(rule);
    const [value, least] = [measure(tier), atLeast(rule)];
    const lines = [...new Set(rule.tiers.map((each) => each.threshold).filter((each) => each !== null))];
    const [state, word] = this.state(tier, value, least);
    const limits = span(value === null ? [] : [value], lines, least !== false, rule.metric === null);
    text(find("h3"), this.words.rule(rule.rule));
    const about = [rule.metric && this.words.metric(rule.metric), rule.window && this.say.window(this.times.window(rule.window))];
    text(find(".window"), about.filter(Boolean).join(this.say.and));
    find(".tag").className = `tag push ${state}`;
    text(find(".tag"), word);
    text(find(".number"), value === null ? "–" : this.number(rule, value, least));
    find(".number").className = `number ${state === "good" ? "" : state}`;
    text(find(".lines"), lines.map((line) => this.named(least)(this.line(rule, line))).join(this.say.and));
    const [low, , high] = find(".ends").children;
    text(low, this.line(rule, limits[0]));
    text(find(".counted"), tier.counted === null ? "" : this.say.counted(tier.good, tier.counted));
    text(high, this.line(rule, limits[1]));
    text(find(".room"), rule.tiers.map((each) => this.room(each)).filter(Boolean).join(this.say.also));
    const drawn = JSON.stringify([value, lines, limits, state, points.length, points.at(-1)]);
    if (node.dataset.drawn === drawn) return;
    node.dataset.drawn = drawn;
    find(".picture").replaceChildren(bar(value, lines, limits, state));
    this.moved(find(".moved"), rule, points, lines, least);
  }

  moved(node, rule, points, lines, least) {
    if (points.length < 2) {
      node.replaceChildren();
      return;
    }
    const [first, last] = [points[0], points.at(-1)].map((point) => this.number(rule, point.value, least));
    node.replaceChildren(curve(points, lines), make("span", "unseen", this.say.trend(first, last)));
  }

  state(tier, value, least) {
    if (tier.state === "firing") return ["bad", this.say.stateFires];
    if (tier.state === "pending") return ["near", this.say.stateNear];
    if (value === null) return ["quiet", this.say.stateNone];
    const beyond = tier.threshold !== null && least !== null && (least ? value < tier.threshold : value > tier.threshold);
    return beyond ? ["near", this.say.stateFew] : ["good", this.say.stateGood];
  }

  named(least) {
    if (least === null) return this.say.lineIs;
    return least ? this.say.atLeast : this.say.atMost;
  }

  room(tier) {
    if (tier.headroom === null) return "";
    const name = this.words.severity(tier.severity);
    if (tier.headroom < 0) return this.say.recover(-tier.headroom, name);
    return tier.headroom === 0 ? this.say.noRoom(name) : this.say.room(tier.headroom, name);
  }

  number(rule, value, least) {
    return rule.metric === null ? this.times.score(value) : this.times.percent(value, least !== false);
  }

  line(rule, value) {
    return rule.metric === null ? this.times.score(value) : this.times.percents.format(value);
  }
}
