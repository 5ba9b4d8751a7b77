import { evaluateCondition, readsOf } from "./cel.ts";
import { whenKind } from "./conditions.ts";
import { type FindingFields, FindingInput, type GroupFields, GroupInput, RestartInput } from "./inputs.ts";
import { type Known, known, unknown } from "./known.ts";
import type { Meter } from "./meter.ts";

/** What a rule's `when` is judged by. The report's radius, groups and findings fit as they are. */
export interface ChangeInput {
  change: {
    /** The opener's login. */
    author: Known<string>;
    labels: Known<readonly string[]>;
    paths: Known<readonly string[]>;
    /** The target branch. */
    base: Known<string>;
    fork: Known<boolean>;
    /** What becomes of the policy by it: `same`, `tightens` or `loosens`. */
    policy: Known<string>;
    /** Of the paths, the links and the files whose mode changes. */
    links: Known<readonly string[]>;
  };
  radius: Known<RadiusFields>;
  /** Why parts of the radius are not known, where they are not. */
  unplaced?: { services?: string | undefined; datacentres?: string | undefined; restarts?: string | undefined };
  groups: Known<readonly GroupFields[]>;
  findings: Known<readonly FindingFields[]>;
}

interface RadiusFields {
  nodes: number;
  share: number;
  services: readonly string[];
  datacentres: readonly string[];
  restarts: ReadonlyArray<{ type: string; title: string; nodes: number; cause: string }>;
  size: string;
}

/** Whether a rule applies to a change, or what it requires holds. Unknown if its condition reads anything unknown, fails, or takes too many steps. */
export function evaluateWhen(condition: string, input: ChangeInput, meter?: Meter): Known<boolean> {
  const result = evaluateCondition(condition, whenKind, inputsOf(input), meter);
  if (result === "missing") return unknown(`the condition \`${condition}\` reads something that is not there`);
  return result.known ? known(result.value === true) : result;
}

/** What a condition reads of a change, by name: `radius.share` and its value. */
export function valuesOf(condition: string, input: ChangeInput): Array<{ name: string; value: Known<unknown> }> {
  const inputs = inputsOf(input);
  return readsOf(condition, whenKind).map((name) => {
    const [variable = "", field = ""] = name.split(".");
    const part = inputs.get(name);
    const whole = inputs.get(variable);
    if (part !== undefined) return { name, value: part };
    if (whole === undefined || !whole.known) return { name, value: whole ?? unknown("it is read as a whole") };
    return { name, value: known(field === "" ? whole.value : Reflect.get(whole.value as object, field)) };
  });
}

const inputsOf = ({ change, radius, unplaced = {}, groups, findings }: ChangeInput): Map<string, Known<unknown>> =>
  new Map<string, Known<unknown>>([
    ["change.author", change.author],
    ["change.labels", change.labels],
    ["change.paths", change.paths],
    ["change.base", change.base],
    ["change.fork", change.fork],
    ["change.policy", change.policy],
    ["change.links", change.links],
    ...radiusInputs(radius, unplaced),
    ["groups", map(groups, groupInputs)],
    ["findings", map(findings, findingInputs)],
  ]);

/** A policy has many conditions, and some are asked once for each path: what they read is made once. */
function once<From extends object, To>(make: (from: From) => To): (from: From) => To {
  const made = new WeakMap<From, { to: To }>();
  return (from) => {
    const is = made.get(from) ?? { to: make(from) };
    made.set(from, is);
    return is.to;
  };
}

const groupInputs = once((all: readonly GroupFields[]) => all.map((group) => new GroupInput(group)));
const findingInputs = once((all: readonly FindingFields[]) => all.map((finding) => new FindingInput(finding)));

/** Field by field, because some may be unknown by themselves. */
function radiusInputs(
  radius: ChangeInput["radius"],
  unplaced: Readonly<Record<string, string | undefined>>,
): Array<[string, Known<unknown>]> {
  if (!radius.known) return [["radius", radius]];
  return Object.entries(toRadius(radius.value)).map(([field, value]) => {
    const why = unplaced[field];
    return [`radius.${field}`, why === undefined ? known(value) : unknown(why)];
  });
}

const map = <T>(input: Known<T>, change: (value: T) => unknown): Known<unknown> => (input.known ? known(change(input.value)) : input);

const toRadius = (radius: RadiusFields): Record<keyof RadiusFields, unknown> => ({
  nodes: BigInt(radius.nodes),
  share: radius.share,
  services: radius.services,
  datacentres: radius.datacentres,
  restarts: radius.restarts.map((restart) => new RestartInput(restart)),
  size: radius.size,
});
