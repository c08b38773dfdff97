# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Module that keeps a Lambda function as it is described."""

from __future__ import annotations

DOCUMENTATION = r"""
module: function
short_description: Keep an AWS Lambda function as described
version_added: 0.1.0
author: The hyperframes.aws authors (@hyperframes)
description:
  - Makes, changes and removes a Lambda function whose code is a ZIP file, with its ephemeral storage, reserved
    concurrency, logging, tracing, layers, VPC and key.
  - The code is compared by its SHA-256, so nothing is uploaded or updated when the ZIP is the same.
  - An option that is not given leaves the property as it is.
  - Before each update, and at the end, the module waits until the function has carried out the update before.
options:
  name:
    description: Name of the function.
    type: str
    required: true
  zip_file:
    description:
      - The function's code, a ZIP file on the host that the module runs on.
      - With O(s3_bucket) it is uploaded to O(s3_key) unless it is there; otherwise it is sent in the request, which
        Lambda allows up to 50 MiB.
      - In check mode the file may be one that is still to be made, or made anew, with the digest O(code_sha256).
    type: path
  s3_bucket:
    description:
      - Bucket that the code lies in, in the function's region.
      - With O(zip_file) the bucket that it is uploaded to.
    type: str
  s3_key:
    description:
      - Key of the ZIP in O(s3_bucket).
      - With O(zip_file) the text V({sha256}) in it stands for the file's digest. The default is then V({sha256}.zip).
    type: str
  s3_object_version:
    description: Version of the object, in a bucket with versions. Not for O(zip_file).
    type: str
  code_sha256:
    description:
      - Hex SHA-256 that the ZIP is said to have.
      - For code in S3 that was uploaded without a checksum it saves reading the object. For any code it is checked.
    type: str
  role:
    description: ARN of the role that the function runs as. Needed to make the function.
    type: str
  runtime:
    description: Runtime, such as V(python3.13). Needed to make the function.
    type: str
  handler:
    description: The function that Lambda calls, such as V(package.module.function). Needed to make the function.
    type: str
  description:
    description: What the function is for.
    type: str
  architecture:
    description: Instruction set. Changing it needs the code, which is then updated too.
    type: str
    choices: [x86_64, arm64]
  memory_size:
    description: Memory in MB, 128 to 10240. The function's share of processors grows with it.
    type: int
  timeout:
    description: Seconds that one invocation may take, 1 to 900.
    type: int
  ephemeral_storage:
    description: Size of C(/tmp) in MB, 512 to 10240.
    type: int
  reserved_concurrency:
    description:
      - How many invocations may run at once; they are set aside from the account's concurrency.
      - V(-1) unsets it, so that the function shares the account's concurrency. V(0) stops all invocations.
    type: int
  environment:
    description:
      - The environment variables, all of them. An empty dictionary removes them.
      - Their values are never printed. Results and differences have C(sha256:) and the first 12 digits of each value's
        SHA-256 instead.
    type: dict
  kms_key_arn:
    description: ARN of the KMS key that encrypts the environment. Empty text for the key of AWS.
    type: str
  layers:
    description: ARNs of layer versions, all of them, in the order in which they are laid over each other.
    type: list
    elements: str
  tracing:
    description: X-Ray tracing.
    type: str
    choices: [Active, PassThrough]
  log_format:
    description: Format of the function's log.
    type: str
    choices: [JSON, Text]
  application_log_level:
    description: Least level of the function's own lines that are kept, for O(log_format=JSON).
    type: str
    choices: [TRACE, DEBUG, INFO, WARN, ERROR, FATAL]
  system_log_level:
    description: Least level of Lambda's lines that are kept, for O(log_format=JSON).
    type: str
    choices: [DEBUG, INFO, WARN]
  log_group:
    description: Log group of the function.
    type: str
  subnet_ids:
    description: Subnets of the VPC that the function is in. An empty list takes it out of the VPC.
    type: list
    elements: str
  security_group_ids:
    description: Security groups of the function in the VPC.
    type: list
    elements: str
  ipv6:
    description: Whether the function may use IPv6 in dual-stack subnets.
    type: bool
  used_by_state_machines:
    description:
      - Names of state machines of the account and region. Versions of the function that their definitions name are
        kept, and so are those that versions of the state machines name.
      - They are only looked at when a version is to be removed.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - hyperframes.aws.resource
  - hyperframes.aws.resource.owner
  - hyperframes.aws.resource.versions
  - hyperframes.aws.resource.wait
  - amazon.aws.tags
seealso:
  - module: amazon.aws.lambda
"""

