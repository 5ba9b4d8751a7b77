import type { Initiated, Step } from "../../engine/ports/lanes.ts";
import type { Output } from "../policy/test-command.ts";
import { renderInit, stepText, type Told } from "./words.ts";

/** `puppet-gate init lanes`: tells each step as it is done, then the rest; 0 where nothing was refused, else 1. */
export async function initCommand(
  run: (onStep: (step: Step) => void) => Promise<Initiated>,
  told: Told & { json: boolean },
  { write, paint }: Output,
): Promise<0 | 1> {
  let count = 0;
  const result = await run((step) => {
    count += 1;
    if (!told.json) write(`${paint("green", "done")}  ${count}. ${stepText(step)}\n`);
  });
  if (told.json)
    write(`${JSON.stringify({ schema: "puppet-gate/init-lanes@1", dryRun: told.isDry, undo: told.isUndo, ...result }, null, 2)}\n`);
  else write(`${count > 0 ? "\n" : ""}${renderInit(result, told, paint)}`);
  return result.refused.length === 0 ? 0 : 1;
}
