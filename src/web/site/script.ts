/**
 * Keeps what is marked `data-live` as the server has it, where script runs: every ten seconds while somebody looks, and not while they fill in a
 * form. What it gets is a page of this server's, of which it takes elements and nothing that runs. Only what differs is replaced, so that what
 * somebody opened, chose or stands on stays theirs; what has an id stays the same element wherever it moves. What is marked `data-tell` is said
 * to who listens when it becomes another.
 */
export const script = `
(() => {
  "use strict";
  const status = document.getElementById("live");
  if (status === null) return;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const attributes = (old, now) => {
    for (const { name } of [...old.attributes]) if (name !== "open" && !now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of now.attributes) if (name !== "open" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  };
  const same = (old, now) => old !== undefined && old.nodeType === now.nodeType && old.nodeName === now.nodeName && (old.id ?? "") === (now.id ?? "");
  const update = (old, now) => {
    if (now.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
      return;
    }
    attributes(old, now);
    children(old, now);
  };
  const children = (old, now) => {
    const left = new Set([...now.children].map((one) => one.id));
    for (const one of [...old.children]) if (one.id !== "" && !left.has(one.id)) one.remove();
    const named = new Map([...old.children].filter((one) => one.id !== "").map((one) => [one.id, one]));
    [...now.childNodes].forEach((next, at) => {
      const kept = next.id ? named.get(next.id) : undefined;
      if (kept !== undefined && old.childNodes[at] !== kept) old.insertBefore(kept, old.childNodes[at] ?? null);
      const there = old.childNodes[at];
      if (same(there, next)) update(there, next);
      else old.insertBefore(document.importNode(next, true), there ?? null);
    });
    while (old.childNodes.length > now.childNodes.length) old.lastChild.remove();
  };
  const told = () => new Map([...document.querySelectorAll("[data-tell]")].map((one) => [one.id, one.textContent.replace(/\\s+/g, " ").trim()]));
  let waits = false;
  const look = async () => {
    if (waits || document.hidden || (document.activeElement !== null && document.activeElement.closest("form") !== null)) return;
    waits = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error", signal: AbortSignal.timeout(30000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = told();
      for (const part of parts()) {
        const now = page.getElementById(part.id);
        if (now !== null) children(part, now);
      }
      const news = [...told()].filter(([id, text]) => before.get(id) !== text).map(([, text]) => text);
      say(news.length > 0 ? "Now: " + news.join("; ") + "." : status.textContent.startsWith("Now: ") ? status.textContent : "Live.");
    } catch {
      say("The server does not answer; this page may be old.");
    } finally {
      waits = false;
    }
  };
  if (parts().length > 0) {
    say("Live.");
    setInterval(look, 10000);
    document.addEventListener("visibilitychange", look);
  }
})();
`.trim();
