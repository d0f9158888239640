// Copyright: (c) 2026, the netdrive.windows authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"use strict";
(() => {
  // A row is nine numbers: the places of four texts (machine, user, name, remote), the outcome, the place of the
  // detail, the problem or -1, flags, and the place of the connection's fate or -1. So a search looks at each text
  // once, and sorting compares numbers.
  const WIDTH = 9, OUTCOME = 4, PROBLEM = 6, FATE = 8, TEXT_COLUMNS = [0, 1, 2, 3, 5];
  const SIGNED_OUT = 1, PERSISTENT = 2, DRY = 4;
  const PAGE = 100, PRINTED = 250;
  const STILL_TO_DO = new Set(["stayed", "planned", "unreadable", "failed", "unreachable", "not_run"]);

  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const cells = Int32Array.from(data.rows);
  const total = cells.length / WIDTH;
  const lower = data.texts.map((text) => text.toLowerCase());
  const outcomes = data.outcomes.map(([key, label]) => ({key, label}));

  const view = {terms: [], outcome: "", problem: -1, column: 0, descending: false, page: 0, matching: []};

  // Searching

  function matcher(term) {
    const hit = Uint8Array.from(lower, (text) => text.includes(term) ? 1 : 0);
    const inOutcome = outcomes.map(({label}) => label.includes(term));
    return (at) => inOutcome[cells[at + OUTCOME]] || TEXT_COLUMNS.some((column) => hit[cells[at + column]]);
  }

  function fateAt(at) {
    return data.fates[cells[at + FATE]];  // undefined where the row is no connection
  }

  function outcomeFilter() {
    if (!view.outcome) {
      return () => true;
    }
    if (view.outcome === "back") {
      return (at) => fateAt(at)?.back > 0;
    }
    const open = view.outcome === "open";
    const wanted = outcomes.map(({key}) => open ? STILL_TO_DO.has(key) : key === view.outcome);
    return (at) => wanted[cells[at + OUTCOME]] || (open && (cells[at + PROBLEM] >= 0 || fateAt(at)?.toDo));
  }

  function select() {
    const tests = view.terms.map(matcher);
    tests.push(outcomeFilter());
    if (view.problem >= 0) {
      tests.push((at) => cells[at + PROBLEM] === view.problem);
    }
    view.matching = [];
    for (let row = 0; row < total; row++) {
      if (tests.every((test) => test(row * WIDTH))) {
        view.matching.push(row);
      }
    }
  }

  // Sorting: by rank, which is worked out once for all texts

  let ranks = null;

  function rankTexts() {
    const order = new Intl.Collator(undefined, {numeric: true, sensitivity: "base"});
    const places = data.texts.map((text, place) => place).sort((a, b) => order.compare(data.texts[a], data.texts[b]));
    const result = new Int32Array(places.length);
    places.forEach((place, rank) => { result[place] = rank; });
    return result;
  }

  function sort() {
    const {column, descending} = view;
    const sign = descending ? -1 : 1;
    if (column === 0) {
      view.matching.sort((a, b) => sign * (a - b));  // rows come sorted by machine
      return;
    }
    ranks = ranks || rankTexts();
    const key = column === OUTCOME ? (row) => cells[row * WIDTH + column] : (row) => ranks[cells[row * WIDTH + column]];
    view.matching.sort((a, b) => sign * (key(a) - key(b)) || a - b);
  }

  // Showing

  function cell(text, className) {
    const element = document.createElement("td");
    element.textContent = text;
    element.className = className || "";
    return element;
  }

  function note(element, text) {
    const small = document.createElement("small");
    small.textContent = text;
    element.append(" ", small);
  }

  function storyElement(fate) {
    const element = document.createElement("tr");
    const place = document.createElement("td");
    const list = document.createElement("ol");
    element.className = "story";
    place.colSpan = 6;
    for (const [run, words, said] of fate.events) {
      const [id, started] = data.runs[run];
      const event = document.createElement("li");
      const code = document.createElement("code");
      code.textContent = id;
      event.append(code, " ", started && `(${started}) `, data.texts[words], said ? ": " : ".");
      if (said) {
        note(event, data.texts[said]);
      }
      list.append(event);
    }
    place.append(list);
    element.append(place);
    return element;
  }

  function storyButton(fate, element, title) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "open-story";
    button.ariaExpanded = "false";
    button.ariaLabel = `Story of ${title}`;
    button.addEventListener("click", () => {
      const opened = button.ariaExpanded !== "true";
      button.ariaExpanded = String(opened);
      if (opened) {
        element.after(storyElement(fate));
      } else {
        element.nextElementSibling.remove();
      }
    });
    return button;
  }

  function rowElement(row) {
    const at = row * WIDTH;
    const [machine, user, name, remote, outcome, detail, , flags] = cells.subarray(at, at + WIDTH);
    const fate = fateAt(at);
    const element = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = data.texts[machine];
    const who = cell(data.texts[user]);
    if (flags & SIGNED_OUT) {
      note(who, "signed out");
    }
    const what = cell(data.texts[name]);
    if (flags & PERSISTENT) {
      note(what, "remembered");
    }
    const became = cell("", "became");
    const chip = document.createElement("span");
    chip.className = `chip chip-${outcomes[outcome].key}`;
    chip.textContent = outcomes[outcome].label;
    became.append(chip);
    if (flags & DRY) {
      note(became, "dry run");
    }
    if (fate?.back) {
      note(became, fate.back === 1 ? "came back once" : `came back ${fate.back} times`);
    }
    if (fate?.toDo && outcomes[outcome].key !== "planned") {
      note(became, "seen again, left to do");
    }
    if (fate) {
      const title = [data.texts[name], data.texts[remote], data.texts[user]].filter(Boolean).join(", ");
      became.append(storyButton(fate, element, title));
    }
    element.append(head, who, what, cell(data.texts[remote], "remote"), became, cell(data.texts[detail], "detail"));
    return element;
  }

  function paint(first, count) {
    byId("rows").tBodies[0].replaceChildren(...view.matching.slice(first, first + count).map(rowElement));
  }

  function machinesShown() {
    const machines = new Set();
    for (const row of view.matching) {
      machines.add(cells[row * WIDTH]);
    }
    return machines.size;
  }

  function show() {
    const found = view.matching.length;
    const first = view.page * PAGE;
    paint(first, PAGE);
    const number = (count) => count.toLocaleString("en");
    const machines = machinesShown();
    byId("count").textContent = found
      ? `Rows ${number(first + 1)}–${number(Math.min(first + PAGE, found))} of ${number(found)}`
        + `${found < total ? `, out of ${number(total)}` : ""}, on ${number(machines)} machine${machines === 1 ? "" : "s"}`
      : "Nothing matches.";
    byId("previous").disabled = view.page === 0;
    byId("next").disabled = first + PAGE >= found;
    byId("problem").hidden = view.problem < 0;
    byId("problem").textContent = view.problem < 0 ? "" : `Only: ${data.problems[view.problem]} ✕`;
    for (const head of document.querySelectorAll("#rows th[data-column]")) {
      const sorted = Number(head.dataset.column) === view.column;
      head.ariaSort = sorted ? (view.descending ? "descending" : "ascending") : "none";
    }
  }

  function update() {
    view.page = 0;
    select();
    sort();
    show();
  }

  function turn(pages) {
    view.page += pages;
    show();
    byId("machines").scrollIntoView();
  }

  // Wiring

  for (const outcome of new Set(Array.from({length: total}, (_, row) => cells[row * WIDTH + OUTCOME]).sort((a, b) => a - b))) {
    const option = new Option(outcomes[outcome].label, outcomes[outcome].key);
    byId("outcome").add(option);
  }
  const showBack = document.querySelector(".show-back");
  if (showBack) {
    showBack.hidden = false;
    showBack.addEventListener("click", () => {
      byId("outcome").value = view.outcome = "back";
      update();
      byId("machines").scrollIntoView();
      byId("machines").focus();
    });
  }
  byId("search").addEventListener("input", (event) => {
    view.terms = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    update();
  });
  byId("outcome").addEventListener("change", (event) => {
    view.outcome = event.target.value;
    update();
  });
  byId("problem").addEventListener("click", () => {
    view.problem = -1;
    update();
    byId("search").focus();
  });
  byId("previous").addEventListener("click", () => turn(-1));
  byId("next").addEventListener("click", () => turn(1));
  for (const button of document.querySelectorAll(".show-problem")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      view.problem = Number(button.dataset.problem);
      update();
      byId("machines").scrollIntoView();
      byId("machines").focus();
    });
  }
  for (const head of document.querySelectorAll("#rows th[data-column]")) {
    head.querySelector("button").addEventListener("click", () => {
      const column = Number(head.dataset.column);
      view.descending = column === view.column && !view.descending;
      view.column = column;
      update();
    });
  }
  window.addEventListener("beforeprint", () => {
    paint(0, PRINTED);
    if (view.matching.length > PRINTED) {
      byId("count").textContent = `The first ${PRINTED} of ${view.matching.length} rows; report.csv has all.`;
    }
  });
  window.addEventListener("afterprint", show);

  byId("explorer").hidden = false;
  update();
})();
