# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWS list prices in US dollars, without taxes, free tiers and discounts.

The one place to change when AWS changes them. A region that is not named here has the prices of ``us-east-1``; the cost
that is told then says so.

Where they come from:

- state transitions: the table of regions on https://aws.amazon.com/step-functions/pricing/, in an archived copy without
  a date, all regions below;
- Lambda by time and memory (x86, first tier), by request, and by ephemeral storage: https://aws.amazon.com/lambda/pricing/
  for ``us-east-1``, by way of documents of 2025 that quote it. AWS charges the same in all regions below;
- S3 requests and storage: AWS's price list (offers/v1.0/aws/AmazonS3) as public documents of 2026 quote it, for
  ``us-east-1`` (2026-07) and ``eu-central-1`` (2026-08); the other regions as a public table of 2026-02 has them that
  names https://aws.amazon.com/s3/pricing/. ``ca-central-1`` is from memory: that table has ``us-east-1``'s there.
  All of S3 is under one hundredth of what a render costs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

DATE = "2025"
"""Age of the oldest source above, that of Lambda. Compare with AWS's pages before relying on a sum."""


@dataclass(frozen=True)
class Prices:
    """What one region charges."""

    lambda_gb_second: float = 0.0000166667
    lambda_storage_gb_second: float = 0.0000000309
    lambda_request: float = 0.20 / 1_000_000
    state_transition: float = 0.025 / 1000
    s3_put: float = 0.005 / 1000
    s3_get: float = 0.0004 / 1000
    s3_gb_month: float = 0.023


_COMMON = Prices()

REGIONS: dict[str, Prices] = {
    "us-east-1": _COMMON,
    "us-east-2": _COMMON,
    "us-west-2": _COMMON,
    "us-west-1": replace(
        _COMMON, state_transition=0.0279 / 1000, s3_put=0.0055 / 1000, s3_get=0.00044 / 1000, s3_gb_month=0.026
    ),
    "ca-central-1": replace(_COMMON, s3_put=0.0055 / 1000, s3_gb_month=0.025),
    "eu-west-1": _COMMON,
    "eu-west-2": replace(_COMMON, s3_put=0.0053 / 1000, s3_get=0.00042 / 1000, s3_gb_month=0.024),
    "eu-central-1": replace(_COMMON, s3_put=0.0054 / 1000, s3_get=0.00043 / 1000, s3_gb_month=0.0245),
    "eu-north-1": _COMMON,
    "ap-northeast-1": replace(_COMMON, s3_put=0.0047 / 1000, s3_get=0.00037 / 1000, s3_gb_month=0.025),
    "ap-southeast-1": replace(_COMMON, s3_gb_month=0.025),
    "ap-southeast-2": replace(_COMMON, s3_put=0.0055 / 1000, s3_get=0.00044 / 1000, s3_gb_month=0.025),
    "ap-south-1": replace(_COMMON, state_transition=0.0285 / 1000, s3_gb_month=0.025),
}
DEFAULT_REGION = "us-east-1"


def prices_of(region: str) -> tuple[Prices, bool]:
    """The prices of *region*, and whether they are its own."""
    return REGIONS.get(region, REGIONS[DEFAULT_REGION]), region in REGIONS
