import { expect, it } from "vitest";
import { createPolicySight } from "../../src/engine/policy-sight.ts";
import { memoryForge } from "./stand-ins/forge.ts";
import { memoryLog } from "./stand-ins/world.ts";

it.each(["auto", "required"] as const)("warns once of each organisation whose policy can't be seen, where a policy is %s", async (mode) => {
  const forge = memoryForge();
  const { log, said } = memoryLog();
  const look = createPolicySight({ forge, mode, log });
  forge.unseen = ["acme"];
  await look();
  forge.unseen = ["acme", "umbrella"];
  await look();
  expect(said.map(({ level, fields }) => [level, fields])).toEqual([
    ["warn", { organisation: "acme" }],
    ["warn", { organisation: "umbrella" }],
  ]);
  expect(said[1]?.message).toContain("umbrella/.github");
});

it("asks nothing where there is none by the operators' word", async () => {
  const forge = memoryForge();
  forge.unseen = ["acme"];
  const { log, said } = memoryLog();
  await createPolicySight({ forge, mode: "none", log })();
  expect(said).toEqual([]);
  expect(forge.asked).toEqual([]);
});
