import { markup } from "../../html.ts";
import type { Answer } from "../answers.ts";

/** A page that says no: what happened, and what to do. */
export const refusal = (status: number, title: string, text: string, hint: string | null = null): Extract<Answer, { kind: "page" }> => ({
  kind: "page",
  status,
  title,
  body: markup`<h1>${title}</h1>
    <p>${text}</p>
    ${hint === null ? [] : markup`<p>${hint}</p>`}
    <p><a href="/">To the first page</a></p>`,
});

/** The same for what is not there and for what somebody may not see: GitHub does not tell these apart either. */
export const notFound = (): Answer =>
  refusal(404, "Not found", "There is no such page, or you may not see it.", "A repository's pages are for whoever can read it on GitHub.");
