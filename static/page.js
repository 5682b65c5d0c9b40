// What every page needs of a script: the reader's clock, the tab in sight, and word of what waits in this tab.
const { lang } = document.documentElement;
const locale = navigator.languages.find((one) => one.split("-")[0] === lang.split("-")[0]) ?? lang; // the page's language, of the reader's region
const tell = () => document.querySelectorAll("time:not([title])").forEach((time) => { // by the reader's clock
  const at = new Date(time.dateTime), isToday = at.toDateString() === new Date().toDateString();
  time.title = at.toLocaleString(locale, { dateStyle: "full", timeStyle: "short" });
  time.textContent = at.toLocaleString(locale, isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
});
tell();
document.addEventListener("htmx:after:swap", tell);
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" }); // on a phone the row is wider than the page

// What is half written stays in this tab until it is sent: see static/chat.js. Logging out empties it.
const DRAFT = "draft ";
const hasDraft = Object.keys(sessionStorage).some((key) => key.startsWith(DRAFT));
if (hasDraft && location.pathname === "/login") document.getElementById("kept")?.removeAttribute("hidden");

document.querySelectorAll("button.show").forEach((button) => {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const isShown = field.type === "password";
    field.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", isShown);
    field.focus();
  });
  field.form.addEventListener("submit", () => { field.type = "password"; }); // for who keeps passwords, and for what is kept of forms
});

document.querySelectorAll("button.copies").forEach((button) => { // without a script the text is there to be selected
  const source = document.getElementById(button.dataset.copies), words = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
});

const zone = document.getElementById("timezone"), here = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone?.value === "UTC" && [...(zone.options ?? [])].some((option) => option.value === here)) zone.value = here; // a shop is mostly where its owner is
