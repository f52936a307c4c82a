"""Is every mistake refused, at its line, with what would be right?  One fault a case; the line is marked."""

import pytest

from tests.policy.documents import (
    EXEMPTION,
    FAULT,
    HEAD,
    ON_TIME,
    PICKUP,
    RETURN,
    RULE,
    complaints,
    lines_at_fault,
)

SCORE = """
[scores.health]
window = "30d"
parts = [{ metric = "on_time", weight = 70 }]
"""
TIER = "warning = { below = 0.90 }\n"

Cases = dict[str, tuple[str, str]]

THE_HEAD: Cases = {
    "a table that is not known": (
        HEAD + "[metric.x]#!\n",
        'metric is no key that is known here; did you mean "metrics"?',
    ),
    "a key that is not known": (
        HEAD + 'language = ["en"]#!\n',
        'policy.language is no key that is known here; did you mean "languages"?',
    ),
    "no name": (
        HEAD.replace('name = "test"\n', "").replace("[policy]", "[policy]#!"),
        'policy.name is missing; write one, such as name = "seed"',
    ),
    "an empty name": (
        HEAD.replace('"test"', '" "#!'),
        "policy.name is empty; write a text with something in it",
    ),
    "a version that is a number": (
        HEAD.replace('"1"', "1#!"),
        "policy.version is 1, not a text; write a text in quotes",
    ),
    "no start": (
        HEAD.replace("effective_from = 2024-01-01T00:00:00Z\n", "").replace("[policy]", "[policy]#!"),
        "policy.effective_from is missing; write the time since when it holds, such as 2021-10-01T00:00:00+08:00",
    ),
    "T6 a date alone": (
        HEAD.replace("2024-01-01T00:00:00Z", "2024-01-01#!"),
        "policy.effective_from is 2024-01-01, a date alone; write the time of day too, such as 2024-01-01T00:00:00",
    ),
    "T6 a time of day alone": (
        HEAD.replace("2024-01-01T00:00:00Z", "07:30:00#!"),
        "policy.effective_from is 07:30:00, not a time; write a date and a time, such as 2021-10-18T00:00:00+08:00",
    ),
    "T6 a time in quotes": (
        HEAD.replace("2024-01-01T00:00:00Z", '"2024-01-01T00:00:00Z"#!'),
        (
            'policy.effective_from is "2024-01-01T00:00:00Z", not a time; '
            "write it without the quotes, such as 2021-10-18T00:00:00+08:00"
        ),
    ),
    "no time zone": (
        HEAD.replace('time_zone = "UTC"\n', "").replace("[policy]", "[policy]#!"),
        'policy.time_zone is missing; write one, such as time_zone = "Asia/Shanghai"',
    ),
    "a time zone that nobody knows": (
        HEAD.replace('"UTC"', '"Asia/Peking"#!'),
        'policy.time_zone is "Asia/Peking", which no time zone is called; write one such as "Asia/Shanghai"',
    ),
    "a time zone that is a folder": (
        HEAD.replace('"UTC"', '"Asia"#!'),
        'policy.time_zone is "Asia", which no time zone is called; write one such as "Asia/Shanghai"',
    ),
    "a time zone that leaves the folder": (
        HEAD.replace('"UTC"', '"../Asia/Shanghai"#!'),
        'policy.time_zone is "../Asia/Shanghai", which no time zone is called; write one such as "Asia/Shanghai"',
    ),
    "a language that there is no message in": (
        HEAD + 'languages = ["en", "de"]#!\n',
        'policy.languages (entry 2) has no word "de"; it may be one of en, zh',
    ),
    "no language": (
        HEAD + "languages = []#!\n",
        'policy.languages is empty; name at least one, such as ["en"]',
    ),
    "T6 a duration without a unit": (
        HEAD + "keep = 60#!\n",
        'policy.keep is 60, a duration without a unit; write one such as "30d", "24h" or "90s"',
    ),
    "T6 a duration with a fraction": (
        HEAD + 'keep = "1.5d"#!\n',
        'policy.keep is "1.5d", which is no duration; write whole numbers with ms, s, m, h, d or w, such as "1d12h"',
    ),
    "a length of nothing": (
        HEAD + 'keep = "0s"#!\n',
        'policy.keep is "0s"; write a duration longer than nothing',
    ),
    "a table that is a list": (
        "[[policy]]#!",
        "policy is a list, not a table; write [policy] and its keys below it",
    ),
}

