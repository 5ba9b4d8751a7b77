import type { Explained, Finding } from "../catalog/effects.ts";
import { judgeChecks } from "../gate/judge.ts";
import { pendingRules } from "../gate/pending.ts";
import type { Report } from "../gate/report.ts";
import { redacted } from "../gate/redact.ts";
import canonicalize from "canonicalize";
import { touchedBy } from "./besides.ts";
import { causesOf } from "./causes.ts";
import { showContents } from "./contents.ts";
import { checkFiles, isParsedByPuppet } from "./files.ts";
import { startDeadline, type Deadline } from "./deadline.ts";
import type { Fleet } from "./fleet.ts";
import { openTrees, readGround, resolveSides, type FleetRequest, type Ground, type SidesModules } from "./ground.ts";
import { missedFinding, missedWords } from "./kept/missed.ts";
import { conflictReport, makeReport } from "./make-report.ts";
import { ImpactCollector, type Impact } from "./impact.ts";
import type { KeptTrees } from "./kept-trees.ts";
import { expecting, type Expecting } from "./expect/in-check.ts";
import type { StartEvaluator } from "./ports/evaluator.ts";
import { Problem } from "../problem.ts";
import type { PolicyFileText } from "./layers.ts";
import { elsewhere } from "./outside-coverage.ts";
import { readOutside } from "./outside.ts";
import { isAsked } from "./preconditions/look.ts";
import type { KeptBuckets, LaneTips } from "./preconditions/moves.ts";
import { preconditionsOf } from "./preconditions/of-change.ts";
import { placer } from "./place.ts";
import type { ChangedFile, Repository } from "./ports/repository.ts";
import type { CompileCache } from "./ports/cache.ts";
import type { Inventory, NodeFacts, PuppetDb } from "./ports/nodes.ts";
import type { ModuleResolver } from "./ports/modules.ts";
import type { Progress } from "./ports/progress.ts";
import type { PuppetEdge } from "./ports/puppet.ts";
import { compileFleet, type FleetCompiled } from "./compile-fleet.ts";
import type { Slots } from "./slots.ts";
import { stopwatch, type Stopwatch } from "./stopwatch.ts";
import { readSubject } from "./subject.ts";
import { readServed, servedBy, type Trees } from "./trees.ts";

/** What to check. Paths are absolute. */
export interface CheckRequest {
  /** Null takes the remote's default branch. */
  base: string | null;
  /** A ref, or `worktree`. */
  head: string;
  /** A folder with node facts; null looks where the policy says, then at the usual places. */
  facts: string | null;
  /** An ENC's file, or a folder with one for each node; null or absent takes the policy's. */
  enc?: string | null;
  /** A folder of stand-ins; null or absent takes the policy's. */
  standIns?: string | null;
  /** True takes node facts from PuppetDB whatever the policy says. */
  puppetdb?: boolean;
  /** Globs of certnames; none means all. */
  nodes: readonly string[];
  /** As typed: folders of the tree or of this machine. Null takes the policy's, then environment.conf's. */
  modulepath: readonly string[] | null;
  /** The policy to judge by, instead of base's. */
  policy: PolicyFileText | null;
  /** A certname to explain in the report. */
  explain?: string | null;
  /** Percent of the nodes that the change does not reach, to be compiled all the same; null or absent: as many as cost little. */
  sample?: number | null;
  /** Evaluate base's expectations also where the merge result is base. */
  expectations?: boolean;
  /** The organisation's policy, where the repository belongs to one that has it. */
  organisation?: PolicyFileText | null;
}

