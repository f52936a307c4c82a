"""Which dashboards are there?"""

from stream.ops.dashboards.marketplace import MARKETPLACE
from stream.ops.dashboards.pipeline import PIPELINE
from stream.ops.dashboards.rules import RULES
from stream.ops.dashboards.shop import SHOP_DASHBOARD

DASHBOARDS = (MARKETPLACE, SHOP_DASHBOARD, PIPELINE, RULES)
"""In the order in which one looks."""
