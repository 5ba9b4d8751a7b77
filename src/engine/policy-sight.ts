import type { Forge } from "./ports/forge.ts";
import type { Log } from "./ports/log.ts";

export interface PolicySightPorts {
  forge: Pick<Forge, "organisationsUnseen">;
  /** As `ORGANISATION_POLICY` says. */
  mode: "auto" | "none" | "required";
  log: Log;
}

/**
 * Warns, once for each, of organisations that may have a policy which this gate can't see. One that was never seen is not missed, so that
 * nothing but this tells of it.
 */
export function createPolicySight({ forge, mode, log }: PolicySightPorts): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    if (mode === "none") return;
    for (const organisation of await forge.organisationsUnseen()) {
      if (told.has(organisation)) continue;
      told.add(organisation);
      log.warn(
        { organisation },
        `whether ${organisation} has a policy for all its repositories can't be told: the App may see chosen ones alone, and not ${organisation}/.github. ` +
          `Install it there too; or start the gate with ORGANISATION_POLICY=none where there is none, or =required so that nothing lands without it`,
      );
    }
  };
}
