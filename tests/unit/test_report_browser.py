# Copyright: (c) 2026, the netdrive.windows authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report in a real browser: it searches, sorts and pages, runs nothing a machine sent, and asks for nothing."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.netdrive.windows.plugins.plugin_utils import records, report

from . import fleet

selenium = pytest.importorskip("selenium.webdriver")
By = pytest.importorskip("selenium.webdriver.common.by").By
Service = pytest.importorskip("selenium.webdriver.chrome.service").Service

MACHINES = 1000
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
AGAIN = "20261124T010203Z-aaaaaa"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--force-prefers-reduced-motion", "--window-size=1280,900")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet's report, with a machine that sends markup and one where something failed beside what was done."""
    result = tmp_path_factory.mktemp("fleet")
    fleet.make_fleet(result, MACHINES, 4, not_run=20)
    error = fleet.error(1208, None, HOSTILE, provider=HOSTILE, provider_code=1, provider_message=HOSTILE)
    records.write_record(result, fleet.record("zz-hostile", status="failed", message=HOSTILE, connections=[
        fleet.connection(user=HOSTILE, name=HOSTILE, remote=rf"\\{HOSTILE}\x", action=None, error=error)]))
    records.write_record(result, fleet.record("zz-half", status="failed", connections=[
        fleet.connection(action="disconnected", error=fleet.error(5, "ERROR_ACCESS_DENIED"))]))
    for run, day, changes in ((fleet.RUN, 23, {}), (AGAIN, 24, {"action": None, "error": fleet.error(5, None, HOSTILE)})):
        records.write_record(result, fleet.record(
            "zz-again", run=run, started=f"2026-11-{day}T02:00:00.000Z", finished=f"2026-11-{day}T02:00:00.000Z",
            status="failed" if changes else "clean", connections=[fleet.connection(user=HOSTILE, **changes)]))
    (result / "records" / fleet.RUN / "half.json").write_text("{")
    report.write_report(result)
    return result


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = selenium.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = selenium.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser: Any, directory: Path) -> Any:
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)  # what came before is dropped
    browser.get((directory / "report.html").as_uri())
    return browser


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    """Where screenshots go, for people to look at."""
    result = Path(os.environ.get("TEST_ARTIFACTS") or tmp_path)
    result.mkdir(parents=True, exist_ok=True)
    return result


def column(page: Any, number: int) -> list[str]:
    """The texts of a column of the long table, as shown."""
    script = "return [...document.querySelectorAll('#rows tbody tr')].map(row => row.cells[arguments[0]].textContent)"
    return list(page.execute_script(script, number))


def count(page: Any) -> str:
    return str(page.find_element(By.ID, "count").text)


def search(page: Any, text: str) -> None:
    box = page.find_element(By.ID, "search")
    box.clear()
    box.send_keys(text)


def choose(page: Any, outcome: str) -> None:
    page.find_element(By.CSS_SELECTOR, f"#outcome option[value='{outcome}']").click()


def heading(page: Any, number: int) -> Any:
    return page.find_element(By.CSS_SELECTOR, f"#rows th[data-column='{number}']")


def test_it_asks_for_nothing_and_complains_about_nothing(page: Any, directory: Path) -> None:
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    assert asked == [(directory / "report.html").as_uri()]
    assert page.get_log("browser") == []


def test_what_a_machine_sent_is_text(page: Any) -> None:
    search(page, "zz-hostile")
    assert column(page, 1) == [HOSTILE]
    assert HOSTILE in page.find_element(By.ID, "rows").text
    assert page.title.startswith("Network connections, ")
    assert page.execute_script("return document.querySelectorAll('img, script:not([id])').length") == 1


def test_the_policy_stops_a_script_even_if_one_got_in(page: Any) -> None:
    page.execute_script("""
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);""")
    assert page.title.startswith("Network connections, ")
    assert "Content Security Policy" in page.get_log("browser")[0]["message"]


def test_search_narrows_the_rows(page: Any) -> None:
    everything = count(page)
    assert everything.startswith("Rows 1–100 of ")
    search(page, "pc00007. ")
    assert set(column(page, 0)) == {"pc00007.corp.example"}
    assert count(page).endswith("on 1 machine")
    search(page, "OLDFS finance forgotten")
    assert column(page, 3) and all("oldfs" in one.lower() and "finance" in one for one in column(page, 3))
    assert set(column(page, 4)) == {"forgotten"}
    search(page, "no such thing")
    assert count(page) == "Nothing matches." and column(page, 0) == []
    page.find_element(By.ID, "search").clear()
    search(page, " ")
    assert count(page) == everything


