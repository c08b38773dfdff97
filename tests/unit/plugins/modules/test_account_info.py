# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said about credentials that do not work."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from ansible_collections.hyperframes.aws.plugins.modules.account_info import advice


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"), "no AWS credentials"),
        (NoRegionError(), "no AWS region is set: set AWS_REGION"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), "AWS cannot be reached"),
        (ClientError({"Error": {"Code": "InvalidClientTokenId"}}, "x"), "AWS refuses the credentials"),
        (ClientError({"Error": {"Code": "SignatureDoesNotMatch"}}, "x"), "AWS refuses the credentials"),
        (ClientError({"Error": {"Code": "ExpiredToken"}}, "x"), "the AWS credentials have expired"),
        (ClientError({"Error": {"Code": "AccessDenied"}}, "x"), "cannot find out whose AWS credentials"),
    ],
)
def test_advice(error, words) -> None:
    assert advice(error).startswith(words)