EXAMPLES = r"""
- name: The render function exists, its ZIP kept in the bucket under its digest
  hyperframes.aws.function:
    name: hyperframes-render
    zip_file: build/handler.zip
    s3_bucket: hyperframes-123456789012-eu-central-1
    s3_key: handler/{sha256}.zip
    role: arn:aws:iam::123456789012:role/hyperframes-function
    runtime: python3.13
    handler: hyperframes_lambda.handler.handler
    memory_size: 10240
    timeout: 900
    ephemeral_storage: 10240
    tracing: Active
    log_format: JSON
    tags:
      Project: hyperframes

- name: The function shares the account's concurrency again
  hyperframes.aws.function:
    name: hyperframes-render
    reserved_concurrency: -1

- name: What uses the function's version is not disturbed by this update
  hyperframes.aws.function:
    name: hyperframes-render
    memory_size: 8192
    publish: true
    keep_versions: 5
  register: result # result.version_arn

- name: The function does not exist
  hyperframes.aws.function:
    name: hyperframes-render
    state: absent
"""

RETURN = r"""
function:
  description:
    - The function as it is, or in check mode as it would be; null when it does not exist.
    - Named as the module's options, and with the values that follow.
  type: dict
  returned: always
  contains:
    arn:
      description: ARN of the function. Absent in check mode for a function that is not there yet.
      type: str
      returned: when the function exists
      sample: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render
    code_sha256:
      description: Hex SHA-256 of the function's ZIP; what C(sha256sum) prints for the file.
      type: str
      returned: when known
      sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    reserved_concurrency:
      description: Reserved concurrency, -1 when it shares the account's.
      type: int
      returned: when the function exists
      sample: -1
version:
  description: Number of the newest version. In check mode, of one that would be published, a guess.
  type: str
  returned: when O(publish=true)
  sample: "7"
version_arn:
  description: ARN of that version.
  type: str
  returned: when O(publish=true) and the function exists
  sample: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render:7
alias_arn:
  description: ARN of the alias.
  type: str
  returned: when O(alias) is given and the function exists
  sample: arn:aws:lambda:eu-central-1:123456789012:function:hyperframes-render:live
versions:
  description: Numbers of all versions, the newest last.
  type: list
  elements: str
  returned: when O(publish=true)
  sample: ["6", "7"]
removed_versions:
  description: The versions that were removed, or would be.
  type: list
  elements: str
  returned: when O(publish=true)
  sample: []
previous_code_sha256:
  description: Hex SHA-256 of the code that this run replaced.
  type: str
  returned: when the code changed
code_uri:
  description: Where the ZIP lies in S3.
  type: str
  returned: when the code comes from S3
  sample: s3://hyperframes-123456789012-eu-central-1/handler/9f86d081.zip
uploaded:
  description: Whether this run uploaded the ZIP, or would.
  type: bool
  returned: when O(state=present)
unverified:
  description: Options whose values the service does not report, so that a change by others would not be seen.
  type: list
  elements: str
  returned: when O(state=present)
  sample: []
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils import _code, _function, _versions
from ..module_utils._code import Code, CodeError
from ..module_utils._function_versions import FunctionVersions
from ..module_utils._ownership import OWNER_TAGS, refuse_strangers
from ..module_utils._resource import (
    State,
    changes,
    diff_of,
    doing,
    retrying,
    tag_steps,
    tags_wanted,
    until_propagated,
    unverified,
    wait_for,
)
from ..module_utils._secrets import aws_module

ARGUMENTS = {
    "name": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "zip_file": {"type": "path"},
    "s3_bucket": {"type": "str"},
    "s3_key": {"type": "str", "no_log": False},
    "s3_object_version": {"type": "str"},
    "code_sha256": {"type": "str"},
    "role": {"type": "str"},
    "runtime": {"type": "str"},
    "handler": {"type": "str"},
    "description": {"type": "str"},
    "architecture": {"type": "str", "choices": ["x86_64", "arm64"]},
    "memory_size": {"type": "int"},
    "timeout": {"type": "int"},
    "ephemeral_storage": {"type": "int"},
    "reserved_concurrency": {"type": "int"},
    "environment": {"type": "dict"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "layers": {"type": "list", "elements": "str"},
    "tracing": {"type": "str", "choices": ["Active", "PassThrough"]},
    "log_format": {"type": "str", "choices": ["JSON", "Text"]},
    "application_log_level": {"type": "str", "choices": ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]},
    "system_log_level": {"type": "str", "choices": ["DEBUG", "INFO", "WARN"]},
    "log_group": {"type": "str"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "ipv6": {"type": "bool"},
    **_versions.OPTIONS,
    "used_by_state_machines": {"type": "list", "elements": "str", "default": []},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    **OWNER_TAGS,
    "wait_timeout": {"type": "int", "default": 300},
}
UNKNOWN = "known once the ZIP is there"
"""Stands for a digest that check mode cannot know; it differs from every digest."""

NEEDED_TO_CREATE = ("role", "runtime", "handler")


class Function:
    """The calls that read and change one function."""

    def __init__(self, module: AnsibleAWSModule) -> None:
        self.module = module
        self.name: str = module.params["name"]
        self.timeout: int = module.params["wait_timeout"]
        self.client = module.client("lambda", retrying("ResourceConflictException"))
        self.s3 = module.client("s3", retrying())
        self.arn: str | None = None

    def read(self) -> State | None:
        """The function's state, None when it does not exist."""
        with doing(self.module, f"read function {self.name}"):
            found = _function.read(self.client, self.name)
        if found is None:
            return None
        state, self.arn = found
        return state

    def code(self, exists: bool) -> Code | None:
        """The code that the options name, None when they name none."""
        params = self.module.params
        with doing(self.module, f"read the code of function {self.name}"):
            try:
                if params["zip_file"]:
                    code = self._local_code()
                elif params["s3_key"]:
                    place = (params["s3_bucket"], params["s3_key"], params["s3_object_version"])
                    code = _code.stored_code(self.s3, *place, may_be_missing=self.module.check_mode and not exists)
                else:
                    return None
            except CodeError as error:
                self.module.fail_json(msg=str(error))
        stated = (params["code_sha256"] or "").lower()
        if stated and code.sha256 and stated != code.sha256:
            self.module.fail_json(msg=f"the ZIP has the SHA-256 {code.sha256}, not {stated} as code_sha256 says")
        return code

    def _local_code(self) -> Code:
        params, check = self.module.params, self.module.check_mode
        place = (params["zip_file"], params["s3_bucket"], params["s3_key"])
        future = _code.future_code(*place, (params["code_sha256"] or "").lower() or None)
        try:
            code = _code.local_code(*place)
        except _code.FileMissingError:
            if not check:
                raise
            return future
        return future if check and future.sha256 not in (None, code.sha256) else code

    def create(self, state: State, code: Code) -> None:
        request = {"FunctionName": self.name, "Code": code.request(), **_function.creation_request(state)}
        with doing(self.module, f"create function {self.name}"):
            until_propagated(
                lambda: self.client.create_function(**request, PackageType="Zip", aws_retry=True),
                _function.is_role_propagation,
            )
        self.settle()

    def update_configuration(self, names: set[str], state: State) -> None:
        request = _function.configuration_request(names, state)
        if not request:
            return
        self.settle()
        with doing(self.module, f"update the configuration of function {self.name}"):
            until_propagated(
                lambda: self.client.update_function_configuration(FunctionName=self.name, **request, aws_retry=True),
                _function.is_role_propagation,
            )
        self.settle()

    def update_code(self, code: Code, architecture: str | None) -> None:
        self.settle()
        request = {"FunctionName": self.name, **code.request()}
        if architecture:
            request["Architectures"] = [architecture]
        with doing(self.module, f"update the code of function {self.name}"):
            self.client.update_function_code(**request, aws_retry=True)
        self.settle()

    def reserve(self, concurrency: int) -> None:
        with doing(self.module, f"set the reserved concurrency of function {self.name} to {concurrency}"):
            if concurrency == _function.UNRESERVED:
                self.client.delete_function_concurrency(FunctionName=self.name, aws_retry=True)
            else:
                self.client.put_function_concurrency(
                    FunctionName=self.name, ReservedConcurrentExecutions=concurrency, aws_retry=True
                )

    def tag(self, current: dict[str, str], tags: dict[str, str]) -> None:
        to_set, to_remove = tag_steps(current, tags)
        with doing(self.module, f"tag function {self.name}"):
            if to_remove:
                self.client.untag_resource(Resource=self.arn, TagKeys=to_remove, aws_retry=True)
            if to_set:
                self.client.tag_resource(Resource=self.arn, Tags=to_set, aws_retry=True)

    def settle(self) -> None:
        """Wait until the function has carried out its last update, and fail when it could not."""
        with doing(self.module, f"wait for function {self.name}"):
            configuration = wait_for(
                lambda: self.client.get_function_configuration(FunctionName=self.name, aws_retry=True),
                _function.is_settled,
                self.timeout,
                pause=0.5,
            )
        reason = _function.failure_of(configuration)
        if reason:
            self.module.fail_json(msg=f"Function {self.name} cannot run: {reason}", error_code="FunctionFailed")

    def delete(self) -> None:
        with doing(self.module, f"delete function {self.name}"):
            self.client.delete_function(FunctionName=self.name, aws_retry=True)
            wait_for(self.read, lambda state: state is None, self.timeout)


