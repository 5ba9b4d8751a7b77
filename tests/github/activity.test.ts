import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStage, type Stage } from "./stage.ts";

/** Who pushed what, for deliveries that never came. */
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("pushesTo", () => {
  const personOf = (login: string): object => ({ id: stage.github.as(login).account.id, login, bot: false });
  const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/u) as string;

  it("names the people and the commits of this branch alone, newest first, force-pushes too, and no deletion", async () => {
    const { github, name, forge, origin } = stage;
    const [alice, bob] = [github.as("alice"), github.as("bob")];
    const first = await alice.commit(name, { branch: "topic", from: "main", files: { "a.pp": "" }, message: "one" });
    await alice.commit(name, { branch: "topic-two", from: "main", files: { "b.pp": "" }, message: "other" });
    const second = await bob.commit(name, { branch: "topic", from: "main", files: { "c.pp": "" }, message: "again" });
    await bob.moveBranch(name, "topic", null);
    expect(await forge.pushesTo(origin, "topic")).toEqual({
      known: true,
      value: [
        { sha: second, by: personOf("bob"), at: instant },
        { sha: first, by: personOf("alice"), at: instant },
      ],
    });
    expect(await forge.pushesTo(origin, "nowhere")).toEqual({ known: true, value: [] });
  });

  it("is unknown where GitHub would not say, with a way out where it never will", async () => {
    const { github, forge, origin } = stage;
    const route = "GET /repos/{owner}/{repo}/activity";
    github.faults.next({ kind: "error-before", route, status: 502 });
    expect(await forge.pushesTo(origin, "topic")).toEqual({
      known: false,
      reason: "GitHub answered 502 to GET /repos/acme/control/activity",
    });
    github.faults.next({ kind: "error-before", route, status: 404 });
    expect(await forge.pushesTo(origin, "topic")).toEqual({
      known: false,
      reason: "GitHub keeps no record of pushes here that could be read",
      way: "its author: push again",
    });
  });
});
