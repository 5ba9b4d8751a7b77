import { expect, it } from "vitest";
import { atLeast, atMost } from "./planted.ts";

/** Run by planted.test.ts after planted-tests.ts: the one file that sees the upper limit. */
it("knows a limit", () => expect([atMost(100), atLeast(100)]).toEqual([40, 100]));