def ensure_present(module: AnsibleAWSModule, function: Function) -> None:
    """Make the function, or change what differs, and leave the module with what was done."""
    before = function.read()
    refuse_strangers(module, f"function {function.name}", before)
    code = function.code(exists=before is not None)
    wanted = _function.wanted(module.params, (code.sha256 or UNKNOWN) if code else None)
    wanted["tags"] = tags_wanted((before or {}).get("tags", {}), module.params["tags"], module.params["purge_tags"])
    missing = [name for name in NEEDED_TO_CREATE if before is None and not wanted[name]]
    if before is None and (missing or code is None):
        needed = ", ".join([*missing, *([] if code else ["zip_file or s3_bucket and s3_key"])])
        module.fail_json(msg=f"function {function.name} does not exist, and to make it these are missing: {needed}")
    difference = changes(before or {}, wanted)
    if "architecture" in difference and code is None:
        module.fail_json(msg="changing the architecture needs the code: give zip_file or s3_bucket and s3_key")
    versions = FunctionVersions(module, function, before is not None)
    uploading = bool(code and code.path and code.bucket) and not _is_uploaded(module, function, code)
    after = _function.predicted(before or {}, difference if before else wanted)
    if not module.check_mode:
        if uploading:
            with doing(module, f"upload {code.path} to {code.uri}"):
                _code.upload(function.s3, code)
        _apply(function, before, wanted, difference, code)
        after = function.read() if (before is None or difference) else before
        _check_code(module, code, after)
    published = versions.ensure(after) if module.params["publish"] else {}
    module.exit_json(
        changed=uploading or before is None or bool(difference) or versions.changed,
        diff=diff_of(
            _function.shown(before and {**before, **versions.before}), _function.shown({**after, **versions.after})
        ),
        function={"name": function.name, **({"arn": function.arn} if function.arn else {}), **_function.shown(after)},
        code_uri=code.uri if code else None,
        uploaded=uploading,
        unverified=unverified(after, wanted) if before else [],
        **({"previous_code_sha256": before["code_sha256"]} if before and "code_sha256" in difference else {}),
        **published,
    )


