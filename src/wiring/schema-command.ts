import { Argument, type Command } from "commander";
import { schemas } from "../cli/schemas.ts";
import type { Output } from "../cli/policy/test-command.ts";

/** `puppet-gate schema NAME`. */
export const addSchema = (schema: Command, { output }: { output: Output }): void => {
  schema.addArgument(new Argument("<name>", "which one").choices(Object.keys(schemas))).action((name: string) => {
    output.write(`${JSON.stringify(schemas[name]?.(), null, 2)}\n`);
  });
};
