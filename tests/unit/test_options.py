# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The options of the role and its playbooks: which there are, what may be in them, and how messages call them."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible_collections.netdrive.windows.plugins.plugin_utils import options
from ansible_collections.netdrive.windows.plugins.plugin_utils.fleet import Fleet, is_pattern
from ansible_collections.netdrive.windows.plugins.plugin_utils.selection import Refused

from tests.integration.ansible import ROOT

TASK: Any = SimpleNamespace(connection='winrm', play=SimpleNamespace(
    vars={}, get_variable_manager=lambda: SimpleNamespace(extra_vars={})))
"""Of a play without variables."""


@pytest.mark.parametrize('name, near', [
    ('cleanup_excludes', 'exclude'), ('cleanup_report_directory', 'report_dir'), ('cleanup_forced', 'force'), ('cleanup_host', 'hosts'),
    ('cleanup_', '.*'), ('cleanup_foo', '.*')])
def test_a_mistyped_option_is_refused(name: str, near: str) -> None:
    good = {'cleanup_remote': 1, 'cleanup_report': 2, 'other': 3}
    with pytest.raises(Refused, match=f'^{name} is no option of the clean-up.*did you mean cleanup_{near}[?]\n'):
        options.refuse_mistyped({**good, name: 1})
    with pytest.raises(Refused, match=f'^{name} of pc0001 is no option'):
        options.refuse_mistyped({**good, name: 1}, 'pc0001')
    options.refuse_mistyped(good)


def test_what_the_role_keeps_for_itself_is_known() -> None:
    files = [*ROOT.glob('roles/cleanup/[tv]*/*.yml'), *ROOT.glob('playbooks/*.yml')]
    used = {name for file in files for name in re.findall(r'(?<![.\w])cleanup_\w+', file.read_text(encoding='utf-8'))}
    assert used <= {*options.OPTIONS, *options.OWN}
    assert set(options.OWN) <= used


class HostVars(dict[str, Any]):
    """The variables of hosts, as Ansible has them."""

    raw_get = dict.__getitem__


def test_what_has_no_effect_on_a_restore_is_known() -> None:
    defaults = yaml.safe_load((ROOT / 'roles/cleanup/defaults/main.yml').read_text(encoding='utf-8'))
    shared = {'cleanup_remote': r'\\oldfs', 'cleanup_hosts': 'offices', 'cleanup_survey': True, 'cleanup_force': 'false',
              'cleanup_name': '', 'cleanup_report_dir': 'oldfs', 'cleanup_timeout': 30, 'cleanup_batches': 1, 'restore_users': 'anna'}
    [group] = Fleet(HostVars(pc1=shared, pc2=shared), None, TASK, defaults, restores=True).options(['pc1', 'pc2'])
    assert not group.error and group.idle == ['cleanup_hosts', 'cleanup_remote'] and group.run['survey']
    [group] = Fleet(HostVars(pc1={}), None, TASK, defaults, restores=True).options(['pc1'])
    assert not group.error and not group.idle


@pytest.mark.parametrize('text, spoken', [
    ("Files are open; 'force: true' would cut them off.", 'Files are open; cleanup_force=true would cut them off.'),
    ("users: 'CORP\\x' was not found", "cleanup_users: 'CORP\\x' was not found"),
    ("remote: '\\\\a' x; to remove everything, say name: '*'\nRight would be, for example: remote: '\\\\b'",
     "cleanup_remote: '\\\\a' x; to remove everything, say cleanup_name: '*'\nRight would be, for example: cleanup_remote: '\\\\b'"),
    (r'\\server\name: gone, cleanup_name: x, the username: y', r'\\server\name: gone, cleanup_name: x, the username: y')])
def test_messages_speak_of_the_options_of_the_role(text: str, spoken: str) -> None:
    assert options.in_words_of_the_role(text) == spoken


@pytest.mark.parametrize('check, value, meant', [
    (options.sizes_of, '1,50%', ['1', '50%']), (options.sizes_of, [1, '10%'], [1, '10%']), (options.sizes_of, 5, [5]),
    (options.path_of, ' list.csv\u200b', 'list.csv'),
    (options.percentage, '10%', 10), (options.percentage, 12.5, 12.5), (options.percentage, ' 0 ', 0), (options.percentage, '33.3 %', 33.3),
    (options.truth, ' Yes', True), (options.truth, 0, False), (options.seconds, '5', 5), (options.seconds, 60.0, 60),
    (options.host_patterns, ' pc1\u200b', ['pc1']), (options.host_patterns, ['a ', ['\u00a0b,c']], ['a', 'b,c'])])
def test_values(check: Callable[[str, Any], Any], value: Any, meant: Any) -> None:
    assert check('option', value) == meant


@pytest.mark.parametrize('check, value, shown', [
    (options.path_of, ' ', "' '"), (options.path_of, {}, 'a mapping'),
    (options.percentage, 'ten', "'ten'"), (options.percentage, 'nan', "'nan'"), (options.percentage, '1e999', "'1e999'"),
    (options.percentage, '101', "'101'"), (options.percentage, '%', "'%'"), (options.percentage, True, 'true'),
    (options.truth, 'maybe', "'maybe'"), (options.truth, [], 'a list'), (options.seconds, 1.5, '1.5'),
    (options.host_patterns, ' ', "' '"), (options.host_patterns, [], 'a list'), (options.host_patterns, ['a', 5], '5')])
def test_values_that_are_refused_in_plain_words(check: Callable[[str, Any], Any], value: Any, shown: str) -> None:
    with pytest.raises(Refused) as refused:
        check('option', value)
    wrong, right = str(refused.value).split('\n')
    assert wrong.startswith(f'option: {shown} is ') and right.startswith('Right would be, for example: option: ')


@pytest.mark.parametrize('name, means_others', [
    ('pc0001', False), ('pc0001.corp.example', False), ('10.0.0.1', False), ('fe80::1', False), ('Büro-PC_1', False), ('pc$', False),
    ('Sales PC', True), ('pc,1', True), ('site:pc1', True), ('pc*', True), ('pc?', True), ('pc[1]', True), ('!pc', True), ('&pc', True),
    ('~pc', True)])
def test_a_host_is_a_pattern_where_ansible_takes_its_name_for_one(name: str, means_others: bool) -> None:
    assert is_pattern(name) is means_others
