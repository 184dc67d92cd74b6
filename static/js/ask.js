// The ask box: the answer is told as it comes. Without this script the same form leads to the same answer.

const form = document.querySelector("form[data-ask]");
const box = form.elements.question;
const thread = document.querySelector("[data-thread]");
const send = form.querySelector("[data-send]");
const stop = form.querySelector("[data-stop]");
const problem = form.querySelector("[data-ask-error]");
const count = form.querySelector("[data-count]");
const max = Number(box.dataset.max);
let running = null;

// --- the box ---------------------------------------------------------------------------------------------------------

function fit() {
  if (!CSS.supports("field-sizing", "content")) {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
  }
  const length = [...box.value.trim()].length;
  count.hidden = length < max * 0.8;
  count.textContent = `${length.toLocaleString("en")} of ${max.toLocaleString("en")} characters`;
}

function complain(text) {
  problem.textContent = text;
  problem.hidden = !text;
  if (text) {
    box.setAttribute("aria-invalid", "true");
    box.focus();
  } else {
    box.removeAttribute("aria-invalid");
  }
}

function say(text) {
  document.querySelector("[data-say]").textContent = text;
}

function setRunning(controller) {
  running = controller;
  send.hidden = Boolean(controller);
  stop.hidden = !controller;
}

/** The server does not take this question as it was asked; asking the same again would not help. */
class Refused extends Error {}

// --- one question ------------------------------------------------------------------------------------------------------

/** Yields {kind, data} for every event of a text/event-stream body. */
async function* eventsOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split("\n");
      const kind = lines.find((line) => line.startsWith("event: "))?.slice(7);
      const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
      if (kind) yield { kind, data: JSON.parse(data) };
    }
  }
}

function begin(question) {
  for (const part of document.querySelectorAll("[data-hero]")) part.hidden = true;
  form.closest(".composer").classList.add("composer-sticky");
  box.placeholder = "Ask a follow-up question";
  const exchange = document.querySelector("template[data-exchange]").content.cloneNode(true).firstElementChild;
  // Room below the newest question, so that it can stand at the top while its answer grows.
  for (const older of thread.querySelectorAll(".exchange-new")) older.classList.remove("exchange-new");
  exchange.classList.add("exchange-new");
  exchange.querySelector("[data-question]").textContent = question;
  thread.append(exchange);
  exchange.scrollIntoView({ block: "start" });
  return exchange;
}

function foundText({ titles, count: found }) {
  if (!found) return "Nothing close was found. Checking once more …";
  return `Reading ${titles.length > 1 ? `${titles.slice(0, -1).join(", ")} and ${titles.at(-1)}` : titles[0]} …`;
}

/** An answer as it is read out: without the numbers of its sources, with a pause between cells and paragraphs. */
function spoken(answer) {
  if (!answer) return "";
  const copy = answer.cloneNode(true);
  for (const mark of copy.querySelectorAll(".cite")) mark.remove();
  for (const part of copy.querySelectorAll(".cell, .line, .sentence, p")) part.append(". ");
  return copy.textContent.replace(/\s+/g, " ").replace(/([.!?:])(\s*\.)+/g, "$1").trim();
}

function finish(exchange, { html, anchor, url, conversation_id: id, title }) {
  exchange.querySelector("[data-pending]").outerHTML = html;
  exchange.id = anchor;
  exchange.tabIndex = -1;
  exchange.dispatchEvent(new CustomEvent("fresh", { bubbles: true }));
  say(spoken(exchange.querySelector(".answer-text, .abstention, .approved")) || "The answer is there.");
  if (form.elements.conversation_id.value !== id) {
    form.elements.conversation_id.value = id;
    form.setAttribute("action", url);
    history.replaceState(null, "", url);
    document.title = document.title.replace(/^.*? · /, `${title} · `);
    remember(url, title);
  }
}

