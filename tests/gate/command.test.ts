import { describe, expect, it } from "vitest";
import { commandTable, parseCommands, written, type Command } from "../../src/gate/command.ts";
import { helpLines } from "../../src/gate/answer.ts";

/** A comment as it is typed, and the commands in it. */
const cases: [name: string, body: string, commands: string[]][] = [
  ["alone", "/merge", ["/merge"]],
  ["with white space around", "  /merge \r\n", ["/merge"]],
  ["under a sentence", "Thanks!\n/merge", ["/merge"]],
  ["two of them", "/why\n/merge", ["/why", "/merge"]],
  ["twice the same", "/merge\n/merge", ["/merge"]],
  ["in a list item's second line", "1. done\n   /merge", ["/merge"]],
  ["in a sentence", "please /merge this", []],
  ["as a list item", "- /merge", []],
  ["as a longer word", "/merged", []],
  ["with a capital", "/Merge", []],
  ["case 23: quoted", "> /merge", []],
  ["case 23: directly under a quote, where it is shown inside it", "> Shall I?\n/merge", []],
  ["case 23: under a quote and a blank line", "> Shall I?\n\n/merge", ["/merge"]],
  ["case 23: in a fence", "```\n/merge\n```", []],
  ["case 23: in a fence of tildes that holds another", "~~~ sh\n```\n/merge\n~~~\n/why", ["/why"]],
  ["case 23: in a fence that never closes", "```\n/merge", []],
  ["case 23: in a fence inside a list item", "- ```\n  /merge\n  ```", []],
  ["case 23: indented as code", "text\n\n    /merge", []],
  ["case 23: indented by a tab", "\t/merge", []],
  ["case 23: inside a code span over lines", "`a\n/merge\nb`", []],
  ["beside code spans that don't reach it", "`a` and `b`\n/merge", ["/merge"]],
  ["in an HTML comment", "<!--\n\n/merge\n\n-->", []],
  ["in an HTML comment inside a paragraph", "see <!-- this\n/merge\n--> there", []],
  ["after the marker of an HTML comment that is only quoted as code", "`<!--` is it\n/merge", ["/merge"]],
  ["in folded details", "<details>\n/merge\n</details>\n\n/why", ["/why"]],
  ["in a pre block, over blank lines", "<pre>\n\n/merge\n\n</pre>\n/why", ["/why"]],
  ["with a method", "/merge squash", ["/merge squash"]],
  ["with something behind it", "/merge please", ["misspoken /merge please"]],
  ["when ready", "/merge when  ready", ["/merge when ready"]],
  ["when ready, by a method", "/merge rebase when ready", ["/merge rebase when ready"]],
  ["nearly when ready", "/merge when it is ready", ["misspoken /merge when it is ready"]],
  ["with a reason", "/break-glass the site is down", ["/break-glass the site is down"]],
  ["without the reason it needs, which is answered", "/break-glass", ["/break-glass "]],
  ["with a commit's id", "/ok-to-test BBBBBBB", ["/ok-to-test bbbbbbb"]],
  ["with too little of it", "/ok-to-test bbbbbb", ["misspoken /ok-to-test bbbbbb"]],
  ["with none of it", "/ok-to-test", ["misspoken /ok-to-test"]],
  ["with an id that is no id", "/ok-to-test deadbeeg", ["misspoken /ok-to-test deadbeeg"]],
  ["of an administrator", "/unfreeze it was a rename", ["/unfreeze it was a rename"]],
  ["to the rollout", "/rollout  promote canary looks   good", ["/rollout promote canary looks good"]],
  ["to the rollout, with nothing behind the verb", "/rollout status", ["/rollout status"]],
  ["to the rollout, with a verb that there is not", "/rollout stop canary", ["misspoken /rollout stop canary"]],
  ["to the rollout, without a verb", "/rollout", ["misspoken /rollout"]],
  ["two to the rollout", "/rollout status\n/rollout resume", ["/rollout status", "/rollout resume"]],
  ["nothing", "", []],
];

function shownCommand(command: Command): string {
  if (command.name === "misspoken") return `misspoken ${command.line}`;
  return "reason" in command ? `${command.name} ${command.reason}` : written(command);
}

describe("parseCommands", () => {
  it.each(cases)("%s", (_name, body, commands) => {
    expect(parseCommands(body).map(shownCommand)).toEqual(commands);
  });

  it("gets through a comment made to be slow, and takes few commands of it", () => {
    const runs = Array.from({ length: 350 }, (_, n) => "`".repeat(n + 1)).join("a");
    expect(parseCommands(`${runs}\n\n${Array.from({ length: 900 }, (_, n) => `/why ${n}`).join("\n")}`)).toHaveLength(4);
  });
});

it("writes its help from the same table", () => {
  expect(helpLines()).toEqual(commandTable.map(({ form, does }) => `${form}: ${does}`));
});
