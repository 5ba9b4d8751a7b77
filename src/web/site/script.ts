/**
 * Keeps what is marked `data-live` as the server has it, where script runs: every ten seconds while somebody looks, and not while they fill in a
 * form. What it gets is a page of this server's, of which it takes elements and nothing that runs.
 */
export const script = `
(() => {
  "use strict";
  const status = document.getElementById("live");
  if (status === null) return;
  const parts = () => [...document.querySelectorAll("[data-live]")];
  let waits = false;
  const look = async () => {
    if (waits || document.hidden || document.activeElement?.closest("form, details") !== null && document.activeElement?.closest("form, details") !== undefined) return;
    waits = true;
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error", signal: AbortSignal.timeout(30000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts()) {
        const now = page.getElementById(part.id);
        if (now !== null && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
      }
      status.textContent = "Live.";
    } catch {
      status.textContent = "The server does not answer; this page may be old.";
    } finally {
      waits = false;
    }
  };
  if (parts().length > 0) {
    status.textContent = "Live.";
    setInterval(look, 10000);
    document.addEventListener("visibilitychange", look);
  }
})();
`.trim();
