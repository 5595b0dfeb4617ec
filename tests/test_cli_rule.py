from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from extractor.cli.rule import command
from extractor.diagnostics.rules import CODES, RULES


def explain(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


@pytest.mark.parametrize("code", CODES)
def test_every_rule_is_explained_by_code_and_name(code: str) -> None:
    rule = CODES[code]
    result = explain(code)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{code} {rule.name} ({rule.severity})\n\n")
    assert rule.help.split()[-1] in result.stdout
    assert explain(rule.name).stdout == explain(code.lower()).stdout == result.stdout


def test_without_a_code_all_are_listed() -> None:
    lines = explain().stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[c, rule.name] for c, rule in CODES.items()]


def test_a_prefix_lists_its_stage() -> None:
    lines = explain("EX1").stdout.splitlines()
    assert lines
    assert all(line.startswith("EX1") for line in lines)


def test_an_unknown_rule_is_wrong_usage_with_a_hint() -> None:
    result = explain("escaped-lable")
    assert result.exit_code == 2
    assert "did you mean `escaped-label`?" in result.stderr
    assert "escaped-label" in RULES