METRICS: Cases = {
    "no kind": (
        HEAD + "[metrics.on_time]#!\n",
        'metrics.on_time.kind is missing; write one, such as kind = "on_time_ship"',
    ),
    "U1 a kind that there is not": (
        HEAD + '[metrics.on_time]\nkind = "on_time"#!\n',
        'metrics.on_time.kind has no word "on_time"; did you mean "on_time_ship"?',
    ),
    "a metric that is no table": (
        HEAD + '[metrics]\non_time = "on_time_ship"#!\n',
        'metrics.on_time is "on_time_ship", not a table; write [metrics.on_time] and its keys below it',
    ),
    "a name of two words": (
        HEAD + '[metrics."on time"]#!\nkind = "on_time_ship"\n',
        '"on time" is no name; use letters, digits, - and _ only',
    ),
    "a name with a line break in it": (
        HEAD + '[metrics."on\\ntime"]#!\nkind = "on_time_ship"\n',
        '"on\\ntime" is no name; use letters, digits, - and _ only',
    ),
    "a key that no kind has": (
        HEAD + ON_TIME + 'good = ["physical"]#!\n',
        'metrics.on_time.good is no key that is known here; did you mean "goods"?',
    ),
    "U2 a key of another kind": (
        HEAD + ON_TIME + 'pickup_within = "24h"#!\n',
        "metrics.on_time.pickup_within does not go with on_time_ship; it is for pickup_anomaly only; leave it out",
    ),
    "U5 a limit of another kind": (
        HEAD + RETURN + 'resolve_within = "24h"#!\n',
        "metrics.return.resolve_within does not go with return; it is for after_sales only; leave it out",
    ),
    "U5 no limit": (
        HEAD + '[metrics.help]#!\nkind = "after_sales"\n',
        'metrics.help.resolve_within is missing; write one, such as resolve_within = "48h"',
    ),
    "U2 a limit of nothing": (
        HEAD + PICKUP + 'pickup_within = "0h"#!\n',
        'metrics.pickup.pickup_within is "0h"; write a duration longer than nothing',
    ),
    "U6 goods that there are not": (
        HEAD + ON_TIME + 'goods = ["physical", "digital"]#!\n',
        'metrics.on_time.goods (entry 2) has no word "digital"; it may be one of custom, physical, presale, virtual',
    ),
    "U6 no goods": (
        HEAD + ON_TIME + "goods = []#!\n",
        "metrics.on_time.goods is empty, so nothing would match; name at least one, or leave the key out",
    ),
    "U6 goods that are no list": (
        HEAD + ON_TIME + 'goods = "physical"#!\n',
        'metrics.on_time.goods is "physical", not a list; write a list, such as ["physical"]',
    ),
    "U3 faults that there are not": (
        HEAD + RETURN + 'faults = ["seller"]#!\n',
        'metrics.return.faults (entry 1) has no word "seller"; it may be one of buyer, carrier, merchant, unknown',
    ),
    "U1 an anchor that it has not": (
        HEAD + ON_TIME + 'anchor = "requested"#!\n',
        (
            'metrics.on_time.anchor is "requested", by which on_time_ship places nothing; '
            "write one of decided, due, paid, shipped"
        ),
    ),
    "U3 an anchor that it has not": (
        HEAD + RETURN + 'anchor = "due"#!\n',
        'metrics.return.anchor is "due", by which return places nothing; write one of paid, requested',
    ),
    "U2 an anchor where there is one place only": (
        HEAD + PICKUP + 'anchor = "decided"#!\n',
        "metrics.pickup.anchor does not go with pickup_anomaly; it is for on_time_ship, return only; leave it out",
    ),
    "D1 a reason that there is not": (
        HEAD + ON_TIME + 'promise_reasons = ["storm"]#!\n',
        (
            'metrics.on_time.promise_reasons (entry 1) has no word "storm"; '
            "it may be one of buyer_agreed, delay_report_approved, platform"
        ),
    ),
    "D1 a yes in quotes": (
        HEAD + ON_TIME + 'retroactive_promises = "true"#!\n',
        'metrics.on_time.retroactive_promises is "true", not a yes or no; write true or false, without quotes',
    ),
    "W1 a lag that no pane divides": (
        HEAD + ON_TIME + 'lag = "90m"\n' + RULE.replace('"30d"', '"30d"#!') + TIER,
        (
            "rules.late has the default pane of 1h, which does not divide the lag of metrics.on_time, 1h30m; "
            'give a pane that does, such as pane = "30m"'
        ),
    ),
}

