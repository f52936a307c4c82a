// Why an order counts, in Chinese: the engine says it in English, in few sentences, and the notifier knows the same ones.

const AT = String.raw`(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})?(?:[+-]\d\d:\d\d(?::\d\d)?)?)`;
const KIND = "(return|refund_only)";
const NAMES = { return: "退货", refund_only: "仅退款", merchant: "商家", buyer: "买家", carrier: "承运商", unknown: "未知" };

const HEADS = phrases([
  [String.raw`^paid at AT, KIND requested at AT: (.*) \(fault: (\w+)\)$`, (paid, kind, at, why, fault) => `${paid} 付款，${at} 申请${kind}：${why}（责任方：${fault}）`],
  ["^scanned at AT, before the order was paid at AT$", (scanned, paid) => `${scanned} 揽收，早于付款时间 ${paid}`],
  ["^shipped at AT, to be scanned by AT", (shipped, by) => `${shipped} 发货，应于 ${by} 前揽收`],
  ["^KIND requested at AT, to be resolved by AT", (kind, at, by) => `${at} 申请${kind}，应于 ${by} 前处理`],
  ["^to be shipped by AT", (by) => `应于 ${by} 前发货`],
]);

const TAILS = phrases([
  [String.raw` \(at payment promised for AT\)`, (at) => `（付款时承诺 ${at}）`],
  [String.raw` \(extended from AT by (.+)\)(?=, (?:not )?(?:shipped|scanned|resolved) )`, (from, by) => `（原为 ${from}，由 ${by} 延长）`],
  [", not shipped yet$", () => "，尚未发货"],
  [", not scanned yet$", () => "，尚未揽收"],
  [", not resolved yet$", () => "，尚未处理"],
  [", shipped at AT$", (at) => `，${at} 发货`],
  [", scanned at AT$", (at) => `，${at} 揽收`],
  [", resolved at AT$", (at) => `，${at} 处理`],
]);

function phrases(pairs) {
  return pairs.map(([english, chinese]) => [new RegExp(english.replaceAll("AT", AT).replaceAll("KIND", KIND)), chinese]);
}

function said(pairs, text) {
  const name = (part) => (Object.hasOwn(NAMES, part) ? NAMES[part] : part);
  for (const [english, chinese] of pairs) {
    const found = english.exec(text);
    if (found) text = text.slice(0, found.index) + chinese(...found.slice(1).map(name)) + text.slice(found.index + found[0].length);
  }
  return text;
}

// A sentence that is not known stays as it is.
export function inChinese(why) {
  const begun = said(HEADS, why);
  return begun === why ? why : said(TAILS, begun);
}
