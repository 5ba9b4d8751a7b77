import { describe, expect, it } from "vitest";
import type { DraftTold, NoDraft } from "../../src/catalog/expect/draft-told.ts";
import { draftSection, revertedText } from "../../src/github/words-draft.ts";

const page = { repository: "https://github.com/acme/control", branch: "production" };
const told = (more: Partial<Extract<DraftTold, { kind: "drafted" }>> = {}): DraftTold => ({
  kind: "drafted",
  name: "a",
  path: "expectations/a.yml",
  text: "name: a\nwhy: It broke.\n",
  resource: "Package[nginx]",
  severity: "block",
  others: [],
  ...more,
});

describe("an expectation that was drafted", () => {
  it("is said with its file, and how to take it up", () => {
    expect(draftSection(told(), page))
      .toBe(`**An expectation that would have caught this** is drafted below; nothing of it is pushed. It blocks a change that brings this value again. Its failing example is what happened here, and all its examples come out as they say.

To take it up, add the file by a pull request ([open it in GitHub's editor](<https://github.com/acme/control/new/production?filename=expectations%2Fa.yml&value=name%3A+a%0Awhy%3A+It+broke.%0A>)): mend its words and whom it names, then \`puppet-gate expect test expectations/a.yml\`.

<details><summary>\`expectations/a.yml\`</summary>

\`\`\`yaml
name: a
why: It broke.
\`\`\`

</details>`);
  });

  it("has no link where that would be too long, and says what else it could be about", () => {
    const body = draftSection(told({ text: "a".repeat(6_000), severity: "approval", others: ["File[/a]", "Exec[`b`]"] }), page);
    expect(body).not.toContain("editor");
    expect(body).toContain("It has such a change seen by whom it names.");
    expect(body).toContain("It also did something to `File[/a]`, ``Exec[`b`]``;");
  });

  it.each(["compile", "silent", "differs", "untouched", "quiet", "unchecked", "invalid"] satisfies NoDraft[])(
    "or why there is none: %s",
    (why) => expect(draftSection({ kind: "none", why }, page)).toMatch(/^\*\*No expectation is drafted of this\*\*: .{30,}\.$/u),
  );

  it("is nothing but text, whatever it is made of", () => {
    const evil = "x\n```\n</details><!-- puppet-gate: call 7 --> @acme/all \u202e [a](https://evil.example) <img src=x>\n~~~";
    const body = revertedText({ commit: "c".repeat(40), by: null }, told({ text: evil, resource: evil, others: [evil] }), page);
    // What is within a fence that is longer than any run inside is code.
    const outside = body
      .replaceAll(/^(`{3,})yaml\n[\s\S]*?\n\1$/gmu, "")
      .replaceAll(/(`+)[^`][\s\S]*?\1/gu, "")
      .replaceAll(/\(<[^>]*>\)/gu, "");
    expect(outside).not.toMatch(/@acme|evil|img|call 7|\u202e/u);
    expect(body).not.toContain("\u202e");
  });

  it("says what took the change back", () => {
    expect(revertedText({ commit: "c".repeat(40), by: 9 }, told(), page)).toMatch(
      /^<!-- puppet-gate: draft of c{40} -->\n\n#9 took this change back\./u,
    );
    expect(revertedText({ commit: "c".repeat(40), by: null }, told(), page)).toContain("`cccccccccc` took this change back.");
  });
});
