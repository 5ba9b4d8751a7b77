import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { authenticateBy, createApp, needed, tokenOf } from "../../src/github/app.ts";

it("what the server misses of an App is what app.yml asks for", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "..", "app.yml"), "utf8");
  const { default_permissions, default_events } = parse(text) as { default_permissions: object; default_events: string[] };
  expect(default_permissions).toEqual(needed.permissions);
  expect(default_events).toEqual(needed.events);
});

it.each(["https://github.example/api/v3", "https://api.github.com"])(
  "a token for git is asked of %s, where no request asked for one before",
  async (api) => {
    const asked: string[] = [];
    const probot = await createApp({
      id: 1,
      privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      webhookSecret: "a secret for tests",
      api,
      logLevel: "fatal",
      fetch: async (input) => {
        asked.push(input instanceof Request ? input.url : String(input));
        return Response.json({ token: "ghs_of_the_installation", expires_at: "2100-01-01T00:00:00Z", permissions: {} }, { status: 201 });
      },
      throttled: true,
    });
    expect(await tokenOf(authenticateBy(probot), 7)).toBe("ghs_of_the_installation");
    expect(asked).toEqual([`${api}/app/installations/7/access_tokens`]);
  },
);
