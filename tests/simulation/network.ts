import type { GitHub } from "../../src/demo/github/github.ts";
import { createRouter } from "../../src/demo/github/http/router.ts";
import { routes } from "../../src/demo/github/routes/all.ts";
import type { Owner } from "./clock.ts";
import type { RequestFault } from "./faults.ts";
import type { Landing, Steps } from "./steps.ts";

/** One process's way to GitHub's API: each request waits for the simulation, and may go wrong in each of the stand-in's ways. */
export interface NetworkPorts {
  github: GitHub;
  steps: Steps;
  owner: Owner;
  /** What goes wrong with the next request, which may be one to merge. */
  fault: (isLanding: boolean) => RequestFault | null;
  /** Hears of each request when it is let go: `GET /repos/…`, and whether an old answer was given. */
  onRequest: (label: string, isStale: boolean) => void;
}

const match = createRouter(routes);

export function networkFor({ github, steps, owner, fault, onRequest }: NetworkPorts): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname.replace(/^\/api\/v3(?=\/|$)/u, "");
    const label = `${request.method} ${path}`;
    const landing = landingOf(github, label);
    return steps.ask({ owner, kind: "network", label, landing, isFree: () => true }, async () => {
      const chosen = fault(landing !== null);
      const route = match(request.method, path)?.route.name;
      const armed = github.faults.armed().length;
      if (chosen !== null && route !== undefined) github.faults.next({ ...chosen, route });
      const answer = github.fetch(request);
      // What does not fit this request (an old answer where there is none) must not wait for another one's.
      await answer.then(
        () => undefined,
        () => undefined,
      );
      const isLeft = github.faults.armed().length > armed;
      if (isLeft) github.faults.disarm();
      onRequest(label, chosen?.kind === "stale" && !isLeft);
      return answer;
    });
  };
}

/** Which pull request GitHub is asked to merge. */
function landingOf({ state }: GitHub, label: string): Landing | null {
  const { name = "", number = "" } = /^PUT \/repos\/[^/]+\/(?<name>[^/]+)\/pulls\/(?<number>\d+)\/merge$/u.exec(label)?.groups ?? {};
  const repo = state.repos.values().find((one) => one.name === name);
  return repo === undefined ? null : { repo: repo.id, number: Number(number) };
}
