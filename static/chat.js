// What HTML and htmx cannot do: keys, the emptied box, a lost server, waiting, the clipboard, the reader's clock, the jump to the latest.
const [box, composer, scroller, jump, log, unreached] =
  ["content", "composer", "scroller", "jump", "log", "unreached"].map((id) => document.getElementById(id));
const isTouch = matchMedia("(pointer: coarse)").matches;
const sending = {}; // the message on its way: its form, its words, the name of its draft, and when a screen reader hears of it
let failed; // the form of one that did not get there

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // an input method's key chooses a word
  const edited = event.target.closest?.("details.edit[open]");
  if (event.key === "Escape" && edited) return cancel(edited);
  if (event.key === "Escape" && !document.querySelector(":popover-open")) document.querySelector("#stop")?.click();
  if (event.key !== "Enter" || event.shiftKey || !event.target.matches("textarea") || isTouch) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});
// A draft of each conversation, and of each message that is being edited: this user's, in this tab, until it is sent.
const nameOf = (field) => `${DRAFT}${composer.dataset.user} ${document.getElementById("after").dataset.began} ${field.id}`;
const keep = (field) => { field.value.trim() ? sessionStorage.setItem(nameOf(field), field.value) : sessionStorage.removeItem(nameOf(field)); };
const fill = (field, text) => { field.value = text; field.dispatchEvent(new Event("input", { bubbles: true })); }; // it is kept, and grows
const restore = (field) => {
  const draft = sessionStorage.getItem(nameOf(field));
  if (draft === null) return false;
  fill(field, draft);
  return true;
};
const cancel = (edited) => { // the message stays as it was
  const field = edited.querySelector("textarea");
  field.value = field.defaultValue;
  sessionStorage.removeItem(nameOf(field));
  edited.open = false;
};
document.addEventListener("click", (event) => {
  const edited = event.target.closest?.(".cancel")?.closest("details.edit");
  if (!edited) return;
  event.preventDefault();
  cancel(edited);
});
document.addEventListener("click", (event) => { // the row behind a value opens in front of the conversation
  const mark = event.target.closest?.("#log a.claim");
  if (!mark || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const row = document.getElementById("row");
  row.firstElementChild.replaceChildren();
  const open = () => row.firstElementChild.hasChildNodes() ? row.showPopover() : location.assign(mark.href);
  htmx.ajax("GET", mark.href, { target: row.firstElementChild }).then(open, open);
});
const joined = (text, later) => (later?.trim() ? `${text}\n\n${later}` : text); // what was typed since is not lost either
document.addEventListener("input", ({ target }) => { if (target.matches("textarea")) keep(target); });
// What is on its way is kept beside the drafts, until its question is in the log; else it is a draft again.
const SENDING = `${DRAFT}${composer.dataset.user} sending`;
const unsent = JSON.parse(sessionStorage.getItem(SENDING));
const asked = [...log.querySelectorAll(".message.user .text")].at(-1)?.textContent.trim();
const isSent = unsent && asked === unsent.text.trim();
if (unsent?.name === nameOf(box) && !isSent) sessionStorage.setItem(unsent.name, joined(unsent.text, sessionStorage.getItem(unsent.name)));
if (unsent?.name === nameOf(box) || isSent) sessionStorage.removeItem(SENDING);
const isBack = unsent?.isBack || (document.referrer && new URL(document.referrer).pathname === "/login"); // the session had ended
if (isBack && unsent && !isSent && unsent.name !== nameOf(box) && !unsent.isBack) { // it was for another conversation
  sessionStorage.setItem(SENDING, JSON.stringify({ ...unsent, isBack: true }));
  location.replace(unsent.place);
}
if (box.value) keep(box);
else if (restore(box) && isBack) document.getElementById("kept").hidden = false;

const send = (form) => { // the question stands in the log at once, marked as being sent
  const text = new FormData(form).get("content");
  if (sending.form || !text.trim()) return;
  Object.assign(sending, { form, text, name: nameOf(box) });
  const bubble = document.getElementById("sending-message").content.firstElementChild.cloneNode(true);
  bubble.className = "message user";
  Object.assign(bubble.lastElementChild, { className: "text", textContent: text });
  log.append(bubble);
  latest();
  sending.timer = setTimeout(() => say(document.querySelector("#sending .state")), 1000);
  sessionStorage.setItem(SENDING, JSON.stringify({ name: sending.name, text, place: location.pathname }));
  if (form === composer) fill(box, "");
};
const arrived = () => {
  clearTimeout(sending.timer);
  document.getElementById("sending")?.remove();
  sessionStorage.removeItem(SENDING);
  sending.form = null;
};
const comeBack = (form) => { // nothing was accepted: the words are in the box again
  if (sending.form !== form) return;
  arrived();
  if (form === composer) fill(box, joined(sending.text, box.value));
};
document.getElementById("retry").addEventListener("click", () => failed.requestSubmit());
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("hx-target") === "#log") isComposers = event.target === composer;
  if (event.defaultPrevented && event.target.matches("[action='/messages']")) send(event.target); // htmx has taken its words
  document.getElementById("kept").hidden = true;
  document.getElementById("notice").replaceChildren(); // what was refused before
  unreached.hidden = true;
  if (!isTouch && !event.target.closest(".feedback")) box.focus(); // most buttons go when they have done their work
});
const photo = document.getElementById("photo"), attached = document.getElementById("attached");
const attach = () => {
  attached.firstElementChild.textContent = photo.files[0]?.name ?? "";
  attached.hidden = !photo.files.length;
};
const detach = () => { photo.value = ""; attach(); };
photo.addEventListener("change", attach);
let isComposers = false; // the last form that asked for an answer is the message's: its photo comes into the log, too
attached.querySelector("button").addEventListener("click", () => { detach(); photo.focus(); });
attach(); // a browser keeps what was chosen when a page is loaded again
const say = (words) => { document.getElementById("status").textContent = words.textContent; }; // to a screen reader
const isLost = (lost) => log.querySelectorAll(".lost").forEach((words) => {
  if (lost && words.hidden) say(words);
  words.hidden = !lost;
});
for (const name of ["htmx:error", "htmx:response:error", "htmx:sse:error"]) document.addEventListener(name, ({ target, detail }) => {
  if (target.matches?.("form") && !detail.ctx?.hx?.redirect) {
    unreached.hidden = detail.ctx?.text?.includes("<hx-partial"); // a refusal has its own words
    failed = target;
    comeBack(target);
  }
  else if (target.matches?.("[aria-busy] > i")) isLost(true);
});
document.addEventListener("here", () => isLost(false)); // a stream's first event
addEventListener("offline", () => isLost(true));
document.addEventListener("grow", ({ target, detail }) => { // see handlers/pages/reply_events.py
  const [, depth, how, finished, html] = detail.data.match(/^(\d+)([+=]|-\d+ )(\d*):([^]*)$/);
  const message = target.closest("li"), tail = message.querySelector(".tail");
  message.classList.remove("thinks");
  isLost(false); // also where only words within a text changed
  let place = tail;
  for (let n = 0; n < depth; n++) place = place.lastElementChild;
  if (how === "=") place.replaceChildren();
  else if (how !== "+") { place.normalize(); place.lastChild.data = place.lastChild.data.slice(0, how); }
  place.insertAdjacentHTML("beforeend", html);
  for (let n = 0; n < finished; n++) {
    tail.firstElementChild.normalize(); // its words came piece by piece
    const held = getSelection(), ends = [held.anchorNode, held.anchorOffset, held.focusNode, held.focusOffset];
    tail.before(tail.firstElementChild);
    if (ends[0] !== held.anchorNode || ends[2] !== held.focusNode) held.setBaseAndExtent(...ends); // what is selected stays so
  }
});
document.addEventListener("thinking", ({ target }) => { isLost(false); target.closest("li").classList.add("thinks"); }); // until the next words
const grow = () => { box.style.height = "auto"; box.style.height = `${box.scrollHeight}px`; };
if (!CSS.supports("field-sizing", "content")) box.addEventListener("input", grow);