/** The new conversation stands first in the side bar. */
function remember(url, title) {
  const list = document.querySelector("[data-recent]");
  list.querySelector(".recent-empty")?.remove();
  document.querySelector(".sidebar [aria-current]")?.removeAttribute("aria-current");
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = url;
  link.dir = "auto";
  link.textContent = title;
  link.setAttribute("aria-current", "page");
  item.append(link);
  list.prepend(item);
}

function fail(exchange, question, body, detail) {
  const failed = document.querySelector("template[data-failed]").content.cloneNode(true).firstElementChild;
  failed.querySelector("[data-detail]").textContent = detail;
  failed.querySelector("[data-again]").addEventListener("click", () => {
    exchange.remove();
    ask(question, body);
  });
  exchange.querySelector("[data-pending]").replaceWith(failed);
  say(detail);
}

/** What was refused stands in the box once more, with its day, to be changed. */
function giveBack(exchange, question, body) {
  exchange.querySelector("[data-again]").parentElement.remove();
  box.value = question;
  fit();
  const more = form.querySelector(".ask-more");
  for (const field of more.querySelectorAll("input, select")) {
    field.value = body.get(field.name) ?? "";
    more.open ||= field.value !== "";
  }
}

async function follow(response, exchange) {
  const step = exchange.querySelector("[data-step-text]");
  const text = exchange.querySelector("[data-text]");
  for await (const { kind, data } of eventsOf(response)) {
    if (kind === "tool") {
      step.textContent = `Looking at your record: ${data.title} …`;
    } else if (kind === "search_results") {
      step.textContent = foundText(data);
    } else if (kind === "token") {
      text.hidden = false;
      text.append(data.text);
    } else if (kind === "final") {
      finish(exchange, data);
      return;
    } else if (kind === "error") {
      throw new Error(data.detail);
    }
  }
  throw new Error("The connection broke before the answer was complete. Please try again.");
}

// Another day or another person is asked for once; the next question is about today and oneself again.
function takeBody(question) {
  const body = new FormData(form);
  body.set("question", question);
  const more = form.querySelector(".ask-more");
  more.open = false;
  for (const field of more.querySelectorAll("input, select")) field.value = "";
  return body;
}

async function ask(question, body = takeBody(question)) {
  const controller = new AbortController();
  setRunning(controller);
  complain("");
  const exchange = begin(question);
  say("Searching your documents.");
  try {
    const response = await fetch(form.dataset.streamUrl, { method: "POST", body, signal: controller.signal });
    if (response.redirected) {
      location.reload(); // signed out meanwhile
      return;
    }
    if (response.status === 403) throw new Error("This page was open for too long. Please reload it and ask again.");
    if (!response.ok) {
      const { detail } = await response.json().catch(() => ({}));
      if (response.status === 422 && detail) throw new Refused(detail);
      throw new Error(detail ?? "Something went wrong on our side. Please try again.");
    }
    await follow(response, exchange);
  } catch (error) {
    const broken = error instanceof TypeError ? "The server could not be reached. Please try again." : error.message;
    fail(exchange, question, body, error.name === "AbortError" ? "Stopped before the answer was complete." : broken);
    if (error instanceof Refused) giveBack(exchange, question, body);
  } finally {
    setRunning(null);
    box.focus({ preventScroll: true });
  }
}

// --- wiring --------------------------------------------------------------------------------------------------------------

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return;
  const question = box.value.trim();
  if (!question) return complain("Please type a question.");
  if ([...question].length > max) {
    return complain(`Your question has ${[...question].length.toLocaleString("en")} characters; ${max.toLocaleString("en")} are possible. Please shorten it.`);
  }
  box.value = "";
  fit();
  ask(question);
});
stop.addEventListener("click", () => running?.abort());
box.addEventListener("input", () => {
  fit();
  if (!problem.hidden) complain("");
});
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
document.querySelector("form[data-suggestions]")?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!running) ask(event.submitter.value);
});
form.querySelector("[data-keys]").hidden = false;
form.noValidate = true;
fit();
