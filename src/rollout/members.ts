import { createHash } from "node:crypto";
import { evaluateCondition } from "../policy/cel.ts";
import { laneKind } from "../policy/conditions.ts";
import { matchesGlob } from "../policy/glob.ts";
import { type Known, known } from "../policy/known.ts";
import type { Lane } from "../policy/lanes-schema.ts";
import { type NodeToPlace, trustedInputs } from "../policy/services.ts";

/** A node, with what decides its lane. */
export interface Member extends NodeToPlace {
  /** As `radius.datacentre` places it; null where it has none. */
  datacentre: Known<string | null>;
  services: Known<readonly string[]>;
}

/** Who is in a lane, sorted. */
export interface Seated {
  lane: Lane;
  certnames: readonly string[];
}

/** Why nothing may move: whom it is about, and what to do. */
export interface SeatFault {
  lane: string | null;
  certname: string | null;
  text: string;
  hint: string;
}

/**
 * Which node is in which lane. Certnames, datacentres and conditions name their nodes; of those that nobody names a share goes by the bucket of its
 * certname; the last lane has the rest. A node that two lanes name, one whose lane is not known, and a lane without a node are faults.
 * `buckets`: those that nodes had when they were seen first, so that nobody changes lanes when the way of counting does.
 */
export function seat(
  lanes: readonly Lane[],
  nodes: readonly Member[],
  buckets: ReadonlyMap<string, number> = new Map(),
): { seated: readonly Seated[]; faults: readonly SeatFault[] } {
  const places = new Map(lanes.map((lane) => [lane.name, [] as string[]]));
  const faults: SeatFault[] = [];
  for (const node of nodes) {
    const found = laneOf(lanes, node, buckets);
    if ("lane" in found) places.get(found.lane)?.push(node.certname);
    else faults.push(found.fault);
  }
  const seated = lanes.map((lane) => ({ lane, certnames: (places.get(lane.name) ?? []).sort() }));
  for (const { lane, certnames } of seated) {
    if (certnames.length > 0) continue;
    const text = `the lane ${lane.name} has no node`;
    faults.push({
      lane: lane.name,
      certname: null,
      text,
      hint: "Mend its members, or remove it: a release that nobody runs proves nothing.",
    });
  }
  return { seated, faults };
}

function laneOf(lanes: readonly Lane[], node: Member, buckets: ReadonlyMap<string, number>): { lane: string } | { fault: SeatFault } {
  const { certname } = node;
  const naming: string[] = [];
  // Who names a node by its certname knows: what others could say of it only counts where it is known.
  const isWritten = lanes.some(({ members }) => members !== "rest" && "certnames" in members && hasName(members.certnames, certname));
  for (const lane of lanes) {
    const named = isNamed(lane, node);
    if (!named.known) {
      if (isWritten) continue;
      const text = `whether ${certname} is in the lane ${lane.name} is not known: ${named.reason}`;
      const hint = "Give the node facts with their trusted data, or name it by its certname.";
      return { fault: { lane: lane.name, certname, text, hint } };
    }
    if (named.value) naming.push(lane.name);
  }
  const [first, second] = naming;
  if (second !== undefined) {
    const text = `the lanes ${naming.join(" and ")} both have ${certname}`;
    return { fault: { lane: second, certname, text, hint: "Let exactly one of them name it: it can have one environment only." } };
  }
  return { lane: first ?? shareOf(lanes, buckets.get(certname) ?? bucketOf(certname)) };
}

function isNamed({ members }: Lane, node: Member): Known<boolean> {
  if (members === "rest" || "percent" in members) return known(false);
  if ("certnames" in members) return known(hasName(members.certnames, node.certname));
  if ("datacentres" in members) {
    const { datacentre } = node;
    return datacentre.known ? known(datacentre.value !== null && members.datacentres.includes(datacentre.value)) : datacentre;
  }
  const result = evaluateCondition(members.match, laneKind, trustedInputs(node));
  if (result === "missing") return known(false);
  return result.known ? known(result.value === true) : result;
}

const hasName = (patterns: readonly string[], certname: string): boolean => patterns.some((pattern) => matchesGlob(certname, pattern));

const buckets = 10_000;

/** The lane whose share of the buckets has this one; shares lie side by side in the lanes' order. */
function shareOf(lanes: readonly Lane[], bucket: number): string {
  let upTo = 0;
  for (const { name, members } of lanes) {
    if (members === "rest") return name;
    if (!("percent" in members)) continue;
    upTo += Math.round(members.percent * (buckets / 100));
    if (bucket < upTo) return name;
  }
  throw new Error("lanes without a last one that has the rest came past the policy's door");
}

/**
 * A node's place among 10,000, by its certname alone: the first 64 bits of the SHA-256 of a salt, a zero byte and the certname. A fleet
 * that grows moves nobody.
 */
export function bucketOf(certname: string): number {
  const digest = createHash("sha256").update(`puppet-gate lanes\0${certname}`).digest();
  return Number(digest.readBigUInt64BE(0) % BigInt(buckets));
}