export interface CheckPorts {
  repository: Repository;
  inventory: Inventory;
  puppet: PuppetEdge;
  /** Null or absent: this process was told of none. */
  puppetDb?: PuppetDb | null;
  /** Gets what a Puppetfile names; null or absent where nothing is ever fetched. */
  modules?: ModuleResolver | null;
  /** Where expectations are evaluated; null or absent: nowhere, so that a repository which has some is unknown. */
  startEvaluator?: StartEvaluator | null;
  /** Base's compiles from check to check; null or absent: none are kept. */
  cache?: CompileCache | null;
  /** Milliseconds, of any clock that does not go backwards. */
  now: () => number;
  /** The day it is: `YYYY-MM-DD`, UTC. */
  today: () => string;
  /** Processors to use. */
  cores: number;
  /** What tells this repository from others whose compiles are kept in the same place. */
  name: string;
  /** Where checks of this process wait for them; null or absent: there is no other check. */
  slots?: Slots | null;
  /** Where lanes' branches are now, by their environments; null or absent where nobody can be asked. */
  laneTips?: ((environments: readonly string[]) => Promise<LaneTips>) | null;
  /** What rollouts keep of nodes' shares; null or absent where there are none, as on a person's clone: then the certname alone decides. */
  keptBuckets?: KeptBuckets | null;
  /** Keeps base's tree open for the next check of the same branch; null or absent: there is none. */
  keep?: { trees: KeptTrees; branch: string } | null;
}

export interface CheckOptions {
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/**
 * What a change would do to the fleet, and whether the checks have anything against it. Throws a Problem where nothing can be said at
 * all; everything that concerns one file or one node is in the report instead, and the others' results are kept.
 */
export async function check(request: CheckRequest, ports: CheckPorts, options: CheckOptions = {}): Promise<Report> {
  const deadline = startDeadline(options.signal);
  try {
    return await checkInTime(request, ports, { ...options, signal: deadline.signal }, deadline);
  } finally {
    deadline.clear();
  }
}

async function checkInTime(request: CheckRequest, ports: CheckPorts, options: CheckOptions, deadline: Deadline): Promise<Report> {
  const run: Run = { clock: stopwatch(ports.now), onProgress: options.onProgress ?? (() => {}), signal: options.signal };
  run.onProgress({ step: "read", done: 0, total: null });
  const texts = { given: request.policy, organisation: request.organisation ?? null };
  const versions = ports.puppet.versions();
  versions.catch(() => {}); // thrown where it is waited for, unless something else comes first
  const subject = await readSubject(ports.repository, request, texts);
  deadline.set(subject.policy.compile.checkMinutes);
  if (!subject.merge.ok) return conflictReport(subject, subject.merge.conflicts, run.clock);
  if (isParsedByPuppet(await ports.repository.changes(subject.baseTree, subject.merge.tree)))
    ports.puppet.expectSyntax(subject.policy.compile.limits);
  const outside = await readOutside(request, ports, subject, options.signal);
  const modules = await resolveSides(subject, subject.merge.tree, ports);
  const trees = await openTrees(subject, subject.merge.tree, request, ports, {
    standIns: outside.standIns,
    modules,
    versions: await versions,
  });
  const closing = [async () => trees.close()];
  try {
    const tree = subject.merge.tree;
    return await checkMerge({ subject, tree, request, ports, trees, modules, outside, versions: await versions, run, closing });
  } finally {
    await Promise.all(closing.map((close) => close()));
  }
}

interface Run {
  clock: Stopwatch;
  onProgress: (progress: Progress) => void;
  signal: AbortSignal | undefined;
}

interface Work extends FleetRequest {
  modules: SidesModules;
  versions: Awaited<ReturnType<PuppetEdge["versions"]>>;
  run: Run;
  /** What is to be freed at the end, whatever that is. */
  closing: Array<() => Promise<void>>;
}

/** The steps of src/README.md, "A check, step by step", from the third on. */
async function checkMerge(work: Work): Promise<Report> {
  const { subject, tree, ports, run } = work;
  const ground = await readGround(work, run.signal);
  run.clock.lap("read");
  const done = await compileAndCheckFiles(work, ground);
  const { files, compiled, impact, expects } = done;
  const preconditions = await run.clock.time(
    "files",
    preconditionsOf({ ...work, changed: ground.changed, fleet: ground.fleet, lanes: files.lanes }),
  );
  run.onProgress({ step: "diff", done: 0, total: null });
  const effects = impact.finish(ground.fleet.snapshot.unreadable, compiled);
  const finishing = expects.finish((certname) => impact.effectsOf(certname));
  const expected = await (expects.course === null ? finishing : run.clock.time("expectations", finishing));
  const missed = effects.coverage.plan?.missed ?? [];
  if (missed.length > 0) await compiled.distrust(missedWords(missed));
  const findings = placed(
    [
      ...ground.findings,
      ...files.findings,
      ...preconditions.findings,
      ...effects.findings,
      ...expected.findings,
      ...missed.map(missedFinding),
    ],
    ground.changed,
  );
  const looked = {
    sameTree: subject.baseTree === tree,
    linted: files.linted,
    parsed: files.parsed,
    assumedFacts: ground.fleet.assumed,
    unnamedNodes: ground.fleet.unnamed,
    debts: subject.policy.debt,
    today: ports.today(),
    unfelt: effects.unfelt,
    ...(isAsked(subject.policy) ? { preconditions: { debt: preconditions.debt } } : {}),
    ...ground.modules,
  };
  const touched = await touchedBy(ports.repository, subject.baseTree, tree);
  const proposed = { ...touched, report: { ...effects, findings } };
  const reasons = [...judgeChecks(findings, effects.nodes, looked), ...expected.reasons, ...pendingRules(subject.policy, proposed)];
  return reportOf(work, ground, done, { effects, findings, reasons, expected });
}

interface Done {
  files: Awaited<ReturnType<typeof checkFiles>>;
  compiled: FleetCompiled;
  impact: ImpactCollector;
  expects: Expecting;
}

/** Compiles what has to be, and looks at the changed files meanwhile. */
async function compileAndCheckFiles(work: Work, { changed, lint, fleet }: Ground): Promise<Done> {
  const { subject, tree, request, ports, trees, run, closing } = work;
  const { repository } = ports;
  const place = placer(subject.policy, fleet.snapshot);
  const expects = await expecting({
    repository,
    trees,
    place,
    snapshot: fleet.snapshot,
    now: ports.now,
    signal: run.signal,
    start: ports.startEvaluator ?? null,
    whole: request.nodes.length === 0,
    idle: subject.baseTree === tree && request.expectations !== true,
  });
  closing.push(async () => expects.end());
  const impact = new ImpactCollector({
    served: { base: servedBy(trees.base), merged: servedBy(trees.merged) },
    place,
    sizes: subject.policy.radius.sizes,
    knowsExports: (work.outside.standIns?.exported ?? null) !== null,
    elsewhere: elsewhere(fleet.snapshot.nodes, subject.policy.compile.environment),
    fleetSize: fleet.size,
    changed: changed.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [path, oldPath])),
    lostPercent: subject.policy.compile.lostPercent,
    policy: subject.policy,
    lanes: subject.policy.lanes.length > 0,
  });
  const head = await repository.treeOf(subject.head);
  // Sandboxes that wait are for compiles first, and how many of them there will be is known once there is a plan.
  const planned = Promise.withResolvers<void>();
  planned.promise.catch(() => {}); // why there is none is told by the compile itself
  const compiling = compileAll(work, fleet, impact, expects, planned.resolve);
  compiling.then(() => planned.resolve(), planned.reject);
  const filesChecked = checkFiles({
    repository,
    trees: { base: subject.baseTree, merged: tree, head },
    changed,
    openBase: () => planned.promise.then(trees.base.open),
    openMerged: () => planned.promise.then(trees.merged.open),
    lint,
    lanes: isAsked(subject.policy),
    onProgress: run.onProgress,
    signal: run.signal,
  });
  const [files, compiled] = await Promise.all([run.clock.time("files", filesChecked), run.clock.time("compile", compiling)]);
  return { files, compiled, impact, expects };
}

