// What HTML and htmx cannot do: keys, the emptied box, a server that is gone, the reader's clock, the jump to the latest.
const [box, composer, scroller, jump, log, unreached] =
  ["content", "composer", "scroller", "jump", "log", "unreached"].map((id) => document.getElementById(id));
const isTouch = matchMedia("(pointer: coarse)").matches;
let sent;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method's key chooses a word
  if (event.key === "Escape" && !document.querySelector(":popover-open")) document.querySelector("#stop")?.click();
  if (event.key !== "Enter" || event.shiftKey || event.target !== box || isTouch) return;
  event.preventDefault();
  composer.requestSubmit();
});
document.addEventListener("submit", (event) => {
  sent = event.target === composer ? box.value : undefined;
  unreached.hidden = true;
  if (!isTouch) box.focus(); // most buttons go when they have done their work
});
for (const name of ["htmx:error", "htmx:response:error"]) document.addEventListener(name, ({ target, detail }) => {
  if (target.matches?.("form")) unreached.hidden = detail.ctx?.text?.includes("<hx-partial"); // a refusal has its own words
});
const grow = () => { box.style.height = "auto"; box.style.height = `${box.scrollHeight}px`; };
if (!CSS.supports("field-sizing", "content")) box.addEventListener("input", grow);

const latest = () => { scroller.scrollTop = 0; jump.hidden = true; }; // the scroller counts from its bottom
jump.addEventListener("click", latest);
scroller.addEventListener("scroll", () => { jump.hidden = scroller.scrollTop > -160; }, { passive: true });
const tell = () => log.querySelectorAll("time:not([title])").forEach((time) => { // by the reader's clock
  const at = new Date(time.dateTime), isToday = at.toDateString() === new Date().toDateString();
  time.title = at.toLocaleString([], { dateStyle: "full", timeStyle: "short" });
  time.textContent = at.toLocaleString([], isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
});
tell();
new MutationObserver((changes) => {
  tell();
  const added = changes.filter((change) => change.target === log).flatMap((change) => [...change.addedNodes]);
  if (!added.some((node) => node.ariaBusy === "true")) return;
  if (box.value === sent) { box.value = ""; box.dispatchEvent(new Event("input")); } // the question is in the log
  sent = undefined;
  latest();
}).observe(log, { childList: true, subtree: true });
