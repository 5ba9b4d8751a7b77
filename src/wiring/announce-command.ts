import { resolve } from "node:path";
import type { Command } from "commander";
import type { Output } from "../cli/policy/test-command.ts";
import { Problem } from "../problem.ts";
import { interrupted } from "./interrupted.ts";

interface Wired {
  env: Readonly<Record<string, string | undefined>>;
  standing: () => string;
  output: Output;
}

/** `puppet-gate announce test`. */
export function addAnnounce(announce: Command, { env, standing, output }: Wired): void {
  announce
    .command("test")
    .description("say a test line in one of them, and tell step by step how that went")
    .requiredOption("--channel <name>", "which one, as the file names it")
    .option("--file <file>", "another file of channels")
    .addHelpText("after", "\nExit code: 0 it arrived, 1 it did not.")
    .action(async ({ channel, file }: { channel: string; file?: string }) => {
      const asked = file ?? env["PUPPET_GATE_ANNOUNCE"] ?? "";
      if (asked === "")
        throw new Problem({
          code: "no-channels",
          text: "No file of channels is named.",
          hint: "Set PUPPET_GATE_ANNOUNCE as for `serve`, or give --file.",
        });
      const { channelsOf } = await import("./channels.ts");
      const { announceTest } = await import("../cli/announce-command.ts");
      const channels = await channelsOf({ announce: resolve(standing(), asked) });
      try {
        process.exitCode = await announceTest(channels.all, channel, output, interrupted());
      } finally {
        await channels.close();
      }
    });
}
