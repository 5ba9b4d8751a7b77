import { describe, expect, it } from "vitest";
import type { SitePorts } from "../../../src/web/site/ports.ts";
import { samplePages, sampleSite } from "./sample.ts";
import { originOf, setStage, tokenIn, type Stage } from "./stage.ts";

/** Who sees what: sign-ins that ended, repositories that somebody may not read, nodes that the policy keeps to some. */

async function signedIn(
  permission: "read" | "write" | "admin",
  ports: Partial<SitePorts> = {},
): Promise<{ stage: Stage; browser: ReturnType<Stage["browser"]> }> {
  const stage = await setStage({ ...sampleSite(), ...ports });
  stage.permissions.set("alice control", { known: true, value: permission });
  const browser = stage.browser();
  await browser.signIn("alice");
  return { stage, browser };
}

describe("a sign-in", () => {
  it("that was ended does not come back with a copy of its cookie", async () => {
    const { stage, browser } = await signedIn("read");
    const copy = stage.browser();
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    expect((await copy.get("/")).text).toContain("acme/control");
    await browser.post("/sign-out", { token: tokenIn(await browser.get("/")) }, { origin: stage.url });
    expect((await copy.get("/")).text).toContain("Sign in with GitHub");
    expect((await copy.get("/acme/control")).status).toBe(303);
  });

  it("is ended in every browser by its owner, with a form of theirs alone, and nobody else's is", async () => {
    const { stage, browser } = await signedIn("read");
    const [second, other] = [stage.browser(), stage.browser()];
    await second.signIn("alice");
    await other.signIn("bob");
    expect((await second.post("/-/sessions", {}, { origin: stage.url })).status).toBe(403);
    const token = tokenIn(await second.get("/-/sessions"));
    expect((await second.post("/-/sessions", { token }, { origin: "https://evil.example" })).status).toBe(403);
    expect((await second.post("/-/sessions", { token }, { origin: stage.url })).status).toBe(303);
    for (const ended of [browser, second]) expect((await ended.get("/")).text).toContain("Sign in with GitHub");
    expect((await other.get("/")).text).toContain("Sign out");
  });
});

describe("pages of a repository", () => {
  it.each(Object.entries(samplePages).filter(([, path]) => path.startsWith("/acme/control")))(
    "that somebody may not read are not there: %s",
    async (_name, path) => {
      const { stage } = await signedIn("read");
      const bob = stage.browser();
      await bob.signIn("bob");
      expect((await bob.get(path)).status).toBe(404);
    },
  );

  it("lead nobody to the log's head who can read none", async () => {
    const { stage, browser } = await signedIn("read");
    expect((await browser.get("/-/ledger")).status).toBe(200);
    const bob = stage.browser();
    await bob.signIn("bob");
    expect((await bob.get("/-/ledger")).status).toBe(404);
    expect((await bob.get("/-/ledger/checkpoint")).status).toBe(404);
  });
});