def _apply(function: Function, before: State | None, wanted: State, difference: State, code: Code | None) -> None:
    if before is None:
        function.create(wanted, code)
        reserved = wanted["reserved_concurrency"]
        if reserved not in (None, _function.UNRESERVED):
            function.reserve(reserved)
        return
    # The configuration goes first: new code may count on new settings, while old code meets them for a moment only.
    function.update_configuration(set(difference), {**before, **difference})
    if {"code_sha256", "architecture"} & set(difference):
        function.update_code(code, difference.get("architecture"))
    if "reserved_concurrency" in difference:
        function.reserve(difference["reserved_concurrency"])
    if "tags" in difference:
        function.tag(before["tags"], wanted["tags"])


def _is_uploaded(module: AnsibleAWSModule, function: Function, code: Code) -> bool:
    with doing(module, f"look for {code.uri}"):
        return _code.is_uploaded(function.s3, code)


def _check_code(module: AnsibleAWSModule, code: Code | None, after: State) -> None:
    if code and code.sha256 and after.get("code_sha256") != code.sha256:
        module.fail_json(
            msg=f"Lambda took code with the SHA-256 {after.get('code_sha256')} from {code.uri}, not {code.sha256}, "
            "which is noted there; upload the ZIP again",
            error_code="CodeDigestMismatch",
        )


def ensure_absent(module: AnsibleAWSModule, function: Function) -> None:
    """Remove the function."""
    before = function.read()
    refuse_strangers(module, f"function {function.name}", before)
    if before is not None and not module.check_mode:
        function.delete()
    module.exit_json(changed=before is not None, diff=diff_of(_function.shown(before), None), function=None)


def main() -> None:
    """Entry point of the module."""
    module = aws_module(
        shown=_function.shown,
        secrets=_function.secrets,
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
        required_by={"s3_key": ["s3_bucket"], "s3_object_version": ["s3_key"]},
        mutually_exclusive=[("zip_file", "s3_object_version")],
    )
    found = _function.problems(module.params) + _versions.problems(module.params)
    if found:
        module.fail_json(msg="; ".join(found))
    function = Function(module)
    if module.params["state"] == "present":
        ensure_present(module, function)
    ensure_absent(module, function)


if __name__ == "__main__":
    main()
