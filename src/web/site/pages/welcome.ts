import { markup, none } from "../../html.ts";
import type { Answer } from "../answers.ts";

/** For whoever is not signed in. */
export const welcome = (said: string | null = null): Answer => ({
  kind: "page",
  status: 200,
  title: "Sign in",
  body: markup`<h1>puppet-gate</h1>
    ${said === null ? none : markup`<p>${said}</p>`}
    <p>Changes to Puppet, where each of them is on its way to the fleet, and why it waits.</p>
    <p><a href="/sign-in">Sign in with GitHub</a>. You see the repositories that you can read there; nothing else is asked for, and nothing is kept of it but a cookie of this browser.</p>`,
});
