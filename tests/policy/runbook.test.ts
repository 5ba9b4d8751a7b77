import { describe, expect, it } from "vitest";
import { policyFileSchema, toPolicy } from "../../src/policy/schema.ts";

const read = (runbook: unknown) => policyFileSchema.safeParse({ version: 1, services: [{ name: "playlist", match: "true", runbook }] });

describe("a service's runbook", () => {
  it.each(["https://wiki.example.com/playlist?x=1#top", "docs/playlist.md", "RUNBOOK.md", "a..b/c.md"])("may be %s", (runbook) => {
    const read1 = read(runbook);
    expect(read1.success && toPolicy(read1.data).services).toEqual([{ name: "playlist", match: "true", owners: [], runbook }]);
  });

  it.each([
    "http://wiki.example.com",
    "javascript:alert(1)",
    "//wiki.example.com",
    "/etc/passwd",
    "../other/README.md",
    "docs/../../x",
    "https://a b",
    'https://x"onclick=',
    "https://x/`code`",
    "docs/[x](y)",
    "docs/\n@acme",
    `https://${"x".repeat(500)}`,
    "",
    7,
  ])("may not be %j", (runbook) => {
    expect(read(runbook).success).toBe(false);
  });

  it("is none where none is given", () => {
    const none = policyFileSchema.parse({ version: 1, services: [{ name: "playlist", match: "true" }] });
    expect(toPolicy(none).services).toEqual([{ name: "playlist", match: "true", owners: [] }]);
  });
});