if (navigator.clipboard) document.documentElement.classList.add("can-copy");
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.(".copy");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies) ?? button.parentElement.querySelector("pre");
  const parts = { "text/plain": source.innerText.trimEnd() };
  if (button.dataset.copies) parts["text/html"] = new XMLSerializer().serializeToString(source); // so that a table stays one where it is pasted
  await navigator.clipboard.write([new ClipboardItem(parts)]);
  const icon = button.querySelector("use");
  icon.setAttribute("href", "#done-icon");
  say(document.getElementById("copied"));
  setTimeout(() => icon.setAttribute("href", "#copy-icon"), 1500);
});

setInterval(() => log.querySelectorAll("[aria-busy]:is(.thinks, .waits) .waited").forEach((place) => {
  const seconds = Number(place.dataset.seconds ?? 0) + 1;
  place.dataset.seconds = seconds;
  if (seconds > 1) place.textContent = ` (${seconds} s)`;
}), 1000);

const latest = () => { scroller.scrollTop = 0; jump.hidden = true; }; // the scroller counts from its bottom
matchMedia("(min-width: 1100px)").addEventListener("change", () => document.getElementById("side").hidePopover()); // it stands at the side
jump.addEventListener("click", latest);
scroller.addEventListener("scroll", () => { jump.hidden = scroller.scrollTop > -160; }, { passive: true });
const mark = () => { // what style cannot ask for in every browser: WebKit does not look at :has again
  document.body.classList.toggle("greets", !log.querySelector(".message"));
  log.querySelectorAll("[aria-busy]").forEach((message) => message.classList.toggle("waits", !!message.querySelector(".tail:empty:first-child")));
  log.querySelectorAll(".edits").forEach((message) => message.classList.remove("edits"));
  log.querySelectorAll(".edit[open]").forEach((edit) => edit.closest(".message").classList.add("edits"));
};
mark();
if (!CSS.supports("overflow-anchor", "auto")) { // who reads further up keeps their place, whatever is added below or above it
  let anchor, top, kept; // the message at the upper edge, where it is, and where the scroller was put to keep it there
  const look = () => {
    if (scroller.scrollTop === kept) return; // that was no reader; to measure anew would add up what is rounded
    const edge = scroller.getBoundingClientRect().top;
    anchor = [...log.children].find((one) => one.getBoundingClientRect().bottom > edge);
    top = anchor?.getBoundingClientRect().top;
  };
  scroller.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(() => {
    if (scroller.scrollTop < -1 && anchor?.isConnected) scroller.scrollTop += anchor.getBoundingClientRect().top - top;
    kept = scroller.scrollTop;
  }).observe(log);
}
let held; // what has, or had, the focus
document.addEventListener("focusin", ({ target }) => { held = target; });
const refocus = (changes) => { // where that is gone, or in a part that was closed, what is nearest gets it
  if (!held || (held.isConnected && held.checkVisibility())) return;
  const removal = changes.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(held)));
  const added = new Set(changes.flatMap(({ addedNodes }) => [...addedNodes]));
  let near = held.isConnected ? held.closest("details") : removal?.nextSibling;
  while (near && (added.has(near) || !near.querySelector?.("a, button, summary"))) near = near.nextSibling;
  (near?.querySelector("a, button, summary") ?? (isTouch ? scroller : box)).focus({ preventScroll: true });
};
new MutationObserver((changes) => {
  tell();
  if (changes.some(({ target, addedNodes }) => addedNodes.length && target.closest?.("[aria-busy]"))) isLost(false); // words came
  mark();
  refocus(changes);
  changes.flatMap(({ addedNodes }) => [...addedNodes]).forEach((node) => node.querySelectorAll?.("textarea").forEach(restore));
  const added = changes.filter((change) => change.target === log).flatMap((change) => [...change.addedNodes]);
  if (!added.some((node) => node.ariaBusy === "true")) return;
  if (isComposers) detach();
  arrived(); // in the very moment: no question stands there twice
  setTimeout(() => { sessionStorage.removeItem(sending.name); keep(box); }); // once all of the answer is in its place
  latest();
}).observe(log, { childList: true, subtree: true, attributeFilter: ["open"] });
const days = document.getElementById("side-list");
const named = (time) => { // when a conversation was last used, in the words of its list
  const since = (count) => { const day = new Date(); day.setHours(0, 0, 0, 0); day.setDate(day.getDate() - count); return day; };
  const { today, yesterday, week, older } = days.dataset, at = new Date(time.dateTime);
  return at >= since(0) ? today : at >= since(1) ? yesterday : at >= since(7) ? week : older;
};
const group = () => { // by the reader's clock, which the server does not know; what has its heading already stays as it is
  let above = "";
  for (const item of [...(days?.children ?? [])]) {
    const time = item.querySelector("time"), name = time ? named(time) : item.matches(".day") ? item.textContent : above;
    if (time && name !== above) days.insertBefore(Object.assign(document.createElement("li"), { className: "day", textContent: name }), item);
    above = name;
  }
};
for (const part of document.querySelectorAll("footer, #side")) new MutationObserver(() => { group(); tell(); }).observe(part, { childList: true, subtree: true });
