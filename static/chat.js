// What HTML and htmx cannot do: keys, the emptied box, the jump to the latest message.
const box = document.querySelector("#content"), composer = document.querySelector("#composer");
const scroller = document.querySelector("#scroller"), jump = document.querySelector("#jump"), log = document.querySelector("#log");
const isTouch = matchMedia("(pointer: coarse)").matches;

box.addEventListener("keydown", (event) => {
  const composing = event.isComposing || event.keyCode === 229; // an input method's Enter chooses a word
  if (event.key !== "Enter" || event.shiftKey || composing || isTouch) return;
  event.preventDefault();
  if (document.querySelector("#send")) composer.requestSubmit();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector("#stop")?.click();
});

const grow = () => {
  if (CSS.supports("field-sizing", "content")) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
};
box.addEventListener("input", grow);

const latest = () => { scroller.scrollTop = 0; jump.hidden = true; }; // the scroller counts from its bottom
jump.addEventListener("click", latest);
scroller.addEventListener("scroll", () => { jump.hidden = scroller.scrollTop > -160; }, { passive: true });
new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]);
  if (!added.some((node) => node.ariaBusy === "true")) return;
  const asked = added.find((node) => node.matches?.(".message.user"))?.querySelector(".text").textContent;
  if (asked === box.value.trim()) { box.value = ""; grow(); } // the question is in the log: the box is free
  latest();
}).observe(log, { childList: true });
