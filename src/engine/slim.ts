import type { Catalog, Resource } from "../catalog/catalog.ts";

/** Values are most of a catalog's size, and events take no notice of them. */
const steering = new Set([
  "before",
  "require",
  "notify",
  "subscribe",
  "alias",
  "ensure",
  "name",
  "noop",
  "path",
  "refreshonly",
  "tag",
  "target",
]);

/** What a forecast of restarts needs of a catalog, to be kept in its stead. */
export const slim = (catalog: Catalog): Catalog => ({ ...catalog, resources: catalog.resources.map(slimResource) });

const slimResource = (resource: Resource): Resource => ({
  ...resource,
  parameters: new Map([...resource.parameters].filter(([name]) => steering.has(name))),
});
