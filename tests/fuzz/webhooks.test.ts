import * as fc from "fast-check";
import { readEvent } from "../../src/github/inbound.ts";
import { Problem } from "../../src/problem.ts";
import { countInputs, fuzz } from "./harness.ts";
import { edited, edits, trickyJson, trickyName } from "./hostile.ts";
import { payloadsOf, sha } from "./payloads.ts";

/** A payload is one of our events, nothing, or a Problem that says so: whatever it is. */
countInputs("webhook payloads");

const payloads = payloadsOf({ installation: 5, repository: { id: 9, name: "control", owner: { login: "acme" } }, number: 7, head: sha });
const kinds = new Set([
  "change-touched",
  "branch-pushed",
  "head-touched",
  "recheck-asked",
  "repository-touched",
  "people-changed",
  "merge-group",
  "installation",
]);

const like = fc.tuple(fc.constantFrom(...payloads), edits).map(([[event, payload], all]) => ({ event, payload: edited(payload, all) }));
const any = fc.record({ event: fc.oneof(trickyName, fc.constantFrom(...payloads.map(([event]) => event))), payload: trickyJson });

fuzz(
  "a payload means an event of ours, nothing, or says what is wrong with it",
  fc.oneof({ weight: 5, arbitrary: like }, any),
  30_000,
  ({ event, payload }) => {
    const found = meaningOf(event, payload);
    if (found !== null) wellFormed(found);
  },
);

function meaningOf(event: string, payload: unknown): unknown {
  try {
    return readEvent(event, payload, 44);
  } catch (error) {
    if (error instanceof Problem && error.code === "webhook-payload") return null;
    throw error;
  }
}

/** What the rest of the product takes for granted. */
function wellFormed(found: unknown): void {
  const wrong = (what: string): never => {
    throw new Error(`${what} in ${JSON.stringify(found).slice(0, 500)}`);
  };
  if (typeof found !== "object" || found === null) return wrong("no event");
  const { kind, installation, repository, number, push, review, head, branch } = found as Record<string, unknown>;
  if (typeof kind !== "string" || !kinds.has(kind)) wrong("an unknown kind");
  if (!Number.isSafeInteger(installation)) wrong("an installation that is no number");
  if (repository !== undefined && !Number.isSafeInteger((repository as { id: unknown }).id)) wrong("a repository that is no number");
  if (number !== undefined && !Number.isSafeInteger(number)) wrong("a pull request that is no number");
  if (head !== undefined && (typeof head !== "string" || !/^[0-9a-f]{40,64}$/u.test(head))) wrong("a head that is no commit");
  if (branch !== undefined && typeof branch !== "string") wrong("a branch that is no text");
  for (const { at, submittedAt } of [push, review].filter(isRecord))
    for (const instant of [at, submittedAt])
      if (typeof instant === "string" && new Date(instant).toISOString() !== instant) wrong("an instant that is none");
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
