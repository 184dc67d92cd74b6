// Small comforts on every page. Everything works without them.

/** Times in the reader's own zone and words. */
export function localTimes(root) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const element of root.querySelectorAll("time[data-local]")) {
    element.textContent = format.format(new Date(element.dateTime));
  }
}

/** Menus close on Escape and on a click beside them. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

/** A thumb or a comment changes its own corner of the page only. */
async function sendFeedback(form, button) {
  const body = new FormData(form, button);
  const response = await fetch(form.action, { method: "POST", body, headers: { "X-Part": "feedback" } });
  if (!response.ok && response.status !== 422) throw new Error(String(response.status));
  const part = form.closest("[data-feedback-part]");
  const fresh = document.createRange().createContextualFragment(await response.text()).firstElementChild;
  part.replaceWith(fresh);
  const rating = button?.name === "rating" ? button.value : body.get("rating");
  (fresh.querySelector("details[open] textarea") ?? fresh.querySelector(`button[value="${rating}"]`))?.focus();
}

document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.activeElement?.closest("details[data-menu][open]");
  closeMenus(null);
  open?.querySelector("summary").focus();
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-feedback]")) return;
  event.preventDefault();
  sendFeedback(event.target, event.submitter).catch(() => event.target.submit());
});
document.addEventListener("fresh", (event) => localTimes(event.target));
localTimes(document);
