// The upload page with a script: drop or choose files, which are listed; Upload sends each by itself with its own
// progress, two at a time, to the readers and under the title that stand in the form at that moment.
(function () {
  "use strict";
  const AT_ONCE = 2;
  const LABELS = { accepted: ["good", "accepted"], recognised: ["waiting", "already there"], refused: ["bad", "refused"] };

  const form = document.getElementById("ao-upload");
  if (!form) return;
  const drop = form.querySelector("[data-drop]");
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-outcomes]");
  const hint = form.querySelector("[data-hint]");
  let chosen = [];
  const waiting = [];
  let running = 0;

  drop.classList.add("ao-scripted");
  form.querySelector("[data-drop-text]").textContent = "Drop files here, or click to choose";
  hint.hidden = false;

  function element(name, css, text) {
    const made = document.createElement(name);
    made.className = css;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function add(files) {
    if (!input.multiple) {
      chosen.forEach(([, row]) => row.remove());
      chosen = [];
    }
    for (const file of files) {
      const row = element("li", "ao-outcome");
      row.append(element("span", "ao-file", file.name), element("span", "ao-badge ao-muted", "not sent yet"));
      list.prepend(row);
      if (file.size > Number(form.dataset.maxBytes)) {
        finish(row, { outcome: "refused", message: "Larger than " + form.dataset.maxSize + ", the limit. Make pictures smaller or split it." });
        continue;
      }
      const entry = [file, row];
      const remove = element("button", "ao-link ao-remove", "Remove");
      remove.type = "button";
      remove.setAttribute("aria-label", "Remove " + file.name);
      remove.addEventListener("click", () => {
        chosen = chosen.filter((other) => other !== entry);
        row.remove();
        tell();
        input.focus();
      });
      row.append(remove);
      chosen.push(entry);
    }
    input.value = "";
    tell();
  }

  function tell(missing) {
    const count = chosen.length === 1 ? "1 file chosen." : chosen.length + " files chosen.";
    hint.textContent = chosen.length ? count + " Nothing is sent before you press Upload." : missing || "";
  }

  function upload() {
    if (!chosen.length) {
      tell("Choose at least one file.");
      input.focus();
      return;
    }
    const values = new FormData(form);
    values.delete("files");
    if (chosen.length !== 1) values.delete("title");
    for (const [file, row] of chosen) {
      row.querySelector(".ao-remove").remove();
      row.querySelector(".ao-badge").textContent = "waiting";
      waiting.push([file, row, values]);
    }
    chosen = [];
    tell();
    const title = form.querySelector("[name=title]");
    if (title) title.value = ""; // it was this file's, not the next one's
    next();
  }

  function next() {
    while (running < AT_ONCE && waiting.length) {
      running += 1;
      send(...waiting.shift());
    }
  }

  function send(file, row, values) {
    const bar = element("progress", "ao-progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", "Progress of " + file.name);
    row.append(bar);
    row.querySelector(".ao-badge").textContent = "sending";

    const body = new FormData();
    for (const [name, value] of values) body.append(name, value);
    body.append("files", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", location.pathname);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    request.addEventListener("loadend", () => {
      bar.remove();
      finish(row, result(request));
      running -= 1;
      next();
    });
    request.send(body);
  }

  function result(request) {
    try {
      const answer = JSON.parse(request.responseText).files[0];
      if (answer) return answer;
    } catch (error) { /* not ours: a proxy, a lost connection, an ended session */ }
    const why = { 0: "The connection was lost. Try again.", 400: "The server could not read the upload. It may be larger than the limit.", 403: "Your session has ended. Reload the page and sign in.", 413: "Larger than the limit." };
    return { outcome: "refused", message: why[request.status] || "The server did not take it (" + request.status + "). Try again." };
  }

  function finish(row, answer) {
    const [tone, label] = LABELS[answer.outcome];
    const badge = row.querySelector(".ao-badge");
    badge.className = "ao-badge ao-" + tone;
    badge.textContent = label;
    if (answer.url && answer.url.startsWith("/")) {
      const link = element("a", "ao-link", row.querySelector(".ao-file").textContent);
      link.href = answer.url;
      row.querySelector(".ao-file").replaceChildren(link);
    }
    row.append(element("span", "ao-note", answer.message));
  }

  input.addEventListener("change", () => add(Array.from(input.files)));
  form.addEventListener("submit", (event) => { event.preventDefault(); upload(); });
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("ao-over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("ao-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("ao-over");
    const files = Array.from(event.dataTransfer.files);
    add(input.multiple ? files : files.slice(0, 1));
  });
})();
