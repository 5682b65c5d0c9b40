// What HTML and htmx cannot do: keys, the emptied box, the reader's clock, the jump to the latest message.
const [box, composer, scroller, jump, log] = ["#content", "#composer", "#scroller", "#jump", "#log"].map((id) => document.querySelector(id));
const isTouch = matchMedia("(pointer: coarse)").matches;
let sent;

box.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229; // an input method's Enter chooses a word
  if (event.key !== "Enter" || event.shiftKey || composing || isTouch) return;
  event.preventDefault();
  composer.requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) document.querySelector("#stop")?.click();
});
document.addEventListener("submit", (event) => {
  sent = event.target === composer ? box.value : undefined;
  if (!isTouch) box.focus(); // most buttons go when they have done their work
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
  if (box.value === sent) { box.value = sent = ""; box.dispatchEvent(new Event("input")); } // the question is in the log
  latest();
}).observe(log, { childList: true, subtree: true });
