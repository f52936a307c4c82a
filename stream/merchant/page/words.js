// In which words is it said?  English and Chinese; the page's own words here, an alert's from the policy's languages.

import { inChinese } from "./reasons.js";

const ENGLISH = {
  skip: "Skip to content", shop: "Shop", signOut: "Sign out", signIn: "Open your shop",
  signInWhy: "Enter the token that the platform gave you. It is kept in a cookie that no script can read.",
  token: "Token", open: "Open", refused: "This token opens nothing. Is all of it there?", unreachable: "The server does not answer. Try again.",
  findShop: "Shop", firingEverywhere: "Alerts firing, all shops", nothingFires: "Nothing fires.",
  allShops: "All shops",
  alerts: "Alerts", noAlerts: "No alert is firing.", over: "Over", shipNow: "Ship now", order: "Order", dueAt: "Due", dueIn: "Left",
  nothingDue: "No open order is due.", rates: "Rates", noRates: "Nothing has been counted yet.",
  live: "Live", connecting: "Connecting", lost: (at) => `Connection lost at ${at}`,
  lostLong: (at, asOf) => `Connection lost at ${at}; trying again. What you see is as of ${asOf}.`,
  away: (at, asOf) => `No new data since ${at}: the source does not answer. What you see is as of ${asOf}.`,
  old: (asOf) => `What you see is as of ${asOf}.`, age: (age) => `${age} old`,
  asOf: (at, zone) => `As of ${at}; times are in your time zone, ${zone}.`,
  back: "Connected again.", noShop: "There is no such shop.", unknownAge: "unknown",
  fires: (rule) => `New alert: ${rule}`, resolves: (rule) => `Alert over: ${rule}`,
  allWell: "Every rate is on the right side of its line", nothingKnown: "Nothing is known of this shop yet",
  and: ", ", also: "; ",
  alertsFire: (count, rules) => `${count === 1 ? "1 alert is firing" : `${count} alerts are firing`}: ${rules}`,
  pending: (rules) => `Close to an alert: ${rules}`, willBreach: (rules) => `In danger: ${rules}`,
  dueSoon: (count) => (count === 1 ? "1 order is due within 6 hours" : `${count} orders are due within 6 hours`),
  hour: "next hour", hours6: "next 6 h", hours24: "next 24 h",
  showAll: (count) => `Show all ${count}`, showFew: "Show fewer",
  atLeast: (line) => `at least ${line}`, atMost: (line) => `at most ${line}`, lineIs: (line) => `line ${line}`,
  window: (length) => `last ${length}`,
  stateGood: "within its line", stateNear: "about to fire", stateFires: "alert", stateFew: "too few to judge", stateNone: "nothing counted",
  counted: (good, counted) => `${good} good of ${counted}`,
  room: (count, name) => `${count} more bad before ${name}`, noRoom: (name) => `the next bad one is ${name}`,
  recover: (count, name) => (count === 1 ? `1 more good one ends ${name}` : `${count} more good ones end ${name}`),
  breach: (rule, line, at) => `${rule} will ${line === null ? "be too bad" : `fall below ${line}`} at ${at}`,
  forecast: (breach, count) => `${breach} unless ${count === 1 ? "1 order ships" : `${count} orders ship`}.`,
  forecastLost: (breach) => `${breach}, even if every open order ships.`,
  since: (at) => `since ${at}`, from: (from, to) => `${from} to ${to}`,
  evidence: (count) => (count === 1 ? "The order behind it" : `The ${count} newest orders behind it`),
  toShip: (count) => (count === 1 ? "The order to ship" : `The ${count} orders to ship`),
  because: { recovered: "recovered", corrected: "what had been counted was corrected", no_data: "too few left to judge", rule_changed: "the rule was changed" },
  trend: (from, to) => `trend from ${from} to ${to}`, severity: {}, rule: {}, metric: {}, overdue: "overdue",
};

