import { counted } from "./explain.ts";
import { clipped, list } from "./phrases.ts";
import type { Reason, RuleOutcome } from "./verdict.ts";

/** What is known of the modules that a Puppetfile names. */
export interface LookedModules {
  /** Modules that the Puppetfile names and neither the tree nor this machine has. */
  missingModules: readonly string[];
  /** True when the Puppetfile changes and not all that it names was resolved: modules were then compiled as they lie on disk, the same for both sides. */
  puppetfileChanged: boolean;
  /** Modules that were looked for where the Puppetfile names them and not had, with the way out. */
  refusedModules?: ReadonlyArray<{ name: string; text: string; hint: string; passing?: true }>;
  /** Modules whose line names no fixed content. */
  movingModules?: readonly string[];
  /** Modules with submodules, whose content is not fetched: where they are, and whether base's are others. */
  submodules?: ReadonlyArray<{ name: string; paths: readonly string[]; changed: boolean }>;
}

const reason = (outcome: RuleOutcome, text: string): Reason => ({ rule: "modules", outcome, text });

/** Whether all modules that a Puppetfile names were there to compile with. */
export function modulesReason(looked: LookedModules): Reason {
  const refused = looked.refusedModules ?? [];
  const [first] = refused;
  if (first !== undefined) {
    const more = refused.length > 1 ? ` (and ${counted(refused.length - 1, "more module")})` : "";
    const text = `${first.name} can't be had, so what it does is not known: ${first.text.replace(/\.$/u, "")}. ${first.hint}${more}`;
    return { ...reason("unknown", text), ...(refused.every(({ passing }) => passing === true) ? { passing: true } : {}) };
  }
  if (looked.puppetfileChanged) {
    return reason(
      "unknown",
      "the Puppetfile changes, and the modules it names were not resolved anew: both sides were compiled with the modules as they lie on disk",
    );
  }
  if (looked.missingModules.length > 0) {
    const names = looked.missingModules.slice(0, 5).join(", ");
    const more = looked.missingModules.length > 5 ? ` and ${looked.missingModules.length - 5} more` : "";
    return reason(
      "unknown",
      `the Puppetfile names ${names}${more}, not found in the module path: say under \`modules.sources\` in the policy where they may be fetched from, resolve them first (r10k puppetfile install), or give --modulepath`,
    );
  }
  const hidden = looked.submodules ?? [];
  const brought = hidden.filter(({ changed }) => changed);
  if (brought.length > 0) {
    const text = `submodules of modules are not fetched, and those of this change are others than base's: ${submodulesOf(brought)}. Vendor the module, or have what lies there made part of it`;
    return reason("unknown", text);
  }
  const unseen =
    hidden.length === 0 ? "" : `; submodules of modules are not fetched, and what lies in them is not seen: ${submodulesOf(hidden)}`;
  const moving = looked.movingModules ?? [];
  if (moving.length === 0) return reason("pass", `every module that is named is there${unseen}`);
  const names = `${moving.slice(0, 5).join(", ")}${moving.length > 5 ? ", …" : ""}`;
  return reason(
    "pass",
    `every module that is named is there${unseen}; ${names} ${moving.length === 1 ? "moves by itself" : "move by themselves"}: what lands later is what the branch has by then, so pin a commit or a tag`,
  );
}

/** `clock/files/data and lamp/lib`: enough to find them by. */
const submodulesOf = (hidden: NonNullable<LookedModules["submodules"]>): string =>
  list(
    hidden.flatMap(({ name, paths }) => paths.map((path) => clipped(`${name}/${path}`, 120))),
    5,
  );
