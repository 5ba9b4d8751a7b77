import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { rememberedVersions, versions } from "../../src/puppet/versions.ts";

it.runIf(existsSync("/var/lib/dpkg/status"))(
  "are asked once, as long as no package of this machine changes, and a failure is none of them",
  async () => {
    const found = await versions();
    let asked = 0;
    const ask = rememberedVersions(async () => {
      asked += 1;
      if (asked === 1) throw new Error("no sandbox");
      return found;
    });
    await expect(ask()).rejects.toThrow("no sandbox");
    expect([await ask(), await ask()]).toEqual([found, found]);
    expect(asked).toBe(2);
  },
);