const CHINESE = {
  skip: "跳到内容", shop: "店铺", signOut: "退出", signIn: "打开您的店铺",
  signInWhy: "请输入平台给您的令牌。它保存在脚本无法读取的 Cookie 中。",
  token: "令牌", open: "打开", refused: "此令牌无效，请检查是否完整。", unreachable: "服务器没有响应，请重试。",
  findShop: "店铺", firingEverywhere: "全部店铺的告警", nothingFires: "没有告警。",
  allShops: "全部店铺",
  alerts: "告警", noAlerts: "当前没有告警。", over: "已解除", shipNow: "立即发货", order: "订单", dueAt: "最晚发货", dueIn: "剩余",
  nothingDue: "没有待发货的订单。", rates: "指标", noRates: "尚无统计数据。",
  live: "实时", connecting: "连接中", lost: (at) => `${at} 连接中断`,
  lostLong: (at, asOf) => `${at} 连接中断，正在重试。所见数据截至 ${asOf}。`,
  away: (at, asOf) => `${at} 起没有新数据：数据源没有响应。所见数据截至 ${asOf}。`,
  old: (asOf) => `所见数据截至 ${asOf}。`, age: (age) => `已过 ${age}`,
  asOf: (at, zone) => `数据截至 ${at}；时间为您所在的时区 ${zone}。`,
  back: "已重新连接。", noShop: "没有这个店铺。", unknownAge: "未知",
  fires: (rule) => `新告警：${rule}`, resolves: (rule) => `告警解除：${rule}`,
  allWell: "所有指标均达标", nothingKnown: "尚无此店铺的数据",
  and: "、", also: "；",
  alertsFire: (count, rules) => `${count} 条告警：${rules}`,
  pending: (rules) => `接近告警：${rules}`, willBreach: (rules) => `有风险：${rules}`,
  dueSoon: (count) => `6 小时内有 ${count} 单须发货`,
  hour: "1 小时内", hours6: "6 小时内", hours24: "24 小时内",
  showAll: (count) => `显示全部 ${count} 单`, showFew: "收起",
  atLeast: (line) => `不低于 ${line}`, atMost: (line) => `不高于 ${line}`, lineIs: (line) => `标准线 ${line}`,
  window: (length) => `近 ${length}`,
  stateGood: "达标", stateNear: "即将告警", stateFires: "告警", stateFew: "样本不足", stateNone: "尚无数据",
  counted: (good, counted) => `合格 ${good} / 共 ${counted}`,
  room: (count, name) => `再有 ${count} 单不合格仍不触发「${name}」`, noRoom: (name) => `再有 1 单不合格即触发「${name}」`,
  recover: (count, name) => `再有 ${count} 单合格即可解除「${name}」`,
  breach: (rule, line, at) => `${rule}将于 ${at} ${line === null ? "超出限度" : `跌破 ${line}`}`,
  forecast: (breach, count) => `若不再发出 ${count} 单，${breach}。`,
  forecastLost: (breach) => `即使发出全部订单，${breach}。`,
  since: (at) => `${at} 起`, from: (from, to) => `${from} 至 ${to}`,
  evidence: (count) => `相关的最近 ${count} 单`,
  toShip: (count) => `须发货的 ${count} 单`,
  because: { recovered: "指标已恢复", corrected: "已计入的数据被更正", no_data: "样本不足，不再评定", rule_changed: "规则已变更" },
  trend: (from, to) => `趋势：从 ${from} 到 ${to}`, overdue: "已超时",
  severity: { forecast: "预测", warning: "预警", demotion: "降权", deduction: "扣分", critical: "严重", penalty: "处罚" },
  metric: { on_time: "按时发货", pickup: "揽收", return: "退货", after_sales: "售后" },
  rule: { late_shipping: "按时发货率", pickup_anomalies: "揽收异常率", returns: "退货率", slow_after_sales: "售后及时率", poor_service: "服务分" },
};

const KEY = "shopwatch-language";

export class Words {
  constructor() {
    const kept = remembered();
    this.language = kept || (navigator.languages.find((each) => /^(zh|en)/i.test(each)) || "en").slice(0, 2).toLowerCase();
  }

  get all() { return this.language === "zh" ? CHINESE : ENGLISH; }

  switch() {
    this.language = this.language === "zh" ? "en" : "zh";
    try { localStorage.setItem(KEY, this.language); } catch { /* then it is asked again */ }
  }

  // Names come from the policy; those of the policies that ship are known in Chinese.
  rule(name) { return this.all.rule[name] || readable(name); }

  metric(name) { return this.all.metric[name] || name.replaceAll("_", " "); }

  severity(name) { return this.all.severity[name] || readable(name); }

  // An alert has a line in each language of its policy: the one with the most, or the fewest, Chinese signs is meant.  Where it
  // begins with the rule and the severity, which stand above it already, the rest is all that is new.
  message({ message, rule, severity, state }) {
    const lines = message.split("\n").filter((line) => line.trim());
    const share = (line) => (line.match(/\p{Script=Han}/gu) || []).length / line.length;
    lines.sort((one, other) => (this.language === "zh" ? share(other) - share(one) : share(one) - share(other)));
    const line = lines[0] || "";
    const head = [`${rule} is ${severity}: `, `${rule} 触发 ${severity}：`].find((each) => line.startsWith(each));
    const rest = head && state === "firing" ? line.slice(head.length) : line;
    return (rest.charAt(0).toUpperCase() + rest.slice(1)).replaceAll(" %", "\u00a0%"); // no line begins with the sign
  }

  // Why an order counts: the engine says it in English, in few sentences.
  why(text) { return this.language === "zh" ? inChinese(text) : text; }
}

function readable(name) {
  const spaced = name.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function remembered() {
  try { return localStorage.getItem(KEY); } catch { return null; }
}