describe("the first page", () => {
  const many = Array.from({ length: 150 }, (_, at) => originOf("acme", `repo-${String(at).padStart(3, "0")}`, 100 + at));
  const asking = async (permissionOf: SitePorts["permissionOf"]): Promise<{ browser: ReturnType<Stage["browser"]>; asked: string[] }> => {
    const asked: string[] = [];
    const stage = await setStage({
      repositories: async () => many,
      permissionOf: async (origin, person) => {
        asked.push(origin.repository.name);
        return permissionOf(origin, person);
      },
    });
    const browser = stage.browser();
    await browser.signIn("alice", "/sign-in");
    asked.length = 0;
    stage.later(61_000);
    return { browser, asked };
  };
  const listed = ({ text }: { text: string }): string[] =>
    [...text.matchAll(/<a href="\/acme\/(repo-\d+)">/gu)].map(([, name]) => name ?? "");
  const odd = async ({ repository: { id } }: { repository: { id: number } }) =>
    ({ known: true, value: id % 2 === 1 ? "read" : "none" }) as const;

  it("asks GitHub about so many repositories at most, remembers that, and goes on from there", async () => {
    const { browser, asked } = await asking(odd);
    const first = await browser.get("/");
    expect([asked.length, listed(first).length, listed(first)[0]]).toEqual([60, 30, "repo-001"]);
    await browser.get("/");
    expect(asked).toHaveLength(60);
    expect(first.text).toContain('href="/?from=60" rel="next"');
    expect(listed(await browser.get("/?from=60"))[0]).toBe("repo-061");
    const last = await browser.get("/?from=120");
    expect([listed(last).length, last.text.includes('rel="next"')]).toEqual([15, false]);
  });

  it("looks for a name before it asks, and says nothing of what somebody may not read", async () => {
    const { browser, asked } = await asking(odd);
    expect(listed(await browser.get("/?name=REPO-07"))).toEqual(["repo-071", "repo-073", "repo-075", "repo-077", "repo-079"]);
    expect(asked).toHaveLength(10);
    expect((await browser.get("/?name=repo-072")).text).not.toMatch(/>[^<]*repo-072/u);
    expect((await browser.get("/?from=-1")).status).toBe(400);
  });

  it("shows nothing of what GitHub could not be asked about, and says that something is left out", async () => {
    const why = { known: false, reason: "GitHub does not answer" } as const;
    const { browser } = await asking(async (origin) => (origin.repository.id < 103 ? odd(origin) : why));
    const page = await browser.get("/");
    expect(listed(page)).toEqual(["repo-001"]);
    expect(page.text).toContain("Some are left out");
    const none = await asking(async () => why);
    expect((await none.browser.get("/")).status).toBe(503);
    expect((await none.browser.get("/-/ledger")).status).toBe(503);
  });

  it("and the log's head need one repository that somebody may read, and no more questions than that takes", async () => {
    const { browser, asked } = await asking(odd);
    expect((await browser.get("/-/ledger")).status).toBe(200);
    expect(asked.length).toBeLessThanOrEqual(10);
  });
});

describe("names and values of nodes", () => {
  const ports: Partial<SitePorts> = {
    nodesFrom: async () => "write",
    mayAsk: (question, nodes) => nodes || question === "emergencies",
    change: async (...given) => {
      const shown = await sampleSite().change?.(...given);
      if (shown === undefined || shown === null) return null;
      return {
        ...shown,
        verdict: { outcome: "blocked", reasons: [{ rule: "compile", outcome: "fail", text: "node3.example.com does not compile" }] },
      };
    },
  };
  const names = /node\d+\.example\.com|search1\.example\.com|pause = \d/u;

  it.each(["/acme/control/changes/12", "/acme/control/rollout"])(
    "are shown from the policy's permission on, and counts to others: %s",
    async (path) => {
      const reader = (await signedIn("read", ports)).browser;
      const writer = (await signedIn("write", ports)).browser;
      expect((await writer.get(path)).text).toMatch(names);
      const page = await reader.get(path);
      expect(page.status).toBe(200);
      expect(page.text).not.toMatch(names);
      expect(page.text).toContain("whoever has more rights in this repository");
    },
  );

  it("keep the report and questions that are about them to who may see them", async () => {
    const reader = (await signedIn("read", ports)).browser;
    expect((await reader.get("/acme/control/changes/12/report")).status).toBe(404);
    expect((await reader.get("/acme/control/ledger/questions/running")).status).toBe(403);
    expect((await reader.get("/acme/control/ledger/questions/emergencies")).status).toBe(200);
    const writer = (await signedIn("write", ports)).browser;
    expect((await writer.get("/acme/control/changes/12/report")).status).toBe(200);
  });

  it("are for administrators where no policy was ever judged by", async () => {
    const unknown = { ...ports, nodesFrom: async () => null };
    expect((await (await signedIn("write", unknown)).browser.get("/acme/control/rollout")).text).not.toMatch(names);
    expect((await (await signedIn("admin", unknown)).browser.get("/acme/control/rollout")).text).toMatch(names);
  });

  it("are in no reason of the list where they may not be seen", async () => {
    const row = {
      verdict: { outcome: "blocked" as const, reasons: [{ rule: "compile", outcome: "fail" as const, text: "node3.example.com fails" }] },
    };
    const changes: SitePorts["changes"] = async (...given) =>
      ((await sampleSite().changes?.(...given)) ?? []).map((each) => ({ ...each, standing: "blocked", ...row }));
    for (const path of ["/acme/control", "/acme/control?format=csv"]) {
      expect((await (await signedIn("read", { ...ports, changes })).browser.get(path)).text).not.toMatch(names);
      expect((await (await signedIn("write", { ...ports, changes })).browser.get(path)).text).toMatch(names);
    }
  });
});