RULES: Cases = {
    "no metric": (
        HEAD + '[rules.late]#!\nwindow = "1d"\n' + TIER,
        "rules.late.metric is missing; write the name of a metric or of a score",
    ),
    "a metric that there is not": (
        HEAD + ON_TIME + RULE.replace('"on_time"', '"ontime"#!') + TIER,
        'rules.late.metric is "ontime", and there is no metric of this name; did you mean "on_time"?',
    ),
    "a metric where there is none at all": (
        HEAD + RULE.replace('"on_time"', '"on_time"#!') + TIER,
        'rules.late.metric is "on_time", and there is no metric of this name; there is none',
    ),
    "W1 no window": (
        HEAD + ON_TIME + '[rules.late]#!\nmetric = "on_time"\n' + TIER,
        'rules.late.window is missing; write one, such as window = "30d"',
    ),
    "W1 a pane longer than the window": (
        HEAD + ON_TIME + RULE.replace("30d", "1h") + 'pane = "2h"#!\n' + TIER,
        (
            "rules.late.pane is 2h, which does not divide the window, 1h; "
            "write a pane that goes into it a whole number of times"
        ),
    ),
    "W1 a window that the default pane does not divide": (
        HEAD + ON_TIME + RULE.replace('"30d"', '"90s"#!') + TIER,
        (
            "rules.late has the default pane of 1m, which does not divide the window, 1m30s; "
            'give a pane that does, such as pane = "10s"'
        ),
    ),
    "R1 no tier": (
        HEAD + ON_TIME + RULE.replace("late]", "late]#!"),
        "rules.late has no tier; add one, such as warning = { below = 0.90 }",
    ),
    "R1 no tier of a rule whose word is above": (
        HEAD + PICKUP + '[rules.late]#!\nmetric = "pickup"\nwindow = "1d"\n',
        "rules.late has no tier; add one, such as warning = { above = 0.90 }",
    ),
    "R1 a threshold on the rule itself": (
        HEAD + ON_TIME + RULE + "below = 0.9#!\n" + TIER,
        "rules.late.below stands on the rule itself; write it in a tier, such as warning = { below = 0.9 }",
    ),
    "R1 neither threshold nor bad_above": (
        HEAD + ON_TIME + RULE + "warning = { min_bad = 3 }#!\n",
        "rules.late.warning has no threshold; give it one, such as below = 0.90 or bad_above = 5",
    ),
    "R1 both below and above": (
        HEAD + ON_TIME + RULE + "warning = { below = 0.9, above = 0.1 }#!\n",
        "rules.late.warning has both below and above; leave one of them; on_time_ship takes below",
    ),
    "R1 clear_at beyond below": (
        HEAD + ON_TIME + RULE + "warning = { below = 0.90, clear_at = 0.89 }#!\n",
        "rules.late.warning.clear_at is 0.89, beyond the threshold of 0.90; write 0.90 or more",
    ),
    "R1 clear_at of 0 beyond below": (
        HEAD + ON_TIME + RULE + "warning = { below = 0.90, clear_at = 0 }#!\n",
        "rules.late.warning.clear_at is 0, beyond the threshold of 0.90; write 0.90 or more",
    ),
    "R1 clear_at beyond above": (
        HEAD + RETURN + RULE.replace("on_time", "return") + "warning = { above = 0.10, clear_at = 0.11 }#!\n",
        "rules.late.warning.clear_at is 0.11, beyond the threshold of 0.10; write 0.10 or less",
    ),
    "R1 clear_at beyond above of 0": (
        HEAD + RETURN + RULE.replace("on_time", "return") + "warning = { above = 0, clear_at = 0.01 }#!\n",
        "rules.late.warning.clear_at is 0.01, beyond the threshold of 0; write 0 or less",
    ),
    "R1 clear_at without a threshold": (
        HEAD + ON_TIME + RULE + "warning = { bad_above = 3, clear_at = 0.9 }#!\n",
        "rules.late.warning.clear_at has no threshold to go with; add below, above",
    ),
    "U8 above with on_time_ship": (
        HEAD + ON_TIME + RULE + "warning = { above = 0.9 }#!\n",
        "rules.late.warning.above does not go with on_time_ship; write below",
    ),
    "U8 below with pickup_anomaly": (
        HEAD + PICKUP + RULE.replace("on_time", "pickup") + "warning = { below = 0.9 }#!\n",
        "rules.late.warning.below does not go with pickup_anomaly; write above",
    ),
    "U8 below with return": (
        HEAD + RETURN + RULE.replace("on_time", "return") + "warning = { below = 0.9 }#!\n",
        "rules.late.warning.below does not go with return; write above",
    ),
    "U8 above with after_sales": (
        HEAD
        + '[metrics.help]\nkind = "after_sales"\nresolve_within = "48h"\n'
        + RULE.replace("on_time", "help")
        + "warning = { above = 0.9 }#!\n",
        "rules.late.warning.above does not go with after_sales; write below",
    ),
    "R1 min_orders of 0": (
        HEAD + ON_TIME + RULE + "min_orders = 0#!\n" + TIER,
        "rules.late.min_orders is 0; write a whole number of at least 1",
    ),
    "min_orders with a fraction": (
        HEAD + ON_TIME + RULE + "min_orders = 1.0#!\n" + TIER,
        "rules.late.min_orders is 1.0, not a whole number; write one of at least 1",
    ),
    "min_orders beyond what anything counts": (
        HEAD + ON_TIME + RULE + "min_orders = 9223372036854775808#!\n" + TIER,
        "rules.late.min_orders is 9223372036854775808; write a whole number of at most 9223372036854775807",
    ),
    "bad_above below nothing": (
        HEAD + ON_TIME + RULE + "warning = { bad_above = -1 }#!\n",
        "rules.late.warning.bad_above is -1; write a whole number of at least 0",
    ),
    "a yes that is a number": (
        HEAD + ON_TIME + RULE + "penalty = 1#!\n" + TIER,
        "rules.late.penalty is 1, not a yes or no; write true or false, without quotes",
    ),
    "a key of a tier that is not known": (
        HEAD + ON_TIME + RULE + 'warning = { below = 0.9, hold = "1h" }#!\n',
        (
            "rules.late.warning.hold is no key that is known here; it may be one of "
            "above, bad_above, below, clear_at, for, forecast, keep_firing_for, min_bad, min_orders, penalty"
        ),
    ),
    "a forecast of another kind": (
        HEAD + PICKUP + RULE.replace("on_time", "pickup") + 'warning = { above = 0.1, forecast = "6h" }#!\n',
        (
            "rules.late.warning.forecast does not go with pickup_anomaly; leave it out: only a tier on an on_time_ship metric "
            "looks ahead"
        ),
    ),
    "a forecast of nothing": (
        HEAD + ON_TIME + RULE + 'warning = { below = 0.9, forecast = "0s" }#!\n',
        'rules.late.warning.forecast is "0s"; write a duration longer than nothing',
    ),
    "a window in a tier": (
        HEAD + ON_TIME + RULE + 'warning = { below = 0.9, window = "1h" }#!\n',
        (
            "rules.late.warning.window is no key that is known here; it may be one of "
            "above, bad_above, below, clear_at, for, forecast, keep_firing_for, min_bad, min_orders, penalty"
        ),
    ),
    "a tier whose name has a dot": (
        HEAD + ON_TIME + RULE + '"a.b" = { below = 0.9 }#!\n',
        '"a.b" is no name; use letters, digits, - and _ only',
    ),
    "a share beyond all": (
        HEAD + ON_TIME + RULE + "warning = { below = 90 }#!\n",
        "rules.late.warning.below is 90, no share of all; write a number from 0 to 1, such as 0.90 for 90 %",
    ),
    "a share below nothing": (
        HEAD + ON_TIME + RULE + "warning = { below = -0.1 }#!\n",
        "rules.late.warning.below is -0.1, no share of all; write a number from 0 to 1, such as 0.90 for 90 %",
    ),
    "U4 a rate below nothing": (
        HEAD
        + RETURN
        + 'anchor = "requested"\n'
        + RULE.replace("on_time", "return")
        + "warning = { above = -0.1 }#!\n",
        "rules.late.warning.above is -0.1; write a number of at least 0",
    ),
    "a number in quotes": (
        HEAD + ON_TIME + RULE + 'warning = { below = "0.9" }#!\n',
        'rules.late.warning.below is "0.9", not a number; write a plain number without quotes, such as 0.90',
    ),
    "a yes for a number": (
        HEAD + ON_TIME + RULE + "warning = { below = true }#!\n",
        "rules.late.warning.below is true, not a number; write a plain number without quotes, such as 0.90",
    ),
    "not a number": (
        HEAD + ON_TIME + RULE + "warning = { below = nan }#!\n",
        "rules.late.warning.below is nan; write a plain number of at most 60 digits",
    ),
    "without end": (
        HEAD + ON_TIME + RULE + "warning = { below = +inf }#!\n",
        "rules.late.warning.below is +inf; write a plain number of at most 60 digits",
    ),
    "an exponent that would fill the memory": (
        HEAD + ON_TIME + RULE + "warning = { below = 1e-999999999 }#!\n",
        "rules.late.warning.below is 1e-999999999; write a plain number of at most 60 digits",
    ),
    "a whole number of a thousand digits, of which the beginning is shown": (
        HEAD + ON_TIME + RULE + f"warning = {{ below = {'9' * 1000} }}#!\n",
        (
            f"rules.late.warning.below is {'9' * 80}..., not a number; "
            "write a plain number without quotes, such as 0.90"
        ),
    ),
}

