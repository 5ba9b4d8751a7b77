import type { Event } from "../rollout/effects.ts";
import type { StageVerdict, Trouble } from "../rollout/stage-verdict.ts";
import type { Halt } from "../rollout/state.ts";
import { field } from "./escape.ts";

/** All words about a release that GitHub shows as they are: descriptions of deployments. */

/** GitHub takes no longer ones. */
const longest = 140;

/** What one of a lane's deployments says after an event; null for one that changes nothing about it. */
export interface Status {
  state: "queued" | "in_progress" | "success" | "failure" | "inactive";
  description: string;
}

export function statusAfter(event: Event): Status | null {
  const said = saidOf(event);
  return said === null ? null : { ...said, description: field(said.description, longest) };
}

function saidOf(event: Event): Status | null {
  switch (event.kind) {
    case "entered":
      return {
        state: "queued",
        description: event.let === null ? "It enters the lane" : `It enters the lane on the word of ${event.let.name}`,
      };
    case "returning":
      return {
        state: "queued",
        description: `The lane goes back to it${event.by === null ? ", as the policy says" : ` on the word of ${event.by.name}`}`,
      };
    case "moved":
      return { state: "in_progress", description: "The branch is there, and the compilers deploy it" };
    case "ready":
      return { state: "in_progress", description: "Every compiler serves it, and the agents' runs are watched" };
    case "resumed":
      return event.lane === null
        ? null
        : { state: "in_progress", description: `It goes on${event.by === null ? "" : ` on the word of ${event.by.name}`}` };
    case "passed":
      return { state: "success", description: goodOf(event.verdict) };
    case "returned":
      return { state: "success", description: "The lane is back at what was good in it" };
    case "promoted":
      return { state: "success", description: `Taken for good on the word of ${event.by.name}: ${event.reason}` };
    case "halted":
      return { state: "failure", description: `The lane stands still: ${haltBrief(event.halt.why)}` };
    case "superseded":
      return { state: "inactive", description: `${event.by.slice(0, 10)} takes its place` };
    // What is about no release in a lane, or changes nothing about it.
    case "let-in":
    case "quarantined":
    case "unquarantined":
    case "paused":
    case "done":
    default:
      return null;
  }
}

/** Of one that was the lane's until another was. */
export const replaced = (by: string): string => `The lane has ${by.slice(0, 10)} now`;

function goodOf(verdict: StageVerdict): string {
  if (verdict.kind === "passed" && verdict.unchanged === true) return "It changes no node of the lane: there is nothing to watch";
  const nodes = Object.values(verdict.counts).reduce((sum, count) => sum + count, 0);
  return nodes === 0 ? "Found good" : `Found good: ${verdict.counts.pass ?? 0} of ${nodesText(nodes)} ran it well`;
}

const nodesText = (count: number): string => `${count} ${count === 1 ? "node" : "nodes"}`;

/** Why a lane stands still, as the rest of a sentence. */
export function haltBrief(why: Halt["why"]): string {
  switch (why.kind) {
    case "verdict":
      return verdictBrief(why.verdict);
    case "moved-elsewhere":
      return `somebody else ${why.tip === null ? "deleted its branch" : `moved its branch to ${why.tip.slice(0, 10)}`}`;
    case "modules-differ":
      return `compilers serve other modules than in ${why.than}: ${why.modules.map(({ name }) => name).join(", ")}`;
    case "off-the-line":
      return `the base branch does not lead to ${why.commit.slice(0, 10)} any more`;
    case "not-in-policy":
      return "the policy has no such lane any more";
    case "person":
    default:
      return `${why.by.name} stopped it: ${why.reason}`;
  }
}

function verdictBrief(verdict: StageVerdict): string {
  if (verdict.kind === "failed") return verdict.troubles.map(troubleBrief).join("; ");
  return "neither good nor bad at its deadline";
}

const troubleWords: Readonly<Record<Trouble["kind"], (nodes: string, what: string) => string>> = {
  "compile-failed": (nodes) => `${nodes} got no catalog of it`,
  "touched-failed": (nodes, what) => `${what} failed on ${nodes}, and the release changes it`,
  "newly-failed": (nodes, what) => `${what} failed on ${nodes}, and did not before`,
  "unexpected-change": (nodes, what) => `${what} changed on ${nodes}, and the release does not change it`,
  "newly-silent": (nodes) => `${nodes} fell silent`,
  "catalog-differs": (nodes, what) => `${nodes} got another catalog than the release was looked at by: ${what}`,
};

export function troubleBrief({ kind, certnames, resources }: Trouble): string {
  const nodes = nodesText(certnames.length);
  const [first = "something"] = resources;
  return troubleWords[kind](nodes, resources.length > 1 ? `${first} and ${resources.length - 1} more` : first);
}
