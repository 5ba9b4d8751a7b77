import { z } from "zod";
import { glob, owner, name, team, user, words } from "./atoms.ts";
import { withoutAt } from "./requirement-schema.ts";
import type { BreakGlass, Freeze } from "./requirement.ts";

/** What stands around the rules, as people write it: freezes, break-glass, nodes that are broken already. */

const moment = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})$/u,
    "a moment with its offset, like `2026-12-20T00:00:00+01:00` (RFC 3339)",
  );
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u, "a day, like `2027-01-31`");
const clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/u, "a time of day, like `15:00`");
const clockEnd = z.string().regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/u, "a time of day, like `15:00`, or `24:00`");

const weeklySchema = z.strictObject({
  days: z
    .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .min(1)
    .max(7)
    .describe("On these days, each by itself."),
  from: clock.describe("From this time of the day."),
  to: clockEnd.describe("Up to this time of the same day; `24:00` is its end."),
  timezone: z.string().min(1).max(100).describe("Where these times are shown by the clock, like `Europe/Stockholm` (IANA)."),
});

export const freezeSchema = z
  .strictObject({
    name: name.describe("The freeze's name, as verdicts quote it."),
    reason: words.describe("Why, as a sentence for whoever wants to land something then."),
    binding: z.boolean().default(false).describe("Whether nothing lands then. Default: it is advice, and everybody is told."),
    from: moment.optional().describe("Its beginning, with `to`: for a freeze that comes once."),
    to: moment.optional().describe("Its end, past the last moment of it."),
    weekly: weeklySchema.optional().describe("For a freeze that comes every week, instead of `from` and `to`."),
  })
  .meta({
    oneOf: [{ required: ["from", "to"] }, { required: ["weekly"] }],
    description: "Days and hours in which nothing should land.",
  });

export type FreezeFile = z.output<typeof freezeSchema>;

/** That it has either `weekly` or both ends, `freeze-faults.ts` has seen to. */
export function toFreeze({ name, reason, binding, from, to, weekly }: FreezeFile): Freeze {
  if (weekly !== undefined) return { name, reason, binding, when: weekly };
  if (from === undefined || to === undefined) throw new Error("a freeze without an end came past the policy's door");
  return { name, reason, binding, when: { from, to } };
}

export const breakGlassSchema = z
  .strictObject({
    users: z.array(user).max(100).default([]).describe("Logins."),
    teams: z.array(team).max(100).default([]).describe("Teams with their organisation, like `acme/oncall`."),
    hours: z.int().min(1).max(72).default(4).describe("How long one `/break-glass` holds."),
  })
  .describe("Who may land without the review that is asked for, and owes one then. Default, and where it names nobody: nobody may.");

export function toBreakGlass(file: z.output<typeof breakGlassSchema> | undefined): BreakGlass | null {
  if (file === undefined || (file.users.length === 0 && file.teams.length === 0)) return null;
  return { users: file.users.map(withoutAt), teams: file.teams.map(withoutAt), hours: file.hours };
}

export const nodeDebtSchema = z
  .strictObject({
    nodes: z.array(glob).min(1).max(200).describe("Certnames, as patterns."),
    owner: owner.describe("Who mends them: `@ann` or `@acme/web`."),
    until: day.describe("The last day on which they are excused, in UTC."),
    reason: words.describe("Why they are broken."),
  })
  .describe("Nodes that do not compile or can't be analysed on base already, and whose that is.");
