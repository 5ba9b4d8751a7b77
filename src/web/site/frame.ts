import { createHash } from "node:crypto";
import { cut, markup, none, own, type Markup } from "../html.ts";
import { style } from "../style.ts";
import type { Place } from "./answers.ts";
import type { Viewer } from "./ports.ts";
import { script } from "./script.ts";
import { siteStyle } from "./site-style.ts";

const digestOf = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex").slice(0, 16);

/** A gate, half open. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="none" stroke="#0550ae" stroke-width="2" d="M2 14V3h12v11M2 14l6-2V5L2 3"/></svg>`;

const styleSheet = `${style}\n${siteStyle}`;
/** By path. */
export const assets: ReadonlyMap<string, { type: string; text: string }> = new Map([
  [`style-${digestOf(styleSheet)}.css`, { type: "text/css; charset=utf-8", text: styleSheet }],
  [`script-${digestOf(script)}.js`, { type: "text/javascript; charset=utf-8", text: script }],
  [`icon-${digestOf(icon)}.svg`, { type: "image/svg+xml", text: icon }],
]);
const [sheet = "", code = "", gate = ""] = [...assets.keys()];

/** One page, with who looks at it and the ways to the others. `viewer` null: nobody signed in. */
export const frame = ({ title, body, viewer, place }: { title: string; body: Markup; viewer: Viewer | null; place?: Place }): string =>
  markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${cut(title, 200)} · puppet-gate</title>
        <link rel="icon" type="image/svg+xml" href="/assets/${own(gate)}" />
        <link rel="stylesheet" href="/assets/${own(sheet)}" />
        <script src="/assets/${own(code)}" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header class="top">
          <nav aria-label="Pages"><a class="brand" href="/">puppet-gate</a>${place === undefined ? none : waysIn(place)}</nav>
          <p id="live" class="note" role="status"></p>
          ${whoIs(viewer)}
        </header>
        <main id="main" tabindex="-1">${body}</main>
      </body>
    </html> `.text;

const pages: readonly (readonly [Place["here"], string, string])[] = [
  ["changes", "Changes", ""],
  ["rollout", "Rollout", "/rollout"],
  ["metrics", "Metrics", "/metrics"],
  ["ledger", "Ledger", "/ledger"],
];

const waysIn = ({ name, here }: Place): Markup =>
  markup`<span class="repository">${name}</span><ul>${pages.map(([page, text, path]) => markup`<li><a href="/${name}${path}"${page === here ? markup` aria-current="page"` : none}>${text}</a></li>`)}</ul>`;

function whoIs(viewer: Viewer | null): Markup {
  if (viewer === null) return none;
  if (viewer.kind === "local") return markup`<p class="note">On this machine, to be read only.</p>`;
  return markup`<form method="post" action="/sign-out">
    <input type="hidden" name="token" value="${viewer.formToken}" />
    <a href="/-/sessions">${viewer.person.login}</a> <button>Sign out</button>
  </form>`;
}
