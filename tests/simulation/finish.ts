import type { Entry } from "../../src/ledger/entry.ts";
import type { Pull, Repo } from "../../src/demo/github/state.ts";
import type { Scene } from "./actors.ts";
import { approve, say } from "./deeds.ts";
import { commitsOf } from "./git/history.ts";
import { objectionsTo } from "./model.ts";
import { momentOf } from "./truth.ts";
import type { Violation, Watch } from "./watch.ts";
import { openPulls, type World } from "./world.ts";

/** What has to be so once nothing goes wrong any more and all is at rest. */
export interface FinishPorts {
  world: World;
  watch: Pick<Watch, "landings">;
  /** Asks the gate's database. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as in Executor
  query: <Row>(sql: string) => Promise<{ rows: Row[] }>;
  /** Until nothing is left to do, and so many sweeps have been. */
  calmDown: (sweeps: number) => Promise<void>;
  /** Has these changes looked at anew, and all that comes of it done. */
  lookAfresh: (changes: readonly { repository: number; number: number }[]) => Promise<void>;
  /** Lets a deed be done now, in the repository of this number, about this pull request. */
  act: (run: (at: Scene) => Promise<unknown>, repo: number, pull: number) => Promise<void>;
  violate: (violation: Omit<Violation, "step">) => void;
}

export async function finish(ports: FinishPorts): Promise<void> {
  // Whose an address is comes to be known without any event, and is asked every five minutes.
  await ports.calmDown(6);
  await checkLedger(ports);
  checkComments(ports);
  await checkVerdicts(ports);
  await landWhatCan(ports);
  await checkLedger(ports);
  checkComments(ports);
}

/** Rule 2: each landing has one entry, and all that it rests on is there. */
export async function checkLedger({ watch, query, violate }: FinishPorts): Promise<void> {
  const { rows } = await query<{ entry: string }>("select entry from entries order by seq");
  const held = await query<{ sha256: string; content: Uint8Array }>("select sha256, content from evidence");
  const evidence = new Map(held.rows.map(({ sha256, content }) => [sha256, Buffer.from(content).toString()]));
  const entries = rows.map(({ entry }) => JSON.parse(entry) as Entry);
  for (const { kind, idempotencyKey, evidence: named } of entries)
    for (const digest of named) if (!evidence.has(digest)) violate({ rule: 2, text: `evidence of ${kind} ${idempotencyKey} is not there` });
  const landed = entries.filter(({ kind }) => kind === "landed");
  const textOf = (entry: Entry): string => evidence.get(entry.evidence[0] ?? "") ?? "";
  for (const { repo, number, commit, head, how } of watch.landings) {
    const own = landed.filter((entry) => {
      if (entry.repo !== repo.id || entry.subject !== `pull/${number}`) return false;
      const told = JSON.parse(textOf(entry)) as { commit: string | null; head: string };
      return how === "exact" ? told.commit === commit : told.head === head;
    });
    if (own.length !== 1) violate({ rule: 2, text: `#${number} landed as ${commit.slice(0, 10)} and has ${own.length} entries` });
  }
  if (landed.length > watch.landings.length)
    violate({ rule: 2, text: `the ledger has ${landed.length} landings, and there were ${watch.landings.length}` });
}

/** Rule 3: one comment remains. */
export function checkComments({ world, violate }: FinishPorts): void {
  for (const { repo } of world.repos) {
    for (const { number, state } of repo.pulls.values()) {
      const own = [...repo.comments.values()].filter((comment) => comment.number === number && comment.appId === world.app.id);
      if (own.length > 1 || (state === "open" && own.length === 0))
        violate({ rule: 3, text: `#${number} is ${state} and has ${own.length} comments of the gate` });
    }
  }
}

/** Rule 4: whoever evaluates everything afresh comes to what is kept and shown. */
export async function checkVerdicts(ports: FinishPorts): Promise<void> {
  const { world, violate } = ports;
  const before = await verdicts(ports);
  const changes = world.repos.flatMap(({ repo }) => openPulls(repo).map(({ number }) => ({ repository: repo.id, number })));
  await ports.lookAfresh(changes);
  const after = await verdicts(ports);
  for (const { repo } of world.repos) {
    for (const pull of openPulls(repo)) {
      const key = `${repo.id}#${pull.number}`;
      if (before.get(key)?.text !== after.get(key)?.text)
        violate({
          rule: 4,
          text: `#${pull.number} stood as ${before.get(key)?.text ?? "nothing"}, and looked at afresh as ${after.get(key)?.text ?? "nothing"}`,
        });
      checkShown(world, repo, pull, after.get(key)?.standing ?? "nothing", violate);
    }
  }
}

interface Kept {
  text: string;
  standing: string;
}

