import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createStage, type Stage } from "../engine-gate/stage.ts";
import { countInputs, fuzzAsync } from "./harness.ts";
import { edited, edits, trickyJson, trickyName, trickyText } from "./hostile.ts";
import { payloadsOf } from "./payloads.ts";

/**
 * The whole server behind its own door, on its own database: whoever sends what, it answers, goes on, and lands nothing. Even what is signed as
 * GitHub signs it only wakes: an approval that GitHub does not show is none.
 */
countInputs("requests to a server");

let stage: Stage;
let proposed: { number: number; head: string };
beforeAll(async () => {
  stage = await createStage();
  proposed = await stage.propose("hostile");
  await stage.quiet();
});
afterAll(async () => stage.close());

type Sent = { event: string; delivery: string; body: string; signed: boolean };

const headers = {
  event: fc.oneof({ weight: 1, arbitrary: trickyName }, { weight: 3, arbitrary: fc.nat(17).map(String) }),
  delivery: fc.oneof(fc.uuid(), fc.constantFrom("", "x", "0")),
};
/** A body as text: of payloads that GitHub could send, of anything in JSON, and of what is none. */
const body = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.nat(17), edits).map(
      ([at, all]) =>
        () =>
          JSON.stringify(edited(payloads()[at]?.[1] ?? {}, all)),
    ),
  },
  { weight: 2, arbitrary: trickyJson.map((value) => () => JSON.stringify(value)) },
  { weight: 1, arbitrary: trickyText.map((text) => () => text) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("[".repeat(100_000), '{"a":'.repeat(50_000), '{"__proto__":{"polluted":true}}', "null", "1e999", '"x"', "", "\ufeff{}")
      .map((text) => () => text),
  },
);
const payloads = (): ReturnType<typeof payloadsOf> =>
  payloadsOf({
    installation: [...stage.github.state.installations.keys()][0] ?? 1,
    repository: { id: stage.repo.id, name: stage.repo.name, owner: { login: "acme" } },
    ...proposed,
  });

async function send({ event, delivery, body: text, signed }: Sent): Promise<Response> {
  const name = payloads()[Number(event)]?.[0] ?? event;
  return fetch(`${stage.server().url}/api/github/webhooks`, {
    method: "POST",
    body: text,
    headers: {
      "content-type": "application/json",
      "x-github-event": encodeURIComponent(name),
      "x-github-delivery": delivery,
      "x-hub-signature-256": `sha256=${createHmac("sha256", signed ? stage.config.webhookSecret : "a guess")
        .update(text)
        .digest("hex")}`,
    },
  });
}

fuzzAsync(
  "a request is answered, whatever it is",
  fc.record({ ...headers, body, signed: fc.integer({ min: 0, max: 9 }).map((at) => at > 2) }),
  2_000,
  async ({ body: make, ...given }) => {
    const answer = await send({ ...given, body: make() });
    const text = await answer.text();
    if (![200, 202, 400, 404, 413, 500].includes(answer.status)) throw new Error(`${answer.status}: ${text}`);
    if (!given.signed && answer.ok) throw new Error("what nobody signed was taken");
    if (text.includes(stage.config.webhookSecret)) throw new Error("it tells the secret");
    const health = await fetch(`${stage.server().url}/healthz`);
    if (!health.ok) throw new Error(`it is ill: ${health.status}`);
  },
);

it("nothing landed or passed by any of it, and the next word of a person is heard", { timeout: 300_000 }, async () => {
  await stage.quiet();
  expect(stage.repo.pulls.get(proposed.number)?.merged).toBeNull();
  expect(stage.comments(proposed.number)).toHaveLength(1);
  expect(stage.checkRun(proposed.head)?.conclusion).not.toBe("success");
  stage.tick();
  await stage.github.as("bob").review(stage.name, proposed.number, { event: "APPROVE" });
  await stage.quiet();
  stage.tick();
  await stage.github.as("alice").comment(stage.name, proposed.number, "/merge");
  await stage.quiet();
  expect(stage.repo.pulls.get(proposed.number)?.merged).not.toBeNull();
});
