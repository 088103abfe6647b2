// Keeps marked parts of a page up to date, and copies rows as text. Every page works without it.
"use strict";
(() => {
  const state = document.getElementById("live-state");
  const parts = () => document.querySelectorAll("[data-live][id]");
  const say = (word) => { if (state) state.textContent = word; };

  const showButtons = (within) => within.querySelectorAll("button.copy").forEach((button) => { button.hidden = !navigator.clipboard; });
  const isBusy = (part) => {
    const chosen = document.getSelection();
    const selecting = chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode);
    return selecting || (part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea"));
  };

  let stream = null;
  let asking = false;
  let asked = false;
  // What is told while a page is being asked for asks for it once more.
  const refresh = async () => {
    asked = true;
    if (asking || document.hidden) return;
    asking = true;
    try {
      asked = false;
      const answer = await fetch(location.href, { headers: { "x-console-live": "1" }, redirect: "error" });
      if (answer.status === 401) { say(state.dataset.stale); stream.close(); return; }
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      parts().forEach((part) => {
        const fresh = page.getElementById(part.id);
        if (!fresh || fresh.innerHTML === part.dataset.last || isBusy(part)) return;
        const focused = part.contains(document.activeElement) ? document.activeElement : null;
        const again = focused && (focused.id ? `[id="${CSS.escape(focused.id)}"]` : `a[href="${CSS.escape(focused.getAttribute("href") ?? "")}"]`);
        part.dataset.last = fresh.innerHTML;
        part.replaceChildren(...fresh.childNodes);
        showButtons(part);
        if (again) part.querySelector(again)?.focus();
      });
    } catch {
      say(state.dataset.stale);
    } finally {
      asking = false;
    }
    if (asked) refresh();
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const word = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = word; }, 1500);
  });
  showButtons(document);

  if (parts().length === 0 || !window.EventSource) return;
  let opened = false;
  const follow = () => {
    stream = new EventSource("/console/live");
    stream.addEventListener("open", () => { say(state.dataset.following); if (opened) refresh(); opened = true; });
    stream.addEventListener("error", () => say(state.dataset.stale));
    stream.addEventListener("changed", refresh);
  };
  // A page that a browser keeps to go back to would keep its stream, and browsers open only a few to one gateway.
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) follow(); });
  follow();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && asked) refresh(); });
})();