SCORES: Cases = {
    "S1 no parts": (
        HEAD + '[scores.health]#!\nwindow = "30d"\n',
        'scores.health.parts is missing; write them, such as parts = [{ metric = "on_time", weight = 70 }]',
    ),
    "S1 parts that are one table": (
        HEAD + ON_TIME + '[scores.health]\nwindow = "30d"\nparts = { metric = "on_time", weight = 1 }#!\n',
        "scores.health.parts is a table, not a list of tables; write [[scores.health.parts]], once for each",
    ),
    "S1 a part that is no table": (
        HEAD + ON_TIME + '[scores.health]\nwindow = "30d"\nparts = [\n  "on_time",#!\n]\n',
        'scores.health.parts[1] is "on_time", not a table; write it as a table',
    ),
    "S1 a metric that there is not": (
        HEAD + ON_TIME + SCORE.replace("on_time", "pickup").replace("70 }]", "70 }]#!"),
        'scores.health.parts[1].metric is "pickup", and there is no metric of this name; it may be one of on_time',
    ),
    "S1 no metric": (
        HEAD + ON_TIME + '[[scores.health.parts]]#!\nweight = 1\n[scores.health]\nwindow = "30d"\n',
        "scores.health.parts[1].metric is missing; write the name of a metric",
    ),
    "S1 no weight": (
        HEAD + ON_TIME + '[[scores.health.parts]]#!\nmetric = "on_time"\n[scores.health]\nwindow = "30d"\n',
        "scores.health.parts[1].weight is missing; write one, such as weight = 70",
    ),
    "S1 a weight of 0": (
        HEAD + ON_TIME + SCORE.replace("70 }]", "0 }]#!"),
        "scores.health.parts[1].weight is 0, no weight; write a number above 0",
    ),
    "S1 a key of a part that is not known": (
        HEAD + ON_TIME + SCORE.replace("70 }]", "70, min_order = 3 }]#!"),
        'scores.health.parts[1].min_order is no key that is known here; did you mean "min_orders"?',
    ),
    "S1 rates that do not rise": (
        HEAD + ON_TIME + SCORE.replace("70 }]", "70, points = [[0.8, 0], [0.8, 100]] }]#!"),
        "scores.health.parts[1].points goes from the rate 0.8 to 0.8; let the rates rise from pair to pair",
    ),
    "S1 no points": (
        HEAD + ON_TIME + SCORE.replace("70 }]", "70, points = [] }]#!"),
        (
            "scores.health.parts[1].points is empty; "
            "write [rate, points] pairs, or leave it out to take the rate itself"
        ),
    ),
    "S1 points that are no pairs": (
        HEAD + ON_TIME + SCORE.replace("70 }]", "70, points = [[0.8, 0], [0.9]] }]#!"),
        (
            "scores.health.parts[1].points (entry 2) is no pair of a rate and its points; "
            "write two numbers, such as [0.90, 80]"
        ),
    ),
    "S1 a window that the pane does not divide": (
        HEAD + ON_TIME + SCORE + 'pane = "7h"#!\n',
        (
            "scores.health.pane is 7h, which does not divide the window, 30d; "
            "write a pane that goes into it a whole number of times"
        ),
    ),
    "S1 a lag that the pane does not divide": (
        HEAD + ON_TIME + 'lag = "90m"\n' + SCORE + 'pane = "1h"#!\n',
        (
            "scores.health.pane is 1h, which does not divide the lag of metrics.on_time, 1h30m; "
            "write a pane that goes into it a whole number of times"
        ),
    ),
    "S2 missing that is neither word nor number": (
        HEAD + ON_TIME + SCORE + 'missing = "zero"#!\n',
        (
            'scores.health.missing is "zero"; '
            'write "leave_out", or the points that a part with too few orders gets'
        ),
    ),
    "S2 min_orders of 0": (
        HEAD + ON_TIME + SCORE + "min_orders = 0#!\n",
        "scores.health.min_orders is 0; write a whole number of at least 1",
    ),
    "S3 a score that there is not": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "wealth"#!\n' + TIER,
        'rules.poor.score is "wealth", and there is no score of this name; did you mean "health"?',
    ),
    "S3 a metric beside a score": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "health"\nmetric = "on_time"#!\n' + TIER,
        (
            "rules.poor.metric stands beside a score; "
            "leave it out: a score takes the place of metric, window and pane"
        ),
    ),
    "S3 a window beside a score": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "health"\nwindow = "30d"#!\n' + TIER,
        (
            "rules.poor.window stands beside a score; "
            "leave it out: a score takes the place of metric, window and pane"
        ),
    ),
    "S3 a pane beside a score": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "health"\npane = "1h"#!\n' + TIER,
        (
            "rules.poor.pane stands beside a score; "
            "leave it out: a score takes the place of metric, window and pane"
        ),
    ),
    "S3 above": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "health"\nwarning = { above = 0.5 }#!\n',
        "rules.poor.warning.above does not go with a score; write below",
    ),
    "S3 bad_above": (
        HEAD
        + ON_TIME
        + SCORE
        + '[rules.poor]\nscore = "health"\nwarning = { below = 0.5, bad_above = 3 }#!\n',
        (
            "rules.poor.warning.bad_above does not go with a score; "
            "leave it out: how many orders a part needs, the score says itself"
        ),
    ),
    "S3 min_orders on the rule": (
        HEAD + ON_TIME + SCORE + '[rules.poor]\nscore = "health"\nmin_orders = 3#!\n' + TIER,
        (
            "rules.poor.min_orders does not go with a score; "
            "leave it out: how many orders a part needs, the score says itself"
        ),
    ),
}

