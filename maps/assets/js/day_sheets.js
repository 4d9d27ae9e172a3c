/* Ticks and notes of a day sheet are kept in this browser, under the plan's id, and saved as a file
   that the visits table takes; all directions open at once, to be printed. */
"use strict";
(function () {
  const button = document.getElementById("open-all");
  if (!button) return;
  const ways = document.querySelectorAll("details.way");
  button.hidden = false;
  button.addEventListener("click", function () {
    const open = !ways[0].open;
    for (const way of ways) way.open = open;
    button.textContent = open ? "Close all directions" : "Open all directions";
  });
})();
(function () {
  const plan = document.getElementById("days").dataset.keep;
  const status = document.getElementById("keep");
  const nameOf = (field) => `fieldwright ${plan} ${field.dataset.note}`;

  function store() {
    try {
      window.localStorage.setItem("fieldwright", "here");
      return window.localStorage;
    } catch (error) {
      status.textContent = "This browser does not let the page keep notes: write them elsewhere before closing it.";
      return null;
    }
  }

  const kept = store();
  if (!kept) return;
  for (const field of document.querySelectorAll("[data-note]")) {
    const isTick = field.type === "checkbox";
    const value = kept.getItem(nameOf(field));
    if (value !== null && isTick) field.checked = value === "yes";
    else if (value !== null) field.value = value;
    field.addEventListener(isTick ? "change" : "input", function () {
      const now = isTick ? (field.checked ? "yes" : "no") : field.value;
      try {
        kept.setItem(nameOf(field), now);
        status.textContent = "Kept on this device.";
      } catch (error) {
        status.textContent = "This note could not be kept: the browser's store is full.";
      }
    });
  }
})();
(function () {
  const button = document.getElementById("save-notes");
  const days = document.getElementById("days");
  const head = ["visit_id", "account_id", "executive_id", "date", "start", "status", "note"];

  /* Text that a spreadsheet would run gets an apostrophe before it, as in all our exports. */
  function cell(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  }

  function rows() {
    const found = [];
    for (const stop of document.querySelectorAll("li.stop")) {
      const done = stop.querySelector("input[type=checkbox]").checked;
      const note = stop.querySelector("textarea").value;
      if (!done && !note) continue;
      const at = stop.dataset;
      found.push([at.visit, at.account, days.dataset.executive, at.date, at.start, done ? "done" : "planned", note]);
    }
    return found;
  }

  button.hidden = false;
  button.addEventListener("click", function () {
    const found = rows();
    const text = [head, ...found].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "visits-" + days.dataset.keep + ".csv";
    link.click();
    URL.revokeObjectURL(link.href);
    document.getElementById("keep").textContent = found.length + " visits with a tick or a note saved as a file.";
  });
})();
