import { expect, it } from "vitest";
import { known } from "../../src/gate/facts.ts";
import type { Api, Place } from "../../src/github/api.ts";
import { readCommits } from "../../src/github/commits.ts";
import { readPast } from "../../src/github/history.ts";
import { readReviews } from "../../src/github/reviews.ts";
import { readTeam } from "../../src/github/teams.ts";

/** GitHub's answer to whatever list is asked for: a page without anything, and another one behind it. */
const onePage = async (): Promise<object> => ({ data: [], headers: { link: '<https://api.github.example/?page=2>; rel="next"' } });
const api = {
  rest: {
    pulls: { listCommits: onePage, listReviews: onePage },
    issues: { listEvents: onePage },
    teams: { listMembersInOrg: onePage },
  },
} as unknown as Api;
const place: Place = { api, repo: { owner: "acme", repo: "control" } };
const origin = { installation: 1, repository: { id: 5, owner: "acme", name: "control" } };
const noApp = { id: 1, slug: async () => "gate", api: async () => api };
const past = Promise.resolve(known({ history: { retargetedAt: null, forcePushedAt: null }, dismissals: new Map() }));

const anew = "its author: close this pull request, and open a new one with what is left";

it.each([
  ["commits", () => readCommits(place, 7, "a", 1), "commits of this pull request", anew],
  ["reviews", () => readReviews(place, 7, past), "reviews of this pull request", anew],
  ["events", () => readPast(place, 7), "events of this pull request", anew],
  [
    "a team",
    () => readTeam(async () => api, noApp, origin, "acme/all"),
    "members of acme/all",
    "an owner of the policy: name smaller teams than acme/all",
  ],
])("a list of %s without an end says what it is of, and who can do what about it", async (_name, read, what, way) => {
  expect(await read()).toEqual({ known: false, reason: `GitHub lists more than 10000 ${what}, which is more than is read`, way });
});
