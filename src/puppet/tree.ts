import type { EnvironmentLayout } from "../engine/ports/environment.ts";
import { Problem } from "../problem.ts";
import { codeFolder } from "./code-folder.ts";
import type { Sandbox } from "./sandbox.ts";

/** A tree in its sandbox: what compile, syntax and lint work on. */
export interface SandboxedTree {
  sandbox: Sandbox;
  /** The folder of the sandbox where the tree is, the same for both sides of a comparison. */
  root: string;
  layout: EnvironmentLayout;
}

/**
 * Where a tree is in the sandbox: where a Puppet server has it too, since control repos name this path in hiera.yaml and in Ruby.
 * Throws a Problem for a name that Puppet takes for no environment (and that could lead elsewhere).
 */
export function environmentFolder(name: string): string {
  if (/^\w+$/.test(name)) return `${codeFolder}/environments/${name}`;
  throw new Problem({
    code: "environment-name",
    text: `${JSON.stringify(name)} is no name of a Puppet environment.`,
    hint: "Use letters, digits and underscores.",
  });
}
