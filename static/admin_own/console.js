// What every page of the consoles shares: lists that follow unfinished work, copy buttons, forms that are sent once.
(function () {
  "use strict";
  const EVERY_MS = 3000;

  // Parts of the page that may be replaced by their own newer selves: the result list, and what is marked data-refresh.
  function parts(root) {
    return Array.from(root.querySelectorAll("#result_list, [data-refresh]"));
  }
  // Cell by cell, because the theme's script holds on to the rows' checkboxes. Rows that are new wait for a reload.
  function refreshRows(list, fresh) {
    const rows = new Map();
    for (const box of fresh.querySelectorAll("input.action-select")) rows.set(box.value, box.closest("tr"));
    for (const box of list.querySelectorAll("input.action-select")) {
      const row = box.closest("tr");
      const next = rows.get(box.value);
      if (!row || !next || row.cells.length !== next.cells.length) continue;
      Array.from(row.cells).forEach((cell, n) => {
        if (!cell.contains(box) && cell.innerHTML !== next.cells[n].innerHTML) cell.innerHTML = next.cells[n].innerHTML;
      });
    }
  }
  function busy() {
    return document.hidden || document.querySelector("input.action-select:checked") !== null;
  }
  async function follow() {
    if (!parts(document).some((part) => part.querySelector("[data-unfinished]"))) return;
    if (!busy()) {
      try {
        const headers = { "X-Console-Refresh": "1" };
        const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error", headers });
        if (answer.ok && !busy()) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const part of parts(document)) {
            const next = part.id && fresh.getElementById(part.id);
            if (next && part.id === "result_list") refreshRows(part, next);
            else if (next) part.replaceWith(document.adoptNode(next));
          }
        }
      } catch (error) { /* the next turn tries again */ }
    }
    setTimeout(follow, EVERY_MS);
  }

  function copyButtons() {
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.addEventListener("click", async () => {
        const field = document.getElementById(button.dataset.copy);
        const note = document.querySelector("[data-copied]");
        field.select();
        try {
          await navigator.clipboard.writeText(field.value);
          note.textContent = "Copied.";
        } catch (error) { // plain http: no clipboard for scripts
          note.textContent = document.execCommand("copy") ? "Copied." : "Press Ctrl-C to copy.";
        }
      });
    }
  }

  function sendOnce() {
    for (const form of document.querySelectorAll("form[data-once]")) {
      form.addEventListener("submit", () => {
        const button = form.querySelector("button[type=submit]");
        if (form.dataset.once) button.textContent = form.dataset.once;
        setTimeout(() => { button.disabled = true; }, 0);
      });
    }
  }

  // The theme writes the chosen file's name into the nearest text field: a title here, and an error where there is none.
  function keepThemeOffFiles() {
    for (const input of document.querySelectorAll("input[type=file]")) input.hasChangeListener = true;
  }

  // One file for one form: a field to drop it on, which then says its name. Without a script the browser's own control.
  function oneFile() {
    for (const drop of document.querySelectorAll("[data-drop-one]")) {
      const input = drop.querySelector("input[type=file]");
      const text = drop.querySelector("[data-drop-text]");
      const asked = text.textContent + ": drop it here, or click";
      const tell = () => { text.textContent = input.files.length ? input.files[0].name : asked; };
      drop.classList.add("ao-scripted");
      input.addEventListener("change", tell);
      for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("ao-over"));
      for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("ao-over"));
      tell();
    }
  }

  // On phones each cell is named by its column; the theme takes the first for the row's box, which not all lists have.
  function nameFirstCells() {
    for (const table of document.querySelectorAll("#result_list")) {
      const first = table.querySelector("thead th");
      if (!first || first.querySelector("input")) continue;
      for (const cell of table.querySelectorAll("tbody tr > :first-child[data-label]")) {
        cell.dataset.label = first.textContent.trim().split("\n")[0].trim();
      }
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    nameFirstCells();
    oneFile();
    keepThemeOffFiles();
    copyButtons();
    sendOnce();
    setTimeout(follow, EVERY_MS);
  });
})();
