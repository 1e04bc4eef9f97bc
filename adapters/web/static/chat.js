// Makes the chat live. Without this file every form and link works all the same, with a new page each time.
"use strict";

const log = document.querySelector(".log");
const list = log.querySelector("ol");
const status = document.querySelector(".status");
const composer = document.querySelector("#write");
const field = composer.querySelector("textarea");
document.documentElement.classList.add("live");

function place(id, html) {
  const old = document.getElementById("m" + id);
  if (!html) {
    old?.remove();
    return;
  }
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (old) old.replaceWith(fresh.content);
  else list.append(fresh.content);
}

function follow() {
  let seen = log.dataset.since;
  const stream = new EventSource(log.dataset.events + (log.dataset.events.includes("?") ? "&" : "?") + "since=" + seen);
  stream.addEventListener("bubble", (event) => {
    const { id, html } = JSON.parse(event.data);
    place(id, html);
    seen = event.lastEventId;
    log.dataset.since = seen;
    status.textContent = "";
  });
  stream.addEventListener("emptied", () => location.reload());
  stream.addEventListener("refused", (event) => {
    stream.close();
    status.textContent = JSON.parse(event.data);
    setTimeout(follow, 30000);
  });
  stream.addEventListener("open", () => { if (status.textContent === status.dataset.lost) status.textContent = ""; });
  stream.addEventListener("error", () => {
    status.textContent = status.dataset.lost;
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 5000);
  });
}

function freshMark() {
  return Array.from(crypto.getRandomValues(new Uint8Array(15)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(form, button) {
  const data = new FormData(form, button?.name ? button : undefined);
  const file = data.get("file");
  if (file && file.size > Number(form.dataset.limit)) {
    status.textContent = status.dataset.tooBig;
    return;
  }
  button?.setAttribute("aria-disabled", "true");
  form.dataset.busy = "yes";
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Chat": "live" } });
    if (answer.ok) settled(form);
    else status.textContent = (await answer.json()).message;
  } catch {
    status.textContent = status.dataset.lost;
  } finally {
    delete form.dataset.busy;
    button?.removeAttribute("aria-disabled");
  }
}

function settled(form) {
  status.textContent = "";
  form.querySelector("[name=event]").value = freshMark();
  log.scrollTop = 0; // the newest end: the log is laid out from its foot
  if (form.classList.contains("once")) form.remove();
  if (form !== composer) return;
  const replying = form.querySelector(".replying");
  if (replying) history.replaceState(null, "", replying.querySelector("a").href);
  replying?.remove();
  form.querySelector("[type=file]").value = "";
  form.querySelector("details").open = false;
  field.value = "";
  field.focus();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.live")) return;
  event.preventDefault();
  if (!form.dataset.busy) send(form, event.submitter);
});

field.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});

follow();
