"""Costs that a backend works out by itself, against ours."""

import collections
import math

COST = "claude_code.cost_usd"
HOUR = "claude_code.usage.cache_creation.1h_input_tokens"
SEARCHES = "claude_code.usage.web_search_requests"
MODEL = "gen_ai.response.model"


def compare(expected, costs, other_prices=()):
    """Prints both sums, with what every difference comes from; texts for those that nothing explains. `costs` are by
    span; `other_prices` are the models that are known to have others there."""
    ours = sum(span.attributes.get(COST, 0) for span in expected)
    reasons, wrong = collections.Counter(), []
    for span in expected:
        own, theirs = span.attributes.get(COST), costs.get(span.span_id)
        if math.isclose(own or 0, theirs or 0, rel_tol=1e-6, abs_tol=1e-9):
            continue
        if own is None:
            reasons[f"no price of ours for {span.attributes.get(MODEL)}"] += 1
        elif theirs is None:
            reasons[f"no price of theirs for {span.attributes.get(MODEL)}"] += 1
        elif span.attributes.get("claude_otel.cost.source") == "recorded":
            reasons["the client recorded it"] += 1
        elif span.attributes.get(MODEL) in other_prices:
            reasons[f"another price of theirs for {span.attributes[MODEL]}"] += 1
        elif span.attributes.get(HOUR) or span.attributes.get(SEARCHES):
            reasons["written to the cache for an hour, or web searches"] += 1
        else:
            wrong.append(f"cost of {span.name} {span.span_id}: {own} is {theirs}")
    print(f"    cost: ours ${ours:.6f}, theirs ${sum(cost or 0 for cost in costs.values()):.6f}"
          + "".join(f"; {count} calls differ: {reason}" for reason, count in sorted(reasons.items())))
    return wrong
