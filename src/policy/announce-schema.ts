import { z } from "zod";
import { name, owner } from "./atoms.ts";
import { type Fault, nameOf } from "./issues.ts";
import { nearest } from "./nearest.ts";
import type { PolicyFile } from "./schema.ts";
import type { Path, YamlSource } from "./yaml-source.ts";

/** Who hears of releases. Where those places are, and what opens them, is the site's (docs/announcements.md): a repository holds no secret. */

const events = ["start", "halt", "done"] as const;

export const announceSchema = z
  .array(
    z
      .strictObject({
        to: name.describe("Where it is told: a name from the site's own file of channels."),
        lanes: z.array(name).min(1).max(50).optional().describe("Only what happens in these lanes. Default: in any."),
        services: z
          .array(name)
          .min(1)
          .max(1000)
          .optional()
          .describe("Only releases that change nodes of these services, or failed on them. Default: of any."),
        owners: z.array(owner).min(1).max(1000).optional().describe("The same, of the services that these own: `@ann`, `@acme/web`."),
        events: z
          .array(z.enum(events))
          .min(1)
          .default([...events])
          .describe(
            "`start`: a release enters a lane. `halt`: a lane stands still, and what becomes of that. `done`: a release is through, with `lanes` through each of them.",
          ),
      })
      .describe("Something that is told somewhere."),
  )
  .max(200)
  .default([])
  .describe("Announcements of releases in chat channels. Default: none.");

export type AnnouncedEvent = (typeof events)[number];

/** What one channel hears. */
export interface Announce {
  /** As the site's file names it. */
  to: string;
  /** Null: all. */
  lanes: readonly string[] | null;
  /** Names of services; null where neither they nor owners narrow it. */
  services: readonly string[] | null;
  /** Of services, as people write them: `@acme/web`. */
  owners: readonly string[] | null;
  events: readonly AnnouncedEvent[];
}

export const toAnnounce = (file: z.output<typeof announceSchema>): Announce[] =>
  file.map(({ to, lanes, services, owners, events: told }) => ({
    to,
    lanes: lanes ?? null,
    services: services ?? null,
    owners: owners ?? null,
    events: told,
  }));

/** Names of nothing: such an entry would never be heard. A file that has no lanes or services may be an organisation's, about those of its repositories. */
export function announceFaults({ announce, lanes, services }: PolicyFile, source: YamlSource): Fault[] {
  const known = {
    lanes: lanes.map((lane) => lane.name),
    services: services.map((service) => service.name),
    owners: services.flatMap((service) => service.owners),
  };
  return announce.flatMap((entry, at) =>
    (["lanes", "services", "owners"] as const).flatMap((part) =>
      (part === "lanes" ? lanes : services).length === 0
        ? []
        : (entry[part] ?? []).flatMap((one, place) => nameless(["announce", at, part, place], one, known[part], source)),
    ),
  );
}

const what = { lanes: "no lane has that name", services: "no service has that name", owners: "owns no service" };

function nameless(path: Path, one: string, known: readonly string[], source: YamlSource): Fault[] {
  const part = path[2] as keyof typeof what;
  // Owners are GitHub's, which does not look at case.
  if (part === "owners" ? known.some((each) => each.toLowerCase() === one.toLowerCase()) : known.includes(one)) return [];
  const meant = nearest(one, known);
  const hint = meant === null ? `Take one of these: ${[...new Set(known)].join(", ")}.` : `Did you mean \`${meant}\`?`;
  return [{ ...source.valueAt(path), text: `${nameOf(path)} is "${one}", and ${part === "owners" ? "that " : ""}${what[part]}.`, hint }];
}
