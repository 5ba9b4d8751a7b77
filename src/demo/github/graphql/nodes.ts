import { must } from "../lookup.ts";
import { nodeId } from "../shapes/account.ts";
import type { Repo } from "../state.ts";
import { actorObject } from "./actors.ts";
import { demandGrant, refusal, visible, type Asked } from "./asked.ts";
import { checkRunObject } from "./commits.ts";
import { commentObject, pullObject, reviewObject } from "./pulls.ts";
import { repositoryObject } from "./repositories.ts";

/** Things by their global id, which REST calls `node_id`. */

export function nodeObject(asked: Asked, id: string): object {
  const found = parseId(id);
  const object = found === null ? null : find(asked, found.prefix, found.number);
  if (object === null) throw refusal("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
  return object;
}

/** The repository of a global id, where the asker sees it. */
export function repositoryById(asked: Asked, id: string): Repo {
  const found = parseId(id);
  const repo = found?.prefix === "R" ? asked.world.state.repos.get(found.number) : undefined;
  if (repo === undefined || !visible(asked, repo)) throw refusal("NOT_FOUND", `Could not resolve to a node with the global id of '${id}'.`);
  return repo;
}

function parseId(id: string): { prefix: string; number: number } | null {
  const [, prefix = "", rest = ""] = /^([A-Z]+)_(.+)$/.exec(id) ?? [];
  const number = Number(
    Buffer.from(rest, "base64url")
      .toString("utf8")
      .replace(/^stand-in:/, ""),
  );
  return nodeId(prefix, number) === id ? { prefix, number } : null;
}

function find(asked: Asked, prefix: string, id: number): object | null {
  const { state } = asked.world;
  if (prefix === "U" || prefix === "O" || prefix === "BOT")
    return state.accounts.has(id) ? actorObject(asked, must(state.accounts, id).id) : null;
  for (const repo of state.repos.values()) {
    if (!visible(asked, repo)) continue;
    if (prefix === "R" && repo.id === id) return repositoryObject(asked, repo);
    const object = findIn(asked, repo, prefix, id);
    if (object !== null) return object;
  }
  return null;
}

function findIn(asked: Asked, repo: Repo, prefix: string, id: number): object | null {
  if (prefix === "IC") {
    const comment = repo.comments.get(id);
    if (comment === undefined) return null;
    demandGrant(asked, repo, "issues:read", "pull_requests:read");
    return commentObject(asked, repo, comment);
  }
  if (prefix === "CR") {
    const run = repo.checkRuns.get(id);
    if (run === undefined) return null;
    demandGrant(asked, repo, "checks:read");
    return checkRunObject(asked, repo, run);
  }
  for (const pull of repo.pulls.values()) {
    const review = prefix === "PRR" ? pull.reviews.find((entry) => entry.id === id) : undefined;
    if (review === undefined && !(prefix === "PR" && pull.id === id)) continue;
    demandGrant(asked, repo, "pull_requests:read");
    return review === undefined ? pullObject(asked, pull) : reviewObject(asked, pull, review);
  }
  return null;
}
