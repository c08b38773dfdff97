# SPDX-FileCopyrightText: 2026 The hyperframes.aws authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that are not to be printed: digests stand for them, in results, in messages and in what a module was given."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args

from ansible_collections.hyperframes.aws.plugins.module_utils import _function, _secrets
from ansible_collections.hyperframes.aws.plugins.modules import function, topic

SECRET = 'q"uoted-SECRET'
URL = "https://user:pass@hooks.example:8443/T0/TOKEN?key=TOKEN#TOKEN"


def digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()[:12]


@pytest.fixture
def failure(capsys):
    """What a module says with -vvv of options that it refuses, and the text of it."""

    def run(module: Any, **options: Any) -> tuple[dict[str, Any], str]:
        with (
            patch_module_args({"_ansible_inject_invocation": True, "region": "eu-west-1", **options}),
            pytest.raises(SystemExit) as ended,
        ):
            module.main()
        assert ended.value.code == 1
        said = capsys.readouterr()
        return json.loads(said.out), said.out + said.err

    return run


def test_a_digest_tells_values_apart_and_nothing_else() -> None:
    assert _secrets.fingerprint("a") == "sha256:ca978112ca1b"
    assert _secrets.fingerprint("b") == "sha256:3e23e8160039"


@pytest.mark.parametrize(
    ("url", "shown"),
    [(URL, "https://hooks.example/"), ("https://[x/TOKEN", ""), ("file:///TOKEN", "")],
)
def test_of_a_url_its_host_is_shown(url, shown) -> None:
    assert _secrets.shown_url(url) == shown + digest(url)


def test_messages_have_digests_at_any_depth_and_keep_short_words() -> None:
    told = {"msg": f"measured {json.dumps({'A': SECRET})}", "error": [{"of": repr(SECRET)}, 5, None], "level": "INFO"}
    assert _secrets.without(told, [SECRET, "INFO"]) == {
        "msg": f'measured {{"A": "{digest(SECRET)}"}}',
        "error": [{"of": f"'{digest(SECRET)}'"}, 5, None],
        "level": "INFO",
    }


def test_a_value_inside_another_leaves_nothing_of_either() -> None:
    assert _secrets.without("x=long-secret-2", ["long-secret", "long-secret-2"]) == f"x={digest('long-secret-2')}"


def test_what_other_options_have_as_well_may_be_said() -> None:
    params = {"s3_bucket": "the-bucket", "environment": {"BUCKET": "the-bucket", "MINE": SECRET, "ON": True}}
    assert _function.secrets(params) == [SECRET, "true"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": "soon"}, "'timeout'"),
        ({"memory_size": 1}, "memory_size is 1"),
        ({"environment": {"MINE": SECRET, "1ST": SECRET}}, "environment has a variable '1ST'"),
        ({"environment": {"MINE": SECRET, "LONG": SECRET * 400}}, "allowed: up to 4096"),
        ({"environment": SECRET}, "'environment'"),
    ],
)
def test_a_function_s_environment_is_not_told_where_an_option_is_refused(failure, options, words) -> None:
    told, text = failure(function, **{"name": "f", "environment": {"MINE": SECRET}, **options})
    assert words in told["msg"]
    assert "SECRET" not in text
    environment = told["invocation"]["module_args"]["environment"]
    assert digest(SECRET) in (environment, environment["MINE"] if isinstance(environment, dict) else "")


@pytest.mark.parametrize(
    "subscriptions",
    [
        [{"protocol": "https", "endpoint": URL}],
        [{"protocol": "smoke", "endpoint": URL}],
        [f"protocol=https endpoint={URL}"],
        [{"protocol": "https", "endpoint": URL, "URL-TOKEN": URL}],
        URL,
    ],
)
@pytest.mark.parametrize("others", [{"state": "somewhere"}, {"purge_tags": "perhaps"}, {"word": "unknown"}])
def test_a_subscription_s_url_is_not_told_where_an_option_is_refused(failure, subscriptions, others) -> None:
    told, text = failure(topic, name="t", subscriptions=subscriptions, **others)
    assert "TOKEN" not in text
    assert "sha256:" in str(told["invocation"]["module_args"]["subscriptions"])


def test_who_is_told_by_e_mail_is_shown() -> None:
    state = {
        "subscriptions": [{"protocol": "email", "endpoint": "a@b.example"}, {"protocol": "https", "endpoint": URL}]
    }
    assert [item["endpoint"] for item in topic.shown(state)["subscriptions"]] == [
        "a@b.example",
        f"https://hooks.example/{digest(URL)}",
    ]
