import { describe, expect, it } from "vitest";
import type { Place } from "../../src/github/api.ts";
import { coAuthorsOf, readCommits, rememberAccounts } from "../../src/github/commits.ts";

/** Commits as GitHub lists them, and everybody's part in them. */
const head = "b".repeat(40);
const account = (id: number, login: string, type = "User"): object => ({ id, login, type });
const alice = account(1, "alice");
const webFlow = account(19_864_447, "web-flow");
const signature = (email: string): object => ({ name: "Some One", email });
const commit = (more: {
  author?: object | null;
  committer?: object | null;
  message?: string;
  emails?: [string, string];
  sha?: string;
}): object => ({
  sha: more.sha ?? head,
  author: more.author === undefined ? alice : more.author,
  committer: more.committer === undefined ? alice : more.committer,
  commit: {
    message: more.message ?? "a change",
    author: signature(more.emails?.[0] ?? "alice@acme.example"),
    committer: signature(more.emails?.[1] ?? "alice@acme.example"),
  },
});

/** GitHub as far as these calls go: `pages` of the pull request's commits, and the repository's commits by an address. */
function place(pages: object[][], byEmail: Record<string, object | number> = {}): Place {
  const listPull = async ({ page }: { page: number }): Promise<object> => {
    const more = page < pages.length ? { link: '<https://api.github.com/x>; rel="next"' } : {};
    return { data: pages[page - 1] ?? [], headers: more };
  };
  const listRepo = async ({ author }: { author: string }): Promise<object> => {
    const found = byEmail[author];
    if (typeof found === "number")
      throw Object.assign(new Error("refused"), {
        name: "HttpError",
        status: found,
        response: {},
        request: { method: "GET", url: "https://api.github.com/repos/a/c/commits" },
      });
    return { data: found === undefined ? [] : [found], headers: {} };
  };
  return {
    api: { rest: { pulls: { listCommits: listPull }, repos: { listCommits: listRepo } } },
    repo: { owner: "acme", repo: "control" },
  } as unknown as Place;
}

const parts = async (...commits: object[]): Promise<string[]> => summary(place([commits]), commits.length);
async function summary(at: Place, total: number): Promise<string[]> {
  const read = await readCommits(at, 7, head, total);
  if (!read.known) return [`unknown: ${read.reason}`];
  return read.value.flatMap(({ contributions }) =>
    contributions.map(({ role, person, as }) => `${role} ${person === null ? `nobody (${as})` : `${person.login} ${person.id}`}`),
  );
}

