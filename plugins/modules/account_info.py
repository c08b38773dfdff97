# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that tells whose credentials are used, where."""

from __future__ import annotations

DOCUMENTATION = r"""
module: account_info
short_description: Tell the AWS account, region and endpoint that are in use
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Tells the account, partition, region and endpoint that modules with the same options and environment use.
  - Fails in plain words when there are no credentials, when they are refused, and when no region is set.
extends_documentation_fragment:
  - hyperframes.aws.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: amazon.aws.aws_caller_info
"""

EXAMPLES = r"""
- name: Whose credentials are used
  hyperframes.aws.account_info:
  register: caller

- name: The bucket's name is the account's own
  ansible.builtin.debug:
    msg: "hyperframes-{{ caller.account }}-{{ caller.region }}"
"""

RETURN = r"""
account:
  description: Number of the account.
  type: str
  returned: always
  sample: "123456789012"
arn:
  description: ARN of the caller.
  type: str
  returned: always
  sample: arn:aws:iam::123456789012:user/example
partition:
  description: Partition of AWS.
  type: str
  returned: always
  sample: aws
region:
  description: Region.
  type: str
  returned: always
  sample: eu-central-1
endpoint:
  description: Where the calls go, when that is not AWS itself.
  type: str
  returned: when an endpoint is set
  sample: http://127.0.0.1:4566
"""

import os

try:
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
    )
except ImportError:  # AnsibleAWSModule says so in its own words
    BotoCoreError = ClientError = EndpointConnectionError = NoCredentialsError = Exception
    NoRegionError = PartialCredentialsError = Exception

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._resource import error_code, retrying

REFUSED = ("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "AuthFailure")
EXPIRED = ("ExpiredToken", "ExpiredTokenException")


def advice(error: Exception) -> str:
    """What is wrong, and what to do about it, in words."""
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return f"no AWS credentials ({error}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, NoRegionError):
        return "no AWS region is set: set AWS_REGION, or the option region"
    if isinstance(error, EndpointConnectionError):
        return f"AWS cannot be reached: {error}"
    if error_code(error) in REFUSED:
        return f"AWS refuses the credentials ({error_code(error)}): they are wrong, or their user no longer exists"
    if error_code(error) in EXPIRED:
        return f"the AWS credentials have expired ({error_code(error)}): sign in again"
    return f"cannot find out whose AWS credentials are used: {error}"


def main() -> None:
    """Entry point of the module."""
    module = AnsibleAWSModule(argument_spec={}, supports_check_mode=True)
    try:
        sts = module.client("sts", retrying())
        region = sts.client.meta.region_name
        # Without a region the client goes to the global endpoint, and says aws-global.
        if not region or region == "aws-global":
            raise NoRegionError()
        identity = sts.get_caller_identity(aws_retry=True)
    except (ClientError, BotoCoreError) as error:
        module.fail_json(msg=advice(error), error_code=error_code(error))
    endpoint = sts.client.meta.endpoint_url
    is_aws = not (module.params["endpoint_url"] or os.environ.get("AWS_ENDPOINT_URL"))
    module.exit_json(
        changed=False,
        account=identity["Account"],
        arn=identity["Arn"],
        partition=identity["Arn"].split(":")[1],
        region=region,
        **({} if is_aws else {"endpoint": endpoint}),
    )


if __name__ == "__main__":
    main()