EXEMPTIONS: Cases = {
    "E1 no id": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('id = "storm"\n', "").replace("[[exemptions]]", "[[exemptions]]#!"),
        'exemptions[1].id is missing; write one, such as id = "xian-2021-10"',
    ),
    "E1 no metrics": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('metrics = ["on_time"]\n', "").replace("[[exemptions]]", "[[exemptions]]#!"),
        'exemptions.storm.metrics is missing; write one, such as metrics = ["on_time"]',
    ),
    "E1 no effect": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('effect = "drop"\n', "").replace("[[exemptions]]", "[[exemptions]]#!"),
        'exemptions.storm.effect is missing; write one, such as effect = "drop"',
    ),
    "E1 no anchor": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('anchor = "due"\n', "").replace("[[exemptions]]", "[[exemptions]]#!"),
        'exemptions.storm.anchor is missing; write one, such as anchor = "due"',
    ),
    "E1 a metric that no version has": (
        HEAD + ON_TIME + EXEMPTION.replace('["on_time"]', '["on_time", "pickup"]#!'),
        'exemptions.storm.metrics names "pickup", and there is no metric of this name; it may be one of on_time',
    ),
    "E1 a key that is not known": (
        HEAD + ON_TIME + EXEMPTION + 'region = ["61"]#!\n',
        'exemptions.storm.region is no key that is known here; did you mean "regions"?',
    ),
    "E1 one table where there should be a list": (
        HEAD + ON_TIME + EXEMPTION.replace("[[exemptions]]", "[exemptions]#!"),
        "exemptions is a table, not a list of tables; write [[exemptions]], once for each",
    ),
    "E1 no region": (
        HEAD + ON_TIME + EXEMPTION + "regions = []#!\n",
        "exemptions.storm.regions is empty, so nothing would match; name at least one, or leave the key out",
    ),
    "E6 a region code that is a number": (
        HEAD + ON_TIME + EXEMPTION + "regions = [610100]#!\n",
        "exemptions.storm.regions (entry 1) is 610100, not a text; write a text in quotes",
    ),
    "E1 a word that region_of has not": (
        HEAD + ON_TIME + EXEMPTION + 'region_of = "both"#!\n',
        'exemptions.storm.region_of has no word "both"; it may be one of either, ship_from, ship_to',
    ),
    "T6 a range that begins with a date alone": (
        HEAD + ON_TIME + EXEMPTION + "from = 2024-02-01#!\n",
        (
            "exemptions.storm.from is 2024-02-01, a date alone; "
            "write the time of day too, such as 2024-02-01T00:00:00"
        ),
    ),
    "T6 a range that ends with a date alone": (
        HEAD + ON_TIME + EXEMPTION + "to = 2024-02-01#!\n",
        "exemptions.storm.to is 2024-02-01, a date alone; write the time of day too, such as 2024-02-01T00:00:00",
    ),
    "E1 a range that ends before it begins": (
        HEAD + ON_TIME + EXEMPTION + "from = 2024-02-01T00:00:01Z\nto = 2024-02-01T00:00:00Z#!\n",
        "exemptions.storm.to lies before from; exchange them",
    ),
    "E3 shipped of a return": (
        HEAD + RETURN + EXEMPTION.replace('"due"', '"shipped"#!').replace('["on_time"]', '["return"]'),
        (
            'exemptions.storm.anchor is "shipped", which return does not have; '
            "write one of decided, due, paid, requested"
        ),
    ),
    "E3 an anchor that one of two kinds has not": (
        HEAD
        + ON_TIME
        + RETURN
        + EXEMPTION.replace('"due"', '"requested"#!').replace('["on_time"]', '["on_time", "return"]'),
        (
            'exemptions.storm.anchor is "requested", which on_time_ship does not have; '
            "write one of decided, due, paid, shipped"
        ),
    ),
    "E3 decided with extend": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('"due"', '"decided"#!').replace('"drop"', '"extend"')
        + 'by = "24h"\n',
        (
            'exemptions.storm.anchor is "decided", which an extension would move; '
            "write another time, such as due or paid"
        ),
    ),
    "E4 neither by nor until": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('"drop"', '"extend"').replace("[[exemptions]]", "[[exemptions]]#!"),
        'exemptions.storm.by is missing; an extension says how far: write by = "24h", or until and a time',
    ),
    "E4 both by and until": (
        HEAD
        + ON_TIME
        + EXEMPTION.replace('"drop"', '"extend"')
        + 'by = "24h"\nuntil = 2024-03-01T00:00:00Z#!\n',
        "exemptions.storm says both by and until; leave one of them",
    ),
    "E4 an extension of nothing": (
        HEAD + ON_TIME + EXEMPTION.replace('"drop"', '"extend"') + 'by = "0s"#!\n',
        'exemptions.storm.by is "0s"; write a duration longer than nothing',
    ),
    "E4 extend of a return": (
        HEAD
        + RETURN
        + EXEMPTION.replace('"drop"', '"extend"#!').replace('["on_time"]', '["return"]')
        + 'by = "24h"\n',
        'exemptions.storm.effect is "extend", and return has no deadline; choose another effect, or other metrics',
    ),
    "E4 by with another effect": (
        HEAD + ON_TIME + EXEMPTION + 'by = "24h"#!\n',
        'exemptions.storm.by does not go with "drop"; leave it out, or write effect = "extend"',
    ),
    "E4 an effect that there is not": (
        HEAD + ON_TIME + EXEMPTION.replace('"drop"', '"ignore"#!'),
        (
            'exemptions.storm.effect has no word "ignore"; '
            "it may be one of count_good, drop, extend, forgive, penalty_only"
        ),
    ),
    "E2 one id with two contents in one file": (
        HEAD + ON_TIME + EXEMPTION + EXEMPTION.replace('"storm"', '"storm"#!').replace("drop", "forgive"),
        (
            "exemptions.storm.id is the id of another exemption too, at 1.toml:10; "
            "give it an id of its own, or make the two the same"
        ),
    ),
    "an id of two words is quoted in messages": (
        HEAD + ON_TIME + EXEMPTION.replace('"storm"', '"the storm"') + 'region_of = "x"#!\n',
        'exemptions."the storm".region_of has no word "x"; it may be one of either, ship_from, ship_to',
    ),
}

