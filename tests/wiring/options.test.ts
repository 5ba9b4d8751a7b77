import { Command, type Option } from "commander";
import { describe, expect, it } from "vitest";
import { addAudit } from "../../src/wiring/audit-commands.ts";
import { addExpectStats } from "../../src/wiring/expect-stats.ts";
import { addInit } from "../../src/wiring/init-command.ts";
import { addPages } from "../../src/wiring/pages-commands.ts";
import { addLedger } from "../../src/wiring/ledger-commands.ts";
import { addRollout } from "../../src/wiring/rollout-command.ts";

/** The commands that a server's operators and auditors use: what is called the same is the same, and what makes no sense is refused before anything is looked at. */
const nowhere = "/nowhere/at/all";
let said = "";
function commands(): Command {
  const program = new Command("puppet-gate").exitOverride().configureOutput({ writeErr: (text) => void (said += text) });
  const output = { write: (text: string) => void (said += text), paint: (_: unknown, text: string) => text };
  const context = { env: { PUPPET_GATE_DATA: nowhere }, cwd: () => "/", output };
  addAudit(program.command("audit"), context);
  addLedger(program.command("ledger"), context);
  addPages(program.command("pages"), context);
  addExpectStats(program.command("expect"), { env: context.env, standing: context.cwd, output });
  addRollout(program.command("rollout"), context);
  addInit(program.command("init"), context);
  return program;
}
const leaves = (command: Command): Command[] => (command.commands.length === 0 ? [command] : command.commands.flatMap(leaves));
const pathOf = (command: Command | null): string => (command === null ? "" : `${pathOf(command.parent)} ${command.name()}`.trim());

describe("options", () => {
  it("that are called the same take the same", () => {
    const kinds = new Map<string, Map<string, string[]>>();
    for (const command of leaves(commands())) {
      for (const option of command.options as Option[]) {
        const of = kinds.get(option.long ?? "") ?? new Map<string, string[]>();
        of.set(option.flags, [...(of.get(option.flags) ?? []), pathOf(command)]);
        kinds.set(option.long ?? "", of);
      }
    }
    const differing = [...kinds].filter(([, flags]) => flags.size > 1).map(([name, flags]) => [name, [...flags.keys()]]);
    // GitHub's number where records are asked, which outlive a name; a name where GitHub is.
    expect(differing).toEqual([["--repository", ["--repository <id>", "--repository <name>"]]]);
    expect(kinds.size).toBeGreaterThan(20);
  });

  it("name the data folder wherever a server's own records are read or written", () => {
    const without = leaves(commands()).filter(({ options }) => !options.some(({ long }) => long === "--data"));
    expect(without.map(pathOf)).toEqual(["puppet-gate audit verify", "puppet-gate init lanes"]);
  });

  it.each([
    ["a word that is none", "audit ask 7 --jsn", /unknown option '--jsn'\n\(Did you mean --json\?\)/u],
    ["a command that is none", "ledger rotat", /unknown command 'rotat'\n\(Did you mean rotate\?\)/u],
    ["a value that is none", "audit ask 7 --from yesterday", /give a day of UTC, as 2026-01-31/u],
    ["a verb that is none", "rollout sttus", /status, pause, resume/u],
    ["two forms at once", "audit ask 7 --json --csv", /'--json' cannot be used with option '--csv'/u],
    ["two sources at once", "audit sample --seed a -n 1 --bundle b --data d", /cannot be used with option '--data <dir>'/u],
    ["a word too many", "ledger rotate now", /too many arguments/u],
  ])("refuse %s, with what to do", async (_, words, expected) => {
    said = "";
    await expect(commands().parseAsync(words.split(" "), { from: "user" })).rejects.toMatchObject({ exitCode: 1 });
    expect(said).toMatch(expected);
  });

  it.each(["audit ask 7", "audit sample --seed a -n 1", "audit export /nowhere/new"])(
    "refuse a period that ends first: %s",
    async (words) => {
      const asked = `${words} --from 2026-02-01 --to 2026-01-01`.split(" ");
      await expect(commands().parseAsync(asked, { from: "user" })).rejects.toMatchObject({ code: "bad-option" });
    },
  );
});
