import { markup } from "../../html.ts";
import type { Answer } from "../answers.ts";
import type { Viewer } from "../ports.ts";

/** Where somebody ends all that they are signed in with, as after a machine was lost. */
export const sessions = ({ person, formToken }: Extract<Viewer, { kind: "person" }>): Answer => ({
  kind: "page",
  status: 200,
  title: "Signed in",
  body: markup`<h1>Signed in as ${person.login}</h1>
    <p>A sign-in holds for eight hours, in the browser that it was made with.</p>
    <form method="post" action="/-/sessions">
      <input type="hidden" name="token" value="${formToken}" />
      <button>Sign out everywhere</button>
      <span class="note">in this browser and in every other.</span>
    </form>`,
});