SYNTAX: Cases = {
    "a key without a value": (
        HEAD + "keep =#!\n",
        (
            "this is not TOML: invalid value; write texts in quotes, numbers and times bare, "
            "and no number with a leading zero or a bare point"
        ),
    ),
    "a bare word for a value": (
        HEAD + "keep = yes#!\n",
        (
            "this is not TOML: invalid value; write texts in quotes, numbers and times bare, "
            "and no number with a leading zero or a bare point"
        ),
    ),
    "a key twice": (
        HEAD + 'name = "again"#!\n',
        "this is not TOML: cannot overwrite a value; write every key and every table only once",
    ),
    "a table twice": (
        HEAD + ON_TIME + "[metrics.on_time]#!\n",
        (
            "this is not TOML: cannot declare ('metrics', 'on_time') twice; "
            "write every key and every table only once"
        ),
    ),
    "a list that does not end": (
        HEAD + "languages = [#!",
        (
            "this is not TOML: invalid value; write texts in quotes, numbers and times bare, "
            "and no number with a leading zero or a bare point"
        ),
    ),
    "a number of digits without end": (
        "keep = " + "9" * 5000 + "#!",
        "a number or a nesting in it has no end; write shorter numbers and shallower lists",
    ),
    "a nesting without end": (
        "keep = " + "[" * 50_000 + "]" * 50_000 + "#!",
        "a number or a nesting in it has no end; write shorter numbers and shallower lists",
    ),
}

