import { createHash } from "node:crypto";
import type { EffectGroup, Radius } from "../effects.ts";
import { refOf, slug, type Written } from "./compose.ts";
import { isSecretive } from "./view.ts";

/** A draft: what would have stopped a change that went wrong, and how much it should weigh. */
export interface Draft extends Written {
  /** `block` where a value is known that must not come again; else somebody is asked. */
  severity: "block" | "approval";
}

/** What a report says that its change does. */
export interface Done {
  groups: readonly EffectGroup[];
  radius: Pick<Radius, "restarts">;
}

const text = JSON.stringify;
/** A longer value is no value to look for. */
const longest = 200;

/**
 * The expectation that would have caught a change, by what its report says it did to the resource that failed on the fleet. Where it set an attribute to a value: that value
 * is not to come again, and what happened is the example that fails. Where the values can't be shown, or the resource came or went, or only restarted: such a
 * change is to be seen by somebody. Null where the change did nothing to it. `happened` names the example that fails. Throws a Problem for what is no reference.
 */
export function draftOf(resource: string, { groups, radius }: Done, happened = "as it failed on the fleet"): Draft | null {
  const { type, title, ref } = refOf({ resource });
  const own = groups.filter((group) => group.type === type && group.title === title && isEffect(group));
  const told = own.find(isValue);
  if (told !== undefined) return valueDraft({ type, title, ref }, told, happened);
  const [first] = own;
  if (first !== undefined) return touchDraft({ type, title, ref }, own.find(({ attribute }) => attribute !== null) ?? first, happened);
  const restart = radius.restarts.find((one) => one.type === type && one.title === title);
  return restart === undefined ? null : restartDraft({ type, title, ref }, restart.cause, happened);
}

/** More than these nobody reads. */
const mostNamed = 10;

/**
 * Resources that a change does something to, where nothing tells which of them went wrong: those first that deserve a second look anyway, then those whose value can be
 * named, then those on most nodes.
 */
export function weightiest({ groups, radius }: Done): string[] {
  const rows = new Map<string, { concerns: number; value: number; nodes: number }>();
  for (const group of groups.filter(isEffect)) {
    const ref = `${group.type}[${group.title}]`;
    const row = rows.get(ref) ?? { concerns: 0, value: 0, nodes: 0 };
    rows.set(ref, {
      concerns: Math.max(row.concerns, group.concerns?.length ?? 0),
      value: Math.max(row.value, isValue(group) ? 1 : 0),
      nodes: Math.max(row.nodes, group.nodes.length),
    });
  }
  const sorted = [...rows].sort(([, a], [, b]) => b.concerns - a.concerns || b.value - a.value || b.nodes - a.nodes).map(([ref]) => ref);
  const restarts = radius.restarts.map(({ type, title }) => `${type}[${title}]`).filter((ref) => !rows.has(ref));
  return [...sorted, ...restarts].slice(0, mostNamed);
}

interface Ref {
  type: string;
  title: string;
  ref: string;
}

const isEffect = ({ kind }: EffectGroup): boolean => kind === "system" || kind === "secret";

const isShort = (value: unknown): value is string | number | boolean =>
  (typeof value === "string" && value.length <= longest) || typeof value === "number" || typeof value === "boolean";

/** Whether an attribute got a value that can be named: it is no secret, and by its name none that nobody marked. */
const isValue = ({ kind, attribute, before, after }: EffectGroup): boolean =>
  kind === "system" && attribute !== null && !isSecretive(attribute) && isShort(after) && (before === null || isShort(before));

function valueDraft({ type, title, ref }: Ref, { attribute, before, after }: EffectGroup, happened: string): Draft {
  const bad = isShort(after) ? String(after) : "";
  const name = attribute ?? "";
  return {
    name: slug(type, title, name, "not as it failed"),
    severity: "block",
    expect: { catalog: `catalog.text(${text(type)}, ${text(title)}, ${text(name)}) != ${text(bad)}` },
    examples: {
      pass: [{ name: "as it was before", catalog: { [ref]: before === null ? {} : { [name]: before } } }],
      fail: [{ name: happened, catalog: { [ref]: { [name]: after } } }],
    },
  };
}

const other = { "File[/etc/motd]": { content: "one" } };
const otherChanged = { name: "something else changes", before: other, after: { "File[/etc/motd]": { content: "two" } } };

function touchDraft({ type, title, ref }: Ref, group: EffectGroup, happened: string): Draft {
  const { before, after } = sidesOf(ref, group);
  return {
    name: slug(type, title, "is looked at"),
    severity: "approval",
    expect: { change: `!changes.exists(c, c.ref == ${text(ref)})` },
    examples: {
      pass: [otherChanged],
      fail: [{ name: happened, before: { ...other, ...before }, after: { ...other, ...after } }],
    },
  };
}

/** The resource before and after, with what of its values can be named. */
function sidesOf(ref: string, { attribute, change, kind, before, after }: EffectGroup): { before: object; after: object } {
  if (attribute === null && change === "added") return { before: {}, after: { [ref]: attributesOf(after) } };
  if (attribute === null && change === "removed") return { before: { [ref]: attributesOf(before) }, after: {} };
  if (attribute === null || change === "renamed") return { before: { [ref]: { tagged: "one" } }, after: { [ref]: { tagged: "two" } } };
  const [was, is] =
    kind === "secret" || isSecretive(attribute) ? [{ $secret: "before" }, { $secret: "after" }] : [nameable(before), nameable(after)];
  const side = (value: unknown): object => ({ [ref]: value === null ? {} : { [attribute]: value } });
  return { before: side(was), after: side(is) };
}

/** A few of a resource's attributes, as far as they can be named. */
const attributesOf = (value: unknown): object =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? {}
    : Object.fromEntries(
        Object.entries(value)
          .filter(([name, each]) => isShort(each) && !isSecretive(name))
          .slice(0, 5),
      );

/** A value, or what tells it from others. */
function nameable(value: unknown): unknown {
  if (value === null || isShort(value)) return value;
  const whole = typeof value === "string" ? value : text(value);
  return `${whole.length} characters, sha256 ${createHash("sha256").update(whole, "utf8").digest("hex").slice(0, 16)}`;
}

function restartDraft({ type, title, ref }: Ref, cause: string, happened: string): Draft {
  const [file = "File[/etc/a]"] = /^File\[[^\]]+\]/u.exec(cause) ?? [];
  const side = (content: string): object => ({ [ref]: { ensure: "running", subscribe: file }, [file]: { content } });
  return {
    name: slug(type, title, "restart is looked at"),
    severity: "approval",
    expect: { change: `!(${text(ref)} in restarts)` },
    examples: {
      pass: [otherChanged],
      fail: [{ name: happened, before: side("one"), after: side("two") }],
    },
  };
}