async function verdicts({ query }: FinishPorts): Promise<Map<string, Kept>> {
  interface Row {
    repository: number;
    number: number;
    verdict: string | null;
    standing: string | null;
    head: string | null;
    base: string | null;
  }
  const { rows } = await query<Row>("select repository, number, verdict, standing, head, base from changes where state = 'open'");
  return new Map(
    rows.map(({ repository, number, verdict, standing, head, base }) => {
      const { outcome = "none", reasons = [] } = JSON.parse(verdict ?? "{}") as {
        outcome?: string;
        reasons?: { rule: string; outcome: string }[];
      };
      const told = reasons.map((reason) => `${reason.rule}:${reason.outcome}`).join(" ");
      return [
        `${repository}#${number}`,
        { text: `${outcome} of ${head?.slice(0, 7)} on ${base?.slice(0, 7)}: ${told}`, standing: standing ?? "nothing" },
      ];
    }),
  );
}

/** The check run says what the verdict is; where several changes share a head, that of the worst of them. */
function checkShown(world: World, repo: Repo, pull: Pull, standing: string, violate: FinishPorts["violate"]): void {
  const sharing = openPulls(repo).filter(({ head }) => head.sha === pull.head.sha);
  if (sharing.length > 1) return;
  const run = [...repo.checkRuns.values()].findLast(({ headSha, appId }) => headSha === pull.head.sha && appId === world.app.id);
  const wanted: Readonly<Record<string, string | null>> = {
    pass: "success",
    waiting: "action_required",
    blocked: "failure",
    unknown: "failure",
  };
  const conclusion = run?.conclusion ?? "none";
  if (conclusion !== wanted[standing])
    violate({ rule: 4, text: `#${pull.number} stands as ${standing}, and its check run says ${conclusion}` });
}

/** Rule 5: what peers approve, with green checks, lands at its author's word. */
async function landWhatCan(ports: FinishPorts): Promise<void> {
  for (const candidate of candidatesOf(ports.world)) {
    await supply(ports, candidate);
    await ports.calmDown(0);
    if (candidate.pull.state !== "open") continue;
    const mayLand = await ask(ports, candidate);
    await ports.calmDown(1);
    checkLanded(ports, candidate, mayLand);
  }
}

/** A change that is to land at the end: of each repository the newest that is open. */
export interface Candidate {
  index: number;
  name: string;
  repo: Repo;
  pull: Pull;
  opener: string;
}

export const candidatesOf = ({ repos, github }: World): Candidate[] =>
  repos.flatMap(({ repo, name }, index) =>
    openPulls(repo)
      .slice(-1)
      .map((pull) => ({ index, name, repo, pull, opener: github.state.accounts.get(pull.userId)?.login ?? "" })),
  );

/** Gives it all that policies ask for. */
export async function supply({ world, act }: FinishPorts, { index, name, pull, opener }: Candidate): Promise<void> {
  const { number } = pull;
  await act(async (at) => world.github.as(opener).setDraft(at.name, number, false), index, number);
  await act(
    () => world.github.workflow(name, "alice", { path: ".github/workflows/ci.yml", head: pull.head.sha, jobs: { ci: "success" } }),
    index,
    number,
  );
  // Where base moved in the very moment in which GitHub merged, merging has stopped until somebody looked into it.
  await act((at) => say({ ...at, pull }, "carol", "/unfreeze looked into it, all is well"), index, number);
  for (const login of ["carol", "dave", "bob"])
    if (login !== opener) await act((at) => approve({ ...at, pull }, login, "APPROVE"), index, number);
}

/** Its author asks for it; says whether it has to land then. */
export async function ask({ world, act }: FinishPorts, { index, repo, pull, opener }: Candidate): Promise<boolean> {
  const { number } = pull;
  if (pull.state !== "open") return false;
  await act((at) => say({ ...at, pull }, opener, "/merge"), index, number);
  const base = repo.refs.get(pull.base.ref) ?? "";
  const moment = momentOf(world);
  const claim = { repo, number, branch: pull.base.ref, base, head: pull.head.sha, window: [moment], turn: [moment] };
  const isFork = pull.head.repoId !== repo.id;
  // Whose address a trailer names is known to nobody before that person wrote a commit: then it blocks, as it should.
  const isNamed = commitsOf(world.objects, [claim.head], [base]).some((sha) =>
    world.objects.commit(sha).message.includes("Co-authored-by"),
  );
  return objectionsTo(world, claim).length === 0 && !isFork && !isNamed;
}

export function checkLanded({ world, violate }: FinishPorts, { repo, pull }: Candidate, mayLand: boolean): void {
  if (!mayLand || pull.merged !== null) return;
  const told = [...repo.comments.values()].find((comment) => comment.number === pull.number && comment.appId === world.app.id);
  violate({ rule: 5, text: `#${pull.number} could have landed and did not: ${told?.body.slice(0, 1500) ?? "nothing is said"}` });
}