def test_outcomes_and_problems_filter(page: Any) -> None:
    choose(page, "not_run")
    assert "of 20," in count(page) and set(column(page, 4)) == {"not yet run"}
    choose(page, "open")
    assert "removed" not in column(page, 4) and {"not removed", "unreachable", "not yet run"} <= set(column(page, 4))
    search(page, "zz-half")
    assert column(page, 4) == ["disconnected"]
    search(page, " ")
    choose(page, "")
    problem = page.find_element(By.XPATH, "//article[contains(., '2401')]")
    machines = int(problem.find_element(By.TAG_NAME, "b").text)
    problem.find_element(By.CLASS_NAME, "show-problem").click()
    assert f"on {machines} machines" in count(page)
    assert all(one.startswith("2401 ERROR_OPEN_FILES") for one in column(page, 5))
    page.find_element(By.ID, "problem").click()
    assert not page.find_element(By.ID, "problem").is_displayed()
    assert count(page).startswith("Rows 1–100 of ")


def test_the_story_of_a_connection_opens_and_closes(page: Any) -> None:
    search(page, "zz-again")
    assert "came back once" in column(page, 4)[0]
    button = page.find_element(By.CSS_SELECTOR, "#rows .open-story")
    assert "H:" in button.get_attribute("aria-label")
    button.send_keys("\n")
    events = [event.text for event in page.find_elements(By.CSS_SELECTOR, "#rows .story li")]
    assert len(events) == 2
    assert events[0].startswith(fleet.RUN) and "removed it" in events[0]
    assert events[1].startswith(AGAIN) and "it had come back, and could not remove it" in events[1] and HOSTILE in events[1]
    assert button.get_attribute("aria-expanded") == "true"
    button.send_keys("\n")
    assert not page.find_elements(By.CSS_SELECTOR, "#rows .story")
    search(page, " ")


def test_what_came_back_is_shown_in_the_table(page: Any) -> None:
    section = page.find_element(By.XPATH, "//section[h2[@id='back']]")
    assert "1 connection had gone" in section.text and HOSTILE in section.text
    page.find_element(By.CLASS_NAME, "show-back").click()
    assert column(page, 0) == ["zz-again"]
    choose(page, "")


def test_sorting_goes_both_ways_and_says_so(page: Any) -> None:
    assert heading(page, 0).get_attribute("aria-sort") == "ascending"
    assert column(page, 0)[0] == "pc00001.corp.example"
    heading(page, 0).find_element(By.TAG_NAME, "button").click()
    assert column(page, 0)[0] == "zz-hostile"
    search(page, "user")
    heading(page, 1).find_element(By.TAG_NAME, "button").click()
    assert heading(page, 1).get_attribute("aria-sort") == "ascending"
    assert heading(page, 0).get_attribute("aria-sort") == "none"
    users = [int(one.removeprefix("CORP\\user").split()[0]) for one in column(page, 1)]
    assert users == sorted(users) and len(set(users)) > 10


def test_the_keyboard_is_enough(page: Any) -> None:
    button = heading(page, 3).find_element(By.TAG_NAME, "button")
    page.execute_script("arguments[0].focus()", button)
    page.switch_to.active_element.send_keys("\n")
    assert heading(page, 3).get_attribute("aria-sort") == "ascending"


def test_pages_turn(page: Any) -> None:
    first = column(page, 0)
    assert not page.find_element(By.ID, "previous").is_enabled()
    page.execute_script("document.getElementById('next').click()")
    assert count(page).startswith("Rows 101–200 of ") and column(page, 0) != first
    page.execute_script("document.getElementById('previous').click()")
    assert column(page, 0) == first


def luminance(colour: str) -> float:
    """Relative luminance of a CSS rgb() colour, as WCAG defines it."""
    parts = [int(part) / 255 for part in colour.partition("(")[2].rstrip(")").split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def emulate(page: Any, scheme: str, media: str = "screen") -> None:
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "media": media, "features": [{"name": "prefers-color-scheme", "value": scheme}]})