describe("addresses that ask for what there is not", () => {
  it.each([
    "/acme/control/metrics?from=2026-02-30",
    "/acme/control/metrics?from=2024-01-01&to=2026-01-01",
    "/acme/control/metrics?from=2026-02-02&to=2026-02-01",
    "/acme/control/metrics?minutes=-1",
    "/acme/control/metrics?hours=1e9",
    `/acme/control/metrics?service=${"x".repeat(501)}`,
    "/acme/control/ledger?below=0",
    "/acme/control/ledger?kind=%00",
    "/acme/control/ledger?from=yesterday",
    "/acme/control/ledger?person=a%20b",
    `/acme/control/ledger?text=${"x".repeat(201)}`,
    "/acme/control/ledger/questions/running?node=a%20b",
    "/acme/control/ledger/questions/running?below=x",
  ])("are told so: %s", async (path) => {
    const { browser } = await setStage({ ...sampleSite(), local: true });
    expect((await browser().get(path)).status).toBe(400);
  });

  it.each([
    "/acme/control/ledger/0",
    "/acme/control/ledger/x",
    "/acme/control/ledger/9/x",
    "/acme/control/ledger/9/proof/x",
    "/acme/control/metrics/x",
    "/-/x",
    "/-/sessions",
  ])("are not there: %s", async (path) => {
    const { browser } = await setStage({ ...sampleSite(), local: true });
    expect((await browser().get(path)).status).toBe(404);
  });
});

describe("files", () => {
  it.each<[string, string, RegExp]>([
    ["/acme/control/metrics?format=csv", "acme-control-metrics-2026-09-01-2026-11-23.csv", /^of,name,measure,.*\r\nall,,review,\d+,/u],
    [
      "/acme/control/metrics?format=csv&of=changes",
      "acme-control-changes-measured-2026-09-01-2026-11-23.csv",
      /^number,opened,.*\r\n1,2026-11-23T/u,
    ],
    ["/acme/control/ledger?format=csv", "acme-control-ledger.csv", /^entry,at,kind,.*\r\n9,2026-11-22T/u],
    [
      "/acme/control/ledger/questions/emergencies?format=csv",
      "acme-control-emergencies.csv",
      /^entry,at,repo,.*\r\n9,2026-11-22T08:00:00Z,7,pull\/12,carla,/u,
    ],
  ])("are named and have what the page has: %s", async (path, name, text) => {
    const { browser } = await setStage({ ...sampleSite(), local: true });
    const file = await browser().get(path);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="${name}"`);
    expect(file.text).toMatch(text);
  });

  it("that fail in the middle break off, and are not taken for whole", async () => {
    const askAll: SitePorts["askAll"] = async () => ({
      question: { name: "population", columns: [] },
      rows: (async function* () {
        yield { rows: [], people: () => null };
        throw new Error("a text was changed");
      })(),
    });
    const { browser, logged } = await setStage({ ...sampleSite(), local: true, askAll });
    await expect(browser().get("/acme/control/ledger/questions/population?format=csv")).rejects.toThrow(TypeError);
    expect(logged).toContain("a download broke off");
  });
});
