import type { Merge } from "../gate/decide.ts";
import type { Facts, Person } from "../gate/facts.ts";
import { Problem } from "../problem.ts";
import type { AdvancePorts } from "./advance.ts";
import { withMirror } from "./with-mirror.ts";
import type { GateMirror, MergeCommit, Signature } from "./ports/mirror.ts";
import type { MergeOutcome } from "./ports/forge.ts";
import type { Look } from "./look.ts";

/**
 * Lands exactly what was checked: a merge commit over the checked tree is made, kept as the intention, and the branch is moved to it from
 * the base that was checked and from nothing else. `intend` keeps the commit's id before anything is pushed.
 */
export async function landExactly(
  ports: AdvancePorts,
  { origin, change, facts }: Look,
  merge: Merge,
  intend: (commit: string) => Promise<void>,
): Promise<MergeOutcome> {
  const committer = await ports.committer();
  const landed = withMirror(ports.openMirror, origin, async (mirror): Promise<MergeOutcome> => {
    const gone = await mirror.keep(change.number, [merge.base, merge.head]);
    if (gone.length > 0) return moved("the checked commits are not there any more");
    const made = await mirror.makeMerge(mergeCommit(merge, facts, committer, ports.noreply));
    if (made === null || made.tree !== merge.tree) return moved("git makes another merge result than the one that was checked");
    await intend(made.commit);
    const outcome = await pushed(mirror, merge, made.commit);
    // Whatever was said of it, where the commit is now decides.
    if (outcome.kind !== "merged" && (await hasLanded(mirror, made.commit, merge.baseRef))) return { kind: "merged", sha: made.commit };
    return outcome.kind === "refused" && outcome.reason === "other" ? advised(ports, merge, outcome) : outcome;
  });
  return landed.catch(unclear);
}

/** With what a person can do about it. */
async function advised({ forge }: AdvancePorts, merge: Merge, refusal: MergeOutcome & { kind: "refused" }): Promise<MergeOutcome> {
  const wayOut = await forge.wayOut(merge, refusal.text);
  return wayOut === null ? refusal : { ...refusal, text: `${refusal.text.replace(/[.]?$/u, ".")} ${wayOut}` };
}

/** What git could not do may be done by the next try, which reads first. */
function unclear(error: unknown): MergeOutcome {
  if (error instanceof Problem) return { kind: "unclear", text: error.text };
  throw error;
}

const moved = (text: string): MergeOutcome => ({ kind: "refused", reason: "base-moved", text });

async function pushed(mirror: GateMirror, { baseRef, base }: Merge, commit: string): Promise<MergeOutcome> {
  try {
    return await mirror.push({ branch: baseRef, expected: base, commit });
  } catch (error) {
    return unclear(error);
  }
}

/** False too where the branch can't be read: then the next turn reads again. */
async function hasLanded(mirror: GateMirror, commit: string, branch: string): Promise<boolean> {
  try {
    return await mirror.isReachable(commit, branch);
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** Everything in it is of the change and of the command, nothing of this moment: it has the same id each time. */
function mergeCommit({ base, head, message, author, comment }: Merge, facts: Facts, committer: Signature, noreply: string): MergeCommit {
  const said = facts.comments.known ? facts.comments.value.find(({ id }) => id === comment)?.createdAt : undefined;
  const body = message.body.trim();
  return {
    base,
    head,
    message: `${message.title} (#${facts.number})${body === "" ? "" : `\n\n${body}`}`,
    author: author === null ? committer : privately(author, noreply),
    committer,
    date: said ?? facts.headSince,
  };
}

/** By the address that GitHub keeps for them: their own is nobody's business. */
const privately = ({ id, login }: Person, noreply: string): Signature => ({ name: login, email: `${id}+${login}@${noreply}` });
