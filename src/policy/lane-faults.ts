import { laneKind } from "./conditions.ts";
import { type Fault, nameOf } from "./issues.ts";
import { defaultEnvironment } from "./lanes-schema.ts";
import { conditionFaults } from "./rule-faults.ts";
import type { PolicyFile } from "./schema.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

const ways = ["certnames", "datacentres", "percent", "match"] as const;
const waysText = ways.map((way) => `\`${way}\``).join(", ");

/** What a schema can't say of lanes: that each names its nodes in one way, the last none, and no two share an environment. */
export function laneFaults({ lanes, compile }: PolicyFile, source: YamlSource): Fault[] {
  return [
    ...lanes.flatMap((lane, at) => memberFaults(lane.members, ["lanes", at], at === lanes.length - 1, source)),
    ...environmentFaults(lanes, compile.environment, source),
    ...percentFaults(lanes, source),
  ];
}

type LaneFile = PolicyFile["lanes"][number];

function memberFaults(members: LaneFile["members"], path: Path, isLast: boolean, source: YamlSource): Fault[] {
  const at = [...path, "members"];
  if (isLast) {
    if (members === undefined) return [];
    const hint = "Remove it, or put a lane without members behind it: a node that no lane has would never get a change.";
    return [{ ...source.keyAt(at), text: `${nameOf(at)} narrows the last lane, which has all nodes that no other has.`, hint }];
  }
  if (members === undefined) {
    const text = `${nameOf(path)} has no members, and only the last lane has what is left.`;
    return [{ ...source.valueAt(path), text, hint: `Give it \`members\` with one of ${waysText}.` }];
  }
  const said = ways.filter((way) => members[way] !== undefined);
  if (said.length !== 1) {
    const says = said.length === 0 ? "says nothing" : `says ${said.map((way) => `\`${way}\``).join(" and ")} side by side`;
    return [
      {
        ...source.keyAt(at),
        text: `${nameOf(at)} ${says}; expected exactly one of ${waysText}.`,
        hint: "Keep one; make two lanes of two.",
      },
    ];
  }
  if (members.match === undefined) return [];
  const hint = "It may read `certname`, `trusted` and `enc`, which no agent can invent, and must give a bool.";
  return conditionFaults([...at, "match"], members.match, laneKind, hint, source);
}

function environmentFaults(lanes: readonly LaneFile[], production: string, source: YamlSource): Fault[] {
  const seen = new Map<string, string>();
  return lanes.flatMap(({ name, environment }, at) => {
    const own = environment ?? defaultEnvironment(name, production, at === lanes.length - 1);
    const first = seen.get(own);
    seen.set(own, first ?? name);
    if (first === undefined) return [];
    const path = ["lanes", at];
    const text = `${nameOf(path)} has the environment "${own}", which the lane "${first}" has already.`;
    return [{ ...source.valueAt(path), text, hint: "Give each an `environment` of its own: it is the branch that its nodes get." }];
  });
}

function percentFaults(lanes: readonly LaneFile[], source: YamlSource): Fault[] {
  const shares = lanes.flatMap(({ members }, at) => (members?.percent === undefined ? [] : [{ at, share: members.percent }]));
  const sum = shares.reduce((total, { share }) => total + share, 0);
  const last = shares.at(-1);
  if (last === undefined || sum < 100) return [];
  const path = ["lanes", last.at, "members", "percent"];
  const text = `${nameOf(path)} makes ${sum} percent of all lanes together, which leaves nothing for the last one.`;
  return [{ ...source.valueAt(path), text, hint: "Let them sum to less than 100." }];
}
