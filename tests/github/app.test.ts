import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { needed } from "../../src/github/app.ts";

it("what the server misses of an App is what app.yml asks for", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "..", "app.yml"), "utf8");
  const { default_permissions, default_events } = parse(text) as { default_permissions: object; default_events: string[] };
  expect(default_permissions).toEqual(needed.permissions);
  expect(default_events).toEqual(needed.events);
});
