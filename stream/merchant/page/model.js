// What does the page know of a shop?  What the stream's events add up to; nothing of how it looks.

const KEPT = 24;

export class Shop {
  constructor() {
    this.rates = null;
    this.trends = new Map();
    this.alerts = new Map();
    this.fresh = new Set(); // ids of alerts that came after all had been told
    this.feed = { read_to: null, away_since: null };
    this.caughtUp = false;
  }

  // Returns the alert if it is news: one that fires or resolves after all had been told.
  take(event, data) {
    if (event === "feed") this.feed = data;
    else if (event === "begin") this.begin();
    else if (event === "trend") this.trends = new Map(data.map((each) => [each.rule, each.points]));
    else if (event === "rates") this.takeRates(data);
    else if (event === "alert") return this.takeAlert(data);
    else if (event === "removed") this.alerts.delete(data.alert_id);
    else if (event === "caught_up") this.caughtUp = true;
    return null;
  }

  // Everything is told from the beginning: what was known before may be gone.
  begin() {
    this.rates = null;
    this.trends.clear();
    this.alerts.clear();
    this.caughtUp = false;
  }

  takeAlert(alert) {
    const before = this.alerts.get(alert.alert_id);
    this.alerts.set(alert.alert_id, alert);
    if (!this.caughtUp || before?.state === alert.state) return null;
    this.fresh.add(alert.alert_id);
    return alert;
  }

  takeRates(rates) {
    this.rates = rates;
    for (const rule of rates?.rules ?? []) {
      const value = measure(rule.tiers[0]);
      const points = this.trends.get(rule.rule) ?? [];
      if (value === null || points.at(-1)?.at === rates.as_of) continue;
      this.trends.set(rule.rule, [...points, { at: rates.as_of, value }].slice(-KEPT));
    }
  }

  firing() {
    return this.ordered((alert) => alert.state === "firing");
  }

  over() {
    return this.ordered((alert) => alert.state !== "firing");
  }

  ordered(wanted) {
    return [...this.alerts.values()].filter(wanted).sort((one, other) => (one.fired_at < other.fired_at ? 1 : -1));
  }

  rules() {
    return (this.rates?.rules ?? []).filter((rule) => rule.tiers.length);
  }

  // The open orders that are named, each once, the next one first.
  orders() {
    const found = new Map();
    for (const metric of this.rates?.at_risk ?? []) {
      for (const order of metric.due_next) found.set(order.order_id, order);
    }
    return [...found.values()].sort((one, other) => Date.parse(one.due) - Date.parse(other.due));
  }

  // Of the metric that has most: the same order is at risk under each.
  atRisk() {
    return [...(this.rates?.at_risk ?? [])].sort((one, other) => other.open - one.open)[0] ?? null;
  }

  // The tiers that will be crossed if nothing more ships, the first one first; of a rule only the first.
  forecasts() {
    const found = [];
    for (const rule of this.rules()) {
      const tiers = rule.tiers.filter((tier) => tier.breach_at);
      tiers.sort((one, other) => (one.breach_at < other.breach_at ? -1 : 1));
      if (tiers.length) found.push({ rule, tier: tiers[0] });
    }
    return found.sort((one, other) => (one.tier.breach_at < other.tier.breach_at ? -1 : 1));
  }

  get asOf() {
    const known = [this.feed.read_to, this.rates?.as_of].filter(Boolean).sort();
    return known.at(-1) ?? null;
  }
}

export function measure(tier) {
  return tier ? tier.score ?? tier.rate : null;
}

// Whether more is better: the rate is the share of the good, or a score.  Null: the counts do not tell.
export function atLeast(rule) {
  for (const tier of rule.tiers) {
    if (tier.score !== null && tier.score !== undefined) return true;
    if (tier.rate !== null && tier.counted && tier.good !== tier.bad) {
      return Math.abs(tier.rate - tier.good / tier.counted) < Math.abs(tier.rate - tier.bad / tier.counted);
    }
  }
  return rule.metric === null ? true : null;
}

// The tier that tells most: one that fires, one that is about to, the one with the least room.
export function worst(rule) {
  const rank = (tier) => ["firing", "pending", "inactive"].indexOf(tier.state) * 1e9 + (tier.headroom ?? 1e8);
  return [...rule.tiers].sort((one, other) => rank(one) - rank(other))[0];
}
