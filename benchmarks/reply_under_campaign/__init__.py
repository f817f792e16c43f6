"""One-to-one replies while a campaign drains, beside the same replies without it."""

from benchmarks.reply_under_campaign.benchmark import REPLY_UNDER_CAMPAIGN

__all__ = ["REPLY_UNDER_CAMPAIGN"]
