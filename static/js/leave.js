// What a request would mean, while it is typed. Without this script the button "Check" shows the same.

const form = document.querySelector("form[data-leave]");
const preview = form.querySelector("[data-preview]");
let newest = 0;
let timer = null;

async function check() {
  const turn = ++newest;
  if (!form.elements.first_day.value) {
    preview.replaceChildren();
    return;
  }
  const response = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { "X-Part": "preview" },
  });
  // A slow answer to older dates must not replace that to newer ones.
  if (!response.ok || turn !== newest) return;
  preview.replaceChildren(document.createRange().createContextualFragment(await response.text()));
}

form.querySelector("[data-check]").hidden = true;
form.addEventListener("input", (event) => {
  if (event.target.name === "comment") return;
  clearTimeout(timer);
  timer = setTimeout(() => check().catch(() => {}), 300);
});