describe("readCommits", () => {
  it("names author and committer", async () => {
    expect(await parts(commit({ committer: account(2, "bob") }))).toEqual(["author alice 1", "committer bob 2"]);
  });

  it("case 11: leaves out GitHub itself as committer, and does not trust it as author", async () => {
    expect(await parts(commit({ committer: webFlow }))).toEqual(["author alice 1"]);
    expect(await parts(commit({ committer: null, emails: ["alice@acme.example", "noreply@github.com"] }))).toEqual(["author alice 1"]);
    expect(await parts(commit({ author: webFlow, committer: webFlow, emails: ["noreply@github.com", "noreply@github.com"] }))).toEqual([
      "author nobody (Some One <noreply@github.com>)",
    ]);
  });

  it("case 7 and 15: an address without an account, and a deleted one, are nobody", async () => {
    expect(
      await parts(commit({ author: null, committer: account(10_137, "ghost"), emails: ["who@home.example", "gone@acme.example"] })),
    ).toEqual(["author nobody (Some One <who@home.example>)", "committer nobody (Some One <gone@acme.example>)"]);
  });

  it("case 6 and 12: tells bots", async () => {
    const read = await readCommits(place([[commit({ author: account(5, "renovate[bot]", "Bot") })]]), 7, head, 1);
    expect(read.known && read.value[0]?.contributions[0]?.person?.bot).toBe(true);
  });

  it("case 10: finds the accounts of co-authors where GitHub tells of them", async () => {
    const message = [
      "together",
      "",
      "Co-authored-by: Bob <77+bob@users.noreply.github.com>",
      "co-authored-by: Carol <Carol@acme.example>",
      "Co-Authored-By: Dave <dave@acme.example>",
      "Co-authored-by: Erin <erin@acme.example>",
    ].join("\n");
    const commits = [
      commit({ message }),
      commit({ sha: "a".repeat(40), author: account(3, "carol"), emails: ["carol@acme.example", "alice@acme.example"] }),
    ];
    const dave = commit({ author: account(4, "dave"), emails: ["dave@acme.example", "dave@acme.example"] });
    // Asked for erin's address, GitHub may answer with commits of a login of that name: it is not hers.
    const someone = commit({ author: account(6, "someone"), emails: ["other@acme.example", "other@acme.example"] });
    const told = await summary(place([commits], { "dave@acme.example": dave, "erin@acme.example": someone }), 2);
    expect(told.filter((part) => part.startsWith("co-author"))).toEqual([
      "co-author bob 77",
      "co-author carol 3",
      "co-author dave 4",
      "co-author nobody (Erin <erin@acme.example>)",
    ]);
  });

  it("is unknown when a co-author could not be asked for", async () => {
    const commits = [commit({ message: "x\n\nCo-authored-by: Dave <dave@acme.example>" })];
    expect(await summary(place([commits], { "dave@acme.example": 502 }), 1)).toEqual([
      "unknown: GitHub answered 502 to GET /repos/a/c/commits",
    ]);
  });

  const flood = (many: number): object[] => [
    commit({ message: `x\n\n${Array.from({ length: many }, (_, n) => `Co-authored-by: X <x${n}@example.org>`).join("\n")}` }),
  ];

  it("asks about no co-author after one that is nobody", async () => {
    const asked: string[] = [];
    const ask = async (_: Place, email: string): Promise<null> => (asked.push(email), null);
    const read = await readCommits(place([flood(30)]), 7, head, 1, ask);
    expect(read.known && read.value[0]?.contributions.filter(({ person }) => person === null)).toHaveLength(30);
    expect(asked).toEqual(["x0@example.org"]);
  });

  it("is unknown, and asks nothing, of more co-authors than are looked up", async () => {
    const ask = (): never => {
      throw new Error("asked");
    };
    expect(await readCommits(place([flood(31)]), 7, head, 1, ask)).toEqual({
      known: false,
      reason:
        "its commits name 31 co-authors by addresses that wrote none of them, and no more than 30 are looked up: split the change, or take trailers out",
      way: "its author: split the change, or take Co-authored-by trailers out",
    });
  });

  it("remembers whose an address is, a minute where it is nobody's", async () => {
    let [now, count] = [0, 0];
    const dave = { id: 4, login: "dave", bot: false };
    const ask = rememberAccounts(
      async (_, email) => ((count += 1), email.startsWith("dave") ? dave : null),
      () => now,
    );
    const at = place([]);
    for (const email of ["dave@a", "dave@a", "who@a", "who@a"]) await ask(at, email);
    expect(count).toBe(2);
    now = 61_000;
    expect([await ask(at, "dave@a"), await ask(at, "who@a"), count]).toEqual([dave, null, 3]);
    now = 601_000;
    await ask(at, "dave@a");
    await ask({ ...at, repo: { owner: "acme", repo: "other" } }, "dave@a");
    expect(count).toBe(5);
  });

  it("is unknown where GitHub counts no commits, for a head is one", async () => {
    expect(await summary(place([[]]), 0)).toEqual(["unknown: GitHub's list of commits does not have the head bbbbbbbbbb yet"]);
  });

  it("case 29: reads every page", async () => {
    const many = Array.from({ length: 150 }, (_, n) => commit({ sha: n === 149 ? head : String(n).padStart(40, "0") }));
    expect(await summary(place([many.slice(0, 100), many.slice(100)]), 150)).toHaveLength(300);
  });

  it("case 42: is unknown where GitHub's list ends early", async () => {
    const many = Array.from({ length: 250 }, (_, n) => commit({ sha: String(n).padStart(40, "0") }));
    expect(await summary(place([many]), 312)).toEqual([
      "unknown: GitHub lists 250 of 312 commits; a pull request of more than 250 commits has to be split",
    ]);
  });

  it("case 32: is unknown while the list is of another head", async () => {
    expect(await summary(place([[commit({ sha: "c".repeat(40) })]]), 1)).toEqual([
      "unknown: GitHub's list of commits does not have the head bbbbbbbbbb yet",
    ]);
  });
});

describe("coAuthorsOf", () => {
  it.each([
    ["none", "a change\n\nby me", []],
    ["one", "x\n\nCo-authored-by: A B <a@b.example>", ["a@b.example"]],
    ["in any case and place", "x\n\nCO-AUTHORED-BY:A<A@B.example>\n\nmore", ["a@b.example"]],
    ["without a name", "x\n\nCo-authored-by: <a@b.example>", ["a@b.example"]],
    ["in a sentence", "as in Co-authored-by: A <a@b.example>", []],
    ["broken", "Co-authored-by: A <a@b", []],
    ["a line of blanks that would take for ever", `Co-authored-by:${" ".repeat(100_000)}`, []],
  ])("%s", (_name, message, emails) => {
    expect(coAuthorsOf(message).map(({ email }) => email)).toEqual(emails);
  });
});