ALL: Cases = THE_HEAD | METRICS | RULES | SCORES | EXEMPTIONS | SYNTAX


@pytest.mark.parametrize("case", ALL)
def test_a_mistake_is_told_at_its_line_with_what_would_be_right(case: str) -> None:
    text, expected = ALL[case]
    (line,) = lines_at_fault(text)
    assert f"1.toml:{line}: {expected}" in complaints(text)


@pytest.mark.parametrize("case", sorted(ALL.keys() - {"a table that is a list"}))
def test_one_mistake_is_told_once(case: str) -> None:
    assert len(complaints(ALL[case][0])) == 1


@pytest.mark.parametrize("case", ALL)
def test_its_line_is_the_same_where_lines_end_as_on_windows(case: str) -> None:
    text, expected = ALL[case]
    (line,) = lines_at_fault(text)
    assert f"1.toml:{line}: {expected}" in complaints(text.replace("\n", "\r\n"))


@pytest.mark.parametrize("case", ALL)
def test_a_mark_of_byte_order_at_the_beginning_moves_nothing(case: str) -> None:
    text, _ = ALL[case]
    assert complaints("\ufeff" + text) == complaints(text)


def test_the_marker_is_no_part_of_any_value() -> None:
    assert [case for case, (_, expected) in ALL.items() if FAULT in expected] == []