interface Judged {
  effects: ReturnType<ImpactCollector["finish"]>;
  findings: Finding[];
  reasons: Parameters<typeof makeReport>[2];
  expected: Awaited<ReturnType<Expecting["finish"]>>;
}

/** All that was found, without any secret that a compile or a file held. */
async function reportOf(
  { subject, tree, request, ports, trees, outside, run }: Work,
  { changed, moved, fleet }: Ground,
  { files, compiled }: Done,
  { effects, findings, reasons, expected }: Judged,
): Promise<Report> {
  const { repository } = ports;
  const causes = await causesOf(repository, trees, changed, effects);
  const read = readServed(
    [trees.base, trees.merged],
    (oid) => repository.readObject(oid),
    async (module, path) => ports.modules?.read(module, path) ?? null,
  );
  const groups = await showContents(effects.groups, effects.servedOids, read);
  run.clock.lap("diff");
  const made = makeReport(subject, tree, reasons, { ...effects, groups, causes, findings }, files.debt, run.clock);
  const standIns = outside.standIns?.id;
  const facts = { from: fleet.from, id: fleet.snapshot.id, ...(standIns === undefined ? {} : { standIns }) };
  for (const secret of files.secrets) effects.taints.add(secret);
  const explained = explainedOf(request.explain ?? null, effects.nodes, compiled);
  const more = { facts, suggestions: files.suggestions, ...(moved.length > 0 ? { modules: moved } : {}) };
  const told = expected.told.length > 0 ? { expectations: expected.told } : {};
  return redacted({ ...made, ...more, ...told, ...(explained === null ? {} : { explained }) }, effects.taints);
}

