import { expect, test } from "vitest";
import { openChange, setStage, type Stage } from "./stage.ts";

/** An App looks at its own deliveries, and asks for the failed ones again. */

const asApp = (stage: Stage) => stage.octokit({ appId: stage.app.id, privateKey: stage.app.privateKey });

test("what was attempted is listed, newest first, page by page", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  for (const event of ["lost", "vanished"] as const) {
    stage.github.faults.next({ kind: event, event: "issue_comment" });
    await stage.github.as("bob").comment("acme/control", number, event);
  }
  await stage.github.settled();
  const octokit = asApp(stage);
  const all = await octokit.paginate(octokit.rest.apps.listWebhookDeliveries, { per_page: 2 });
  expect(all.map(({ event, action, status_code }) => [event, action, status_code])).toEqual([
    ["issue_comment", "created", 0],
    ["pull_request", "opened", 200],
    ["push", null, 200],
    ["installation", "created", 200],
    ["ping", null, 200],
  ]);
  // More than a number holds: Octokit gives it as a bigint.
  expect(typeof all[0]?.id).toBe("bigint");
  expect(all[0]).toMatchObject({ status: "failed to connect to host", redelivery: false, installation_id: stage.installation.id });
  const { data: failed } = await octokit.rest.apps.listWebhookDeliveries({ status: "failure" });
  expect(failed.map(({ id }) => id)).toEqual([all[0]?.id]);
  const { data: one } = await octokit.rest.apps.getWebhookDelivery({ delivery_id: all[0]?.id as number });
  expect(one).toMatchObject({ request: { headers: { "x-github-event": "issue_comment" }, payload: { comment: { body: "lost" } } } });
});

test("a failed delivery is asked for again: the same GUID, another id", async () => {
  const stage = await setStage();
  const { number } = await openChange(stage);
  await stage.github.settled();
  stage.github.webhooks(stage.app, async (request) => {
    stage.received.push(request);
    return stage.received.length === 4 ? 500 : 200;
  });
  await stage.github.as("bob").comment("acme/control", number, "/merge");
  await stage.github.settled();
  const octokit = asApp(stage);
  const { data: failed } = await octokit.rest.apps.listWebhookDeliveries({ status: "failure" });
  expect(failed).toMatchObject([{ status: "Invalid HTTP Response: 500", status_code: 500, event: "issue_comment" }]);
  const again = await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: failed[0]?.id as number });
  expect(again.status).toBe(202);
  await stage.github.settled();
  const { data: all } = await octokit.rest.apps.listWebhookDeliveries();
  expect(all[0]).toMatchObject({ guid: failed[0]?.guid, redelivery: true, status_code: 200, status: "OK" });
  expect(all[0]?.id).not.toBe(failed[0]?.id);
  expect(stage.received.at(-1)?.headers["x-github-delivery"]).toBe(failed[0]?.guid);
});

test("another App's deliveries, and those of more than three days ago, are not there", async () => {
  let days = 0;
  const stage = await setStage({ now: () => new Date(Date.UTC(2026, 2, 2 + days)) });
  const old = stage.github.deliveries()[0];
  const other = stage.github.app({ name: "Other", owner: "acme", permissions: {}, events: [], webhookSecret: "other" });
  const stranger = stage.octokit({ appId: other.id, privateKey: other.privateKey });
  const { data: listed } = await asApp(stage).rest.apps.listWebhookDeliveries();
  const ask = { delivery_id: listed.at(-1)?.id as number };
  await expect(stranger.rest.apps.getWebhookDelivery(ask)).rejects.toMatchObject({ status: 404 });
  expect((await asApp(stage).rest.apps.getWebhookDelivery(ask)).data.guid).toBe(old?.guid);
  days = 4;
  await expect(asApp(stage).rest.apps.redeliverWebhookDelivery(ask)).rejects.toMatchObject({ status: 404 });
});
