import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Binary, type Catalog, Deferred, type Resource, Secret, type Value } from "../../src/catalog/catalog.ts";
import type { Change } from "../../src/catalog/change.ts";
import { isAbsent } from "../../src/catalog/attributes.ts";
import { diffCatalogs } from "../../src/catalog/diff.ts";
import { toEffectGroups } from "../../src/catalog/groups.ts";
import { groupSchema } from "../../src/catalog/effects.ts";
import { resource } from "./build.ts";

/** Names come from a few, so that two catalogs have much in common, and references and keys meet. */
const name = fc.constantFrom("a", "b", "c", "/d", "d/");
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<Value>(null, true, 1, "1", "true", "absent", "0644", "644", "File[a]"),
    fc.constantFrom("1", "2").map((digest) => new Secret(digest)),
    fc.constantFrom("1", "2").map((digest) => new Binary(digest, 3)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(tie("value"), { maxLength: 2 }).map((args) => new Deferred("f", args)),
    fc.dictionary(name, tie("value"), { maxKeys: 3 }),
  ),
}));
const attribute = fc.constantFrom("ensure", "mode", "groups", "path", "name", "require", "notify", "tag", "alias", "content");
const anyResource: fc.Arbitrary<Resource> = fc
  .record({
    type: fc.constantFrom("File", "User", "Exec", "Class", "My::Thing"),
    title: name,
    key: fc.option(name),
    parameters: fc.dictionary(attribute, value, { maxKeys: 4 }),
    exported: fc.constantFrom(false, false, false, true),
  })
  .map(({ type, title, key, parameters, exported }) =>
    resource([`${type}[${title}]`, parameters, key === null ? { exported } : { key, exported }]),
  );
const anyCatalog: fc.Arbitrary<Catalog> = fc
  .uniqueArray(anyResource, { maxLength: 8, selector: ({ type, title }) => `${type}[${title}]` })
  .map((resources) => ({ certname: "web1", resources, contains: [], classes: [] }));

const mirrored = ({ change, before, after, ...rest }: Change): Change => ({
  ...rest,
  change: change === "added" ? "removed" : change === "removed" ? "added" : change,
  before: after,
  after: before,
});
/** Titles and sources are those of one side. */
const told = (changes: readonly Change[]): string[] =>
  changes.map(({ type, attribute, change, kind, before, after }) => JSON.stringify([type, attribute, change, kind, before, after])).sort();

describe("diffCatalogs", () => {
  it("finds nothing between a catalog and itself", () => {
    fc.assert(
      fc.property(anyCatalog, (catalog) => {
        expect(diffCatalogs(catalog, structured(catalog))).toEqual([]);
      }),
    );
  });

  it("does not see the order of resources, nor of their attributes", () => {
    fc.assert(
      fc.property(anyCatalog, anyCatalog, (before, after) => {
        const turned = (catalog: Catalog): Catalog => ({
          ...catalog,
          resources: catalog.resources.map((each) => ({ ...each, parameters: new Map([...each.parameters].reverse()) })).reverse(),
        });
        expect(diffCatalogs(turned(before), turned(after))).toEqual(diffCatalogs(before, after));
      }),
    );
  });

  it("is its own mirror: what one way adds, the other removes", () => {
    // What becomes absent says less than what comes to be, on purpose.
    const withoutAbsence = anyCatalog.filter(({ resources }) => !resources.some(isAbsent));
    fc.assert(
      fc.property(withoutAbsence, withoutAbsence, (before, after) => {
        expect(told(diffCatalogs(before, after).map(mirrored))).toEqual(told(diffCatalogs(after, before)));
      }),
      { numRuns: 1000 },
    );
  });

  it("gives a place to every change, and groups that are good for a report, without a secret", () => {
    fc.assert(
      fc.property(anyCatalog, anyCatalog, (before, after) => {
        const changes = diffCatalogs(before, after);
        const groups = toEffectGroups(
          new Map([
            ["web1", changes],
            ["web2", changes],
          ]),
        );
        for (const group of groups) {
          expect(groupSchema.parse(group)).toEqual(group);
          expect(group.nodes).toEqual(["web1", "web2"]);
        }
        expect(groups.length).toBeLessThanOrEqual(changes.length);
        expect(groups.filter(({ kind, before: was, after: is }) => kind === "secret" && (was !== null || is !== null))).toEqual([]);
        expect(JSON.stringify(groups)).not.toContain("digest");
      }),
    );
  });
});

/** The same catalog in other objects. */
const structured = (catalog: Catalog): Catalog => ({
  ...catalog,
  resources: catalog.resources.map((each) => ({ ...each, parameters: new Map(each.parameters) })),
});
