import { describe, expect, test } from "vitest";
import { endingAt, Ended, setLaneStage } from "./stage.ts";

/** Whoever is ended anywhere runs the command once more. */

describe("ended at any step", () => {
  test.each(["before", "after"] as const)("%s a change: run again, it ends the same, and can be undone", async (when) => {
    const whole = await setLaneStage();
    const begun = await whole.state();
    await whole.init({ applyRulesets: true });
    const expected = await whole.state();
    await whole.undo();
    expect(await whole.state()).toEqual(begun);
    for (let n = 1; n <= 8; n += 1) {
      await expect(whole.init({ applyRulesets: true }, endingAt(whole.forge, n, when))).rejects.toThrow(Ended);
      await whole.init({ applyRulesets: true });
      expect(await whole.state()).toEqual(expected);
      await expect(whole.undo(endingAt(whole.forge, n, when))).rejects.toThrow(Ended);
      await whole.undo();
      expect(await whole.state()).toEqual(begun);
    }
    await whole.init({ applyRulesets: true }, endingAt(whole.forge, 9, when));
  });

  const faults = ["error-before", "error-after", "dropped-before", "dropped-after"] as const;
  const routes = [
    "POST /repos/{owner}/{repo}/git/refs",
    "PATCH /repos/{owner}/{repo}",
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}",
    "POST /repos/{owner}/{repo}/rulesets",
  ];
  test.each(faults)("%s at GitHub: told, and run again it ends the same", async (kind) => {
    const stage = await setLaneStage();
    const begun = await stage.state();
    for (const route of routes) {
      stage.github.faults.next({ kind, route });
      await expect(stage.init({ applyRulesets: true })).rejects.toThrow(/GitHub did not .*Run this again/su);
    }
    await stage.init({ applyRulesets: true });
    expect(await stage.state()).toMatchObject({
      defaultBranch: "main",
      bases: { 1: "open main", 2: "open main" },
      rulesets: { length: 2 },
    });
    for (const route of ["DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}", "POST /graphql"]) {
      stage.github.faults.next({ kind, route });
      await expect(stage.undo()).rejects.toThrow(/GitHub did not /u);
    }
    await stage.undo();
    expect(await stage.state()).toEqual(begun);
  });
});
