import type { Catalog } from "../../../src/catalog/catalog.ts";
import { Taints } from "../../../src/catalog/taints.ts";
import type { CompileError, CompileOutcome } from "../../../src/engine/ports/compile.ts";
import type { NodeFacts } from "../../../src/engine/ports/nodes.ts";
import { traceOf } from "../../plan/world.ts";

/** Compiles as values. */

export const node = (certname: string): NodeFacts => ({
  certname,
  origin: "given",
  values: { os: "Debian" },
  trusted: { authenticated: "remote", certname, hostname: certname, domain: null, extensions: {}, external: {} },
});

const notify = (title: string, message: string): Catalog["resources"][number] => ({
  type: "Notify",
  title,
  key: title,
  parameters: new Map([["message", message]]),
  exported: false,
  source: null,
  kind: "native",
});

export const trace = traceOf({ manifests: ["base"] });

export interface Compiles {
  /** Titles and messages. */
  says?: Record<string, string>;
  classes?: readonly string[];
  impure?: readonly string[];
  secret?: string;
}

export function compiles(
  certname: string,
  { says = { greeting: "hello" }, classes = ["base"], impure = [], secret }: Compiles = {},
): CompileOutcome {
  const taints = new Taints();
  if (secret !== undefined) taints.add(secret);
  return {
    certname,
    ok: true,
    catalog: { certname, resources: Object.entries(says).map(([title, text]) => notify(title, text)), contains: [], classes: [...classes] },
    taints,
    reads: { facts: [["os"]], used: [], missing: [], collectors: [], trace: { ...trace, impure: [...impure] } },
  };
}

export const fails = (certname: string, code: CompileError["code"] = "compile"): CompileOutcome => ({
  certname,
  ok: false,
  error: { code, message: "no", path: null, line: null },
});
