import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSealer } from "../../src/cache/seal.ts";

const sealer = createSealer(randomBytes(32));
const other = createSealer(randomBytes(32));
const body = Buffer.from(JSON.stringify({ certname: "web01.example.com", pw: "correct horse" }).repeat(30));

describe("what is sealed", () => {
  it.each([0, 1, 5_000_000])("is opened again whole: %d bytes", async (size) => {
    const place = sealer.compile("a");
    const text = randomBytes(size);
    expect((await sealer.open(place, await sealer.seal(place, text)))?.equals(text)).toBe(true);
  });

  it("is smaller than the body and tells nothing of it, twice the same body neither", async () => {
    const place = sealer.compile("a");
    const [one, two] = [await sealer.seal(place, body), await sealer.seal(place, body)];
    expect(one.length).toBeLessThan(body.length / 10);
    expect(one.equals(two)).toBe(false);
    expect(one.toString("latin1")).not.toMatch(/web01|correct/u);
  });

  it("can't be opened when any of its bytes is another, or is missing", async () => {
    const place = sealer.compile("a");
    const sealed = await sealer.seal(place, body);
    for (let at = 0; at < sealed.length; at++) {
      const forged = Buffer.from(sealed);
      forged[at] = (forged[at] ?? 0) ^ 1;
      expect([at, await sealer.open(place, forged)]).toEqual([at, null]);
      expect([at, await sealer.open(place, sealed.subarray(0, at))]).toEqual([at, null]);
    }
    expect(await sealer.open(place, Buffer.concat([sealed, Buffer.from([0])]))).toBeNull();
  });

  const places = {
    "another key of the cache": sealer.compile("b"),
    "a record": sealer.record("scope", "a"),
    "a mark": sealer.mark("a"),
  };
  it.each(Object.entries(places))("can't be opened at another place: %s", async (_, place) => {
    expect(await sealer.open(place, await sealer.seal(sealer.compile("a"), body))).toBeNull();
    expect(await sealer.open(sealer.compile("a"), await sealer.seal(place, body))).toBeNull();
  });

  it("can't be opened as another scope's record, though its name is forged", async () => {
    const [here, there] = [sealer.record("one", "a"), sealer.record("two", "a")];
    const forged = { ...there, name: here.name };
    expect(await sealer.open(forged, await sealer.seal(here, body))).toBeNull();
  });

  it("can't be opened under another key, which names its places otherwise too", async () => {
    const place = sealer.compile("a");
    expect(await other.open(place, await sealer.seal(place, body))).toBeNull();
    expect(other.compile("a").name).not.toBe(place.name);
  });

  it("has names that tell nothing and never meet", () => {
    const names = [
      sealer.compile("a").name,
      sealer.mark("a").name,
      sealer.scope("a"),
      sealer.record("a", "").name,
      sealer.record("", "a").name,
      sealer.record("a", "b").name,
      sealer.record("a,b", "").name,
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[0-9a-f]{64}$/u);
  });
});
