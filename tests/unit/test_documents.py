# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The documents lead somewhere, also where Galaxy and the Automation Hub show them, and agree on what the version is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ONLINE = re.compile(r'https://(?:github\.com|raw\.githubusercontent\.com)/netdrive/netdrive\.windows/(?:blob/)?main/')
SECTIONS = ['Description', 'Requirements', 'Installation', 'Use Cases', 'Testing', 'Contributing', 'Support',
            'Release Notes and Roadmap', 'Related Information', 'License Information']
DOCUMENTS = sorted(path.relative_to(ROOT) for folder in ('.', 'docs') for path in (ROOT / folder).glob('*.md'))


def links(text: str) -> list[str]:
    return re.findall(r'\]\(([^)\s]+)\)', text)


def test_the_readme_is_what_the_hub_shows() -> None:
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    assert re.findall('^## (.*)', text, re.MULTILINE) == SECTIONS
    assert [link for link in links(text) if not link.startswith('https://')] == []


@pytest.mark.parametrize('document', DOCUMENTS, ids=str)
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    text = (ROOT / document).read_text(encoding='utf-8')
    lost = []
    for link in links(text):
        path, dummy, place = ONLINE.sub('', link).partition('#')
        if path.startswith(('http', 'mailto:')):
            continue
        file = (ROOT if ONLINE.match(link) else (ROOT / document).parent) / path if path else ROOT / document
        if not file.exists() or (place and file.suffix == '.md' and place not in anchors(file)):
            lost.append(link)
    assert lost == []


def anchors(file: Path) -> set[str]:
    """The places that GitHub makes of headings."""
    headings = re.findall('^#+ (.*)', file.read_text(encoding='utf-8'), re.MULTILINE)
    return {re.sub(r'[^\w -]', '', heading.lower()).replace(' ', '-') for heading in headings}


def test_galaxy_and_both_changelogs_have_the_same_versions() -> None:
    written = re.findall('^## (.*)', (ROOT / 'CHANGELOG.md').read_text(encoding='utf-8'), re.MULTILINE)
    releases = yaml.safe_load((ROOT / 'changelogs' / 'changelog.yaml').read_text(encoding='utf-8'))['releases']
    assert sorted(releases) == sorted(written)
    assert yaml.safe_load((ROOT / 'galaxy.yml').read_text(encoding='utf-8'))['version'] == written[0]


def test_each_module_and_plugin_was_added_by_the_release_that_its_documentation_names() -> None:
    releases = yaml.safe_load((ROOT / 'changelogs' / 'changelog.yaml').read_text(encoding='utf-8'))['releases']
    added = {entry['name']: version for version, release in releases.items()
             for entry in (*release['modules'], *(one for kind in release['plugins'].values() for one in kind))}
    documented = {}
    for path in (*ROOT.glob('plugins/modules/*'), *ROOT.glob('plugins/filter/*.py'), *ROOT.glob('plugins/callback/*.py'),
                 *ROOT.glob('plugins/lookup/*.py')):
        [*found] = re.findall(r'^ *version_added: (\S+)', path.read_text(encoding='utf-8'), re.MULTILINE)
        if found:
            documented[path.stem] = found[0]
    assert {name: version for name, version in documented.items() if not name.endswith('_with_sources')} == added