/** Throws a Problem where no such node was looked at. */
function explainedOf(certname: string | null, nodes: Impact["nodes"], { reasons, rests }: FleetCompiled): Explained | null {
  if (certname === null) return null;
  if (nodes.some((node) => node.certname === certname))
    return { certname, compiled: reasons.get(certname) ?? null, rests: rests(certname) };
  throw new Problem({
    code: "no-such-node",
    text: `No node that was looked at is called ${certname} (--explain).`,
    hint:
      nodes.length === 0
        ? "There are no nodes at all: give node facts with --facts DIR."
        : `There are ${nodes.length} nodes, such as ${nodes[0]?.certname ?? ""}.`,
  });
}

/** Where both trees are one, nothing is compiled: equal input, equal catalogs. */
async function compileAll(
  { subject, tree, request, ports, trees, outside, versions, run }: Work,
  fleet: Fleet,
  impact: ImpactCollector,
  { course }: Expecting,
  onPlanned: () => void,
): Promise<FleetCompiled> {
  const { nodes } = fleet.snapshot;
  if ((subject.baseTree === tree && course === null) || nodes.length === 0) {
    for (const { certname } of nodes) impact.addUnchanged(certname);
    const nothing = async (): Promise<void> => {};
    return {
      reasons: new Map(),
      sampled: new Set(),
      rests: () => null,
      steady: new Set(),
      calm: new Set(),
      addSteady: nothing,
      distrust: nothing,
    };
  }
  const compiled = await compileFleet({
    ...ports,
    cache: ports.cache ?? null,
    kind: [ports.name, canonicalize(versions) ?? ""],
    trees,
    nodes,
    impact,
    limits: subject.policy.compile.limits,
    standIns: outside.standIns?.id ?? null,
    sample: request.sample ?? null,
    expect: course,
    onPlanned,
    onProgress: run.onProgress,
    signal: run.signal,
  });
  await compileAgain(impact, nodes, trees, compiled, run.signal);
  return compiled;
}

/**
 * A second compile of some nodes on both sides shows what differs at every compile; on base only of those of which that is not known, and on the
 * change's side not of those that are known on base and differ by data alone.
 */
async function compileAgain(
  impact: ImpactCollector,
  nodes: readonly NodeFacts[],
  trees: Trees,
  compiled: FleetCompiled,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wanted = nodes.filter(({ certname }) => impact.wantedAgain.has(certname));
  // What was seen of base's catalog once holds for as long as that catalog is the one that is kept.
  const [known, unknown] = [wanted.filter(({ certname }) => compiled.steady.has(certname)), new Set(wanted)];
  for (const node of known) {
    impact.addSteady(node.certname);
    unknown.delete(node);
  }
  const side = async (name: "base" | "merged", again: readonly NodeFacts[]): Promise<void> => {
    if (again.length === 0) return;
    const tree = await trees[name].open();
    await tree.compile(again, (outcome) => impact.addAgain(name, outcome), { workers: 1, signal });
  };
  const onMerged = wanted.filter((node) => unknown.has(node) || !compiled.calm.has(node.certname));
  await Promise.all([side("base", [...unknown]), side("merged", onMerged)]);
  await compiled.addSteady(impact.steady);
}

/** Marks findings that are on a line which the change touches. */
function placed(findings: readonly Finding[], changed: readonly ChangedFile[]): Finding[] {
  const added = new Map(changed.map((file) => [file.path, file.added]));
  const isOn = ({ path, line }: Finding): boolean => path !== null && line !== null && (added.get(path)?.has(line) ?? false);
  return findings.map((finding) => ({ ...finding, onChangedLine: isOn(finding) }));
}
