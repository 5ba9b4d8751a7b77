import type { Command } from "commander";
import { variables } from "../config.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** `puppet-gate serve`. */
export function addServe(serve: Command, { env, standing }: { env: Environment; standing: () => string }): void {
  serve.addHelpText("after", serveHelp()).action(async () => {
    // Probot takes 0.3 s to load, which help has no use for.
    const { serve: run } = await import("../main.ts");
    await run(env, standing());
  });
}

/** What `serve` reads from the environment, as `config.ts` has it. */
function serveHelp(): string {
  const widest = Math.max(...Object.keys(variables).map((name) => name.length));
  return `\nIt reads these variables of the environment:\n${Object.entries(variables)
    .map(([name, meaning]) => `  ${name.padEnd(widest)}  ${meaning}`)
    .join("\n")}`;
}
