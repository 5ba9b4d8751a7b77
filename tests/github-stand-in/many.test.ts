import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhooks } from "@octokit/webhooks";
import { expect, onTestFinished, test } from "vitest";
import { repo, secret, setStage } from "./stage.ts";

/** Much at once. */

test("five hundred pull requests are made at once, listed, and are real", async () => {
  const stage = await setStage();
  const numbers = await stage.github.pulls("acme/control", 500, { by: "alice" });
  expect(numbers).toHaveLength(500);
  const octokit = stage.octokit();
  const all = await octokit.paginate(octokit.rest.pulls.list, { ...repo, per_page: 100 });
  expect(new Set(all.map(({ head }) => head.sha)).size).toBe(500);
  const { data: one } = await octokit.rest.pulls.get({ ...repo, pull_number: numbers[77] ?? 0 });
  expect(one).toMatchObject({ commits: 1, changed_files: 1, user: { login: "alice" }, head: { ref: `many/${numbers[77]}` } });
  await stage.github.as("bob").merge("acme/control", numbers[77] ?? 0);
  await stage.github.as("alice").commit("acme/control", { branch: `many/${numbers[78]}`, files: { more: "more" }, message: "More" });
  await stage.github.settled();
  expect(stage.told()).toEqual(["pull_request.closed", "push", "push", "pull_request.synchronize"]);
});

test("a burst of signed webhooks leaves at its rate, and each answer is timed", async () => {
  const stage = await setStage();
  await stage.github.pulls("acme/control", 2, { by: "alice" });
  const bodies: { body: string; signature: string; at: number }[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const signature = String(request.headers["x-hub-signature-256"]);
      bodies.push({ body: Buffer.concat(chunks).toString("utf8"), signature, at: performance.now() });
      response.writeHead(bodies.length === 3 ? 500 : 202).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    receiver.closeAllConnections();
    receiver.close();
  });
  stage.github.webhooks(stage.app, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  await stage.github.settled();
  bodies.length = 0;
  const start = performance.now();
  const answers = await stage.github.burst(stage.app, "acme/control", { count: 20, perSecond: 100 });
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 19 }, () => 202), 500]);
  expect(new Set(answers.map(({ guid }) => guid)).size).toBe(20);
  expect(answers.every(({ ms }) => ms > 0)).toBe(true);
  const webhooks = new Webhooks({ secret });
  for (const { body, signature } of bodies) expect(await webhooks.verify(body, signature)).toBe(true);
  const numbers = bodies.map(({ body }) => (JSON.parse(body) as { number: number }).number);
  expect(new Set(numbers).size).toBe(2);
  // The twentieth leaves 190 ms after the first, whatever the answers take.
  expect(Math.max(...bodies.map(({ at }) => at)) - start).toBeGreaterThanOrEqual(189);
  expect(stage.github.deliveries().slice(-20)).toMatchObject(answers.map(({ guid, status }) => ({ guid, status })));
});
