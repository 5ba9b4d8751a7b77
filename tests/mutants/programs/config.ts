import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { planVariable, type Plan } from "../plan.ts";
import { weave } from "../weave.ts";

const plan = JSON.parse(readFileSync(process.env[planVariable] ?? "", "utf8")) as Plan;
const source = fileURLToPath(new URL("../../../src/", import.meta.url));
const byFile = Map.groupBy(plan.mutants, ({ file }) => file);

class InOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => plan.files.indexOf(relative(process.cwd(), moduleId));
    return files.toSorted((a, b) => place(a) - place(b));
  }
}

/** The sources with all their mutants woven in, and a runner that makes them real. */
export default defineConfig({
  plugins: [
    {
      name: "mutants",
      enforce: "pre",
      transform: (code, id) => {
        const own = byFile.get(relative(source, id));
        return own === undefined ? null : { code: weave(code, own), map: null };
      },
    },
  ],
  test: {
    include: [...plan.files],
    runner: fileURLToPath(new URL("./runner.ts", import.meta.url)),
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 1,
    // What it keeps of a module on the disk is found again by the module's own text, whatever was woven into it: the mutants of another plan.
    fsModuleCache: false,
    sequence: { sequencer: InOrder },
    bail: plan.mode === "live" ? 1 : 0,
    dangerouslyIgnoreUnhandledErrors: plan.mode === "try",
    reporters: [],
  },
});