def screenshot(page: Any, path: Path) -> None:
    height = page.execute_script("return Math.min(document.documentElement.scrollHeight, 4000)")
    shot = page.execute_cdp_cmd("Page.captureScreenshot", {
        "captureBeyondViewport": True, "clip": {"x": 0, "y": 0, "width": 1280, "height": height, "scale": 1}})
    path.write_bytes(base64.b64decode(shot["data"]))


CONTRASTS = """
const background = (element) => {
  const colour = getComputedStyle(element).backgroundColor;
  return colour === "rgba(0, 0, 0, 0)" && element.parentElement ? background(element.parentElement) : colour;
};
const texts = [...document.querySelectorAll("h1,h2,h3,p,dt,dd,th,td,small,code,a,summary,button:enabled,.chip,.size b")];
return texts.filter((one) => one.textContent.trim() && one.checkVisibility())
  .map((one) => [one.className + " " + one.textContent.slice(0, 40), getComputedStyle(one).color, background(one)]);
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_in_light_and_dark(page: Any, artifacts: Path, scheme: str) -> None:
    emulate(page, scheme)
    is_dark = luminance(page.execute_script("return getComputedStyle(document.body).backgroundColor")) < 0.2
    assert is_dark == (scheme == "dark")
    pairs = page.execute_script(CONTRASTS)
    assert len(pairs) > 100
    for text, *colours in pairs:
        darker, lighter = sorted(map(luminance, colours))
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, colours)
    screenshot(page, artifacts / f"report-{scheme}.png")


def test_it_prints_black_on_white_without_controls(page: Any, artifacts: Path) -> None:
    emulate(page, "dark", "print")
    assert page.execute_script("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.find_element(By.ID, "search").is_displayed()
    emulate(page, "light", "")
    page.execute_script("""
        window.addEventListener("beforeprint", () => { window.printed = document.querySelectorAll("#rows tbody tr").length; });""")
    pdf = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    (artifacts / "report.pdf").write_bytes(pdf)
    assert page.execute_script("return window.printed") == 250
    assert len(column(page, 0)) == 100  # they are gone again


def test_it_fits_a_narrow_window(page: Any) -> None:
    size = {"width": 400, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        assert page.execute_script("return document.documentElement.scrollWidth") <= 400
        cut = "return [...document.querySelectorAll('.chip')].filter((one) => one.getBoundingClientRect().right > 400).length"
        assert page.execute_script(cut) == 0 and page.find_elements(By.CLASS_NAME, "chip")
        lines = "return [...document.querySelectorAll('.runs code')].map((one) => one.getClientRects().length)"
        assert set(page.execute_script(lines)) == {1}
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


MEASURE = """
import resource, sys, time  # processor time, because other tests run at the same time
from pathlib import Path
from ansible_collections.netdrive.windows.plugins.plugin_utils import report
report.write_report(Path(sys.argv[1]))
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def seconds_to_react(browser: Any, action: str) -> float:
    """How long the page takes until what an action changed is laid out."""
    return float(browser.execute_script(f"""
        const start = performance.now();
        const search = (text) => {{
          const box = document.getElementById("search");
          box.value = text;
          box.dispatchEvent(new Event("input"));
        }};
        {action};
        document.body.getBoundingClientRect();
        return (performance.now() - start) / 1000;"""))


def test_ten_thousand_machines_are_quickly_written_opened_and_searched(
        browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)  # the fleet is thrown away again
    for night in range(10):  # all machines once, then some of them again and again
        fleet.make_fleet(tmp_path, 1_000 if night else 10_000, 10, night=night)
    command = [sys.executable, "-c", MEASURE, str(tmp_path)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, mebibytes = map(float, printed.split())
    assert seconds < 30 and mebibytes < 400

    start = time.monotonic()
    browser.get((tmp_path / "report.html").as_uri())
    assert count(browser).endswith("on 10,000 machines")
    assert time.monotonic() - start < 5
    assert seconds_to_react(browser, 'search("user29 finance")') < 0.5
    assert "out of" in count(browser)
    assert seconds_to_react(browser, 'document.querySelector("#rows th[data-column=\'3\'] button").click()') < 1
    assert seconds_to_react(browser, 'search("")') < 2
