import * as fc from "fast-check";
import { commandTable, parseCommands, written } from "../../src/gate/command.ts";
import { countInputs, fuzz } from "./harness.ts";
import { trickyText } from "./hostile.ts";

/** Comments: what is found in one is a command that stands there, spoken, and nothing else is ever found. */
countInputs("comments");

const names: ReadonlySet<string> = new Set(commandTable.map(({ name }) => name));
const commands = [
  "/merge",
  "/merge when ready",
  "/merge squash",
  "/merge Squash when ready",
  "/cancel",
  "/why",
  "/recheck",
  "/help",
  "/ok-to-test bbbbbbb",
  "/ok-to-test BBBBBBB",
  "/ok-to-test",
  "/break-glass the site is down",
  "/break-glass",
  "/unfreeze",
  "/mergeit",
  "/MERGE",
  "/ merge",
  "//merge",
];
const before = [
  "",
  " ",
  "   ",
  "    ",
  "\t",
  "> ",
  ">",
  "> > ",
  "- ",
  "1. ",
  "* ",
  "# ",
  "\u2028",
  "\u200b",
  "\ufeff",
  "\\",
  "`",
  "<!-- ",
  "<details>",
  "@gate ",
];
const after = ["", " ", "\r", "\n", "\0", "`", " -->", " now", "\u2029x", "\u202e", "</details>", "  ", "\v"];
const others = [
  "```",
  "~~~",
  "````",
  "```js",
  "<!--",
  "-->",
  "<details>",
  "</details>",
  "<pre>",
  "</pre>",
  "<script>",
  "---",
  "===",
  "| a |",
  "[x]: y",
  "&lt;",
  "text",
  "",
];
const spoken = fc.tuple(fc.constantFrom(...before), fc.constantFrom(...commands), fc.constantFrom(...after)).map((parts) => parts.join(""));
const line = fc.oneof(
  { weight: 5, arbitrary: spoken },
  { weight: 5, arbitrary: fc.constantFrom(...others) },
  { weight: 2, arbitrary: trickyText },
  // What a parser may walk over again and again.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...before, ...others, "[", "](", "*", "_", "!["), fc.nat(3000))
      .map(([part, times]) => part.repeat(times)),
  },
);
const comment = fc
  .array(line, { maxLength: 12 })
  .chain((lines) => fc.constantFrom("\n", "\r\n", "\r", "\n\n").map((end) => lines.join(end)));

fuzz("a comment has the commands that stand in it, at most four", comment, 25_000, (body) => {
  const found = parseCommands(body);
  if (found.length > 4) throw new Error(`${found.length} commands`);
  const flat = body.replaceAll(/\s+/gu, " ").toLowerCase();
  for (const command of found) {
    if (command.name !== "misspoken" && !names.has(command.name)) throw new Error(`${command.name} is no command`);
    if ("sha" in command && !/^[0-9a-f]{7,64}$/u.test(command.sha)) throw new Error(`${command.sha} is no commit`);
    const first = written(command).split(" ", 1)[0] ?? "";
    if (!flat.includes(first)) throw new Error(`${first} does not stand there`);
  }
});

fuzz("a quotation, a fence or a comment of HTML around all of it says nothing", comment, 5_000, (body) => {
  const lines = body.split(/\r\n|[\r\n\u2028\u2029]/u);
  const ways = {
    quoted: lines.map((each) => `> ${each}`).join("\n"),
    indented: `x\n\n${lines.map((each) => `    ${each}`).join("\n")}`,
    fenced: `${"~".repeat(9_000)}\n${body}`,
  };
  for (const [way, text] of Object.entries(ways)) {
    const found = parseCommands(text);
    if (found.length > 0) throw new Error(`${way}: ${JSON.stringify(found)}`);
  }
});
