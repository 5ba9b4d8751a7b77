import type { EffectGroup, Radius } from "../effects.ts";
import { refOf, slug, type Written } from "./compose.ts";

/** A draft: what would have stopped a change that went wrong, and how much it should weigh. */
export interface Draft extends Written {
  /** `block` where a value is known that must not come again; else somebody is asked. */
  severity: "block" | "approval";
}

const text = JSON.stringify;
/** A longer value is no value to look for. */
const longest = 200;

/**
 * The expectation that would have caught a change, by what its report says it did to the resource that failed on the fleet. Where it set an attribute to a value: that value
 * is not to come again, and what happened is the example that fails. Where the values can't be shown, or the resource came or went, or only restarted: such a
 * change is to be seen by somebody. Null where the change did nothing to it. Throws a Problem for what is no reference.
 */
export function draftOf(
  resource: string,
  { groups, radius }: { groups: readonly EffectGroup[]; radius: Pick<Radius, "restarts"> },
): Draft | null {
  const { type, title, ref } = refOf({ resource });
  const own = groups.filter(
    (group) => group.type === type && group.title === title && (group.kind === "system" || group.kind === "secret"),
  );
  const told = own.find(({ attribute, before, after }) => attribute !== null && isShort(after) && (before === null || isShort(before)));
  if (told !== undefined && told.attribute !== null && told.kind === "system")
    return valueDraft({ type, title, ref }, told.attribute, told);
  if (own.length > 0) return touchDraft({ type, title, ref });
  const restarts = radius.restarts.some((restart) => restart.type === type && restart.title === title);
  return restarts ? restartDraft({ type, title, ref }) : null;
}

interface Ref {
  type: string;
  title: string;
  ref: string;
}

const isShort = (value: unknown): value is string | number | boolean =>
  (typeof value === "string" && value.length <= longest) || typeof value === "number" || typeof value === "boolean";

function valueDraft({ type, title, ref }: Ref, attribute: string, { before, after }: EffectGroup): Draft {
  const bad = isShort(after) ? String(after) : "";
  return {
    name: slug(type, title, attribute, "not as it failed"),
    severity: "block",
    expect: { catalog: `catalog.text(${text(type)}, ${text(title)}, ${text(attribute)}) != ${text(bad)}` },
    examples: {
      pass: [{ name: "as it was before", catalog: { [ref]: before === null ? {} : { [attribute]: before } } }],
      fail: [{ name: "as it failed on the fleet", catalog: { [ref]: { [attribute]: after } } }],
    },
  };
}

const other = { "File[/etc/motd]": { content: "one" } };

function touchDraft({ type, title, ref }: Ref): Draft {
  return {
    name: slug(type, title, "is looked at"),
    severity: "approval",
    expect: { change: `!changes.exists(c, c.ref == ${text(ref)})` },
    examples: {
      pass: [{ name: "something else changes", before: other, after: { "File[/etc/motd]": { content: "two" } } }],
      fail: [
        {
          name: "it changes, as it did when it failed",
          before: { ...other, [ref]: { tagged: "one" } },
          after: { ...other, [ref]: { tagged: "two" } },
        },
      ],
    },
  };
}

function restartDraft({ type, title, ref }: Ref): Draft {
  const file = (content: string): object => ({ [ref]: { ensure: "running", subscribe: "File[/etc/a]" }, "File[/etc/a]": { content } });
  return {
    name: slug(type, title, "restart is looked at"),
    severity: "approval",
    expect: { change: `!(${text(ref)} in restarts)` },
    examples: {
      pass: [{ name: "something else changes", before: other, after: { "File[/etc/motd]": { content: "two" } } }],
      fail: [{ name: "it restarts, as it did when it failed", before: file("one"), after: file("two") }],
    },
  };
}
