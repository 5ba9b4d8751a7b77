import type { Finding } from "../catalog/effects.ts";
import type { ModuleChange } from "../gate/report.ts";
import { chooseFleet, onlyNodes, onSite, type Fleet } from "./fleet.ts";
import type { CheckPorts, CheckRequest } from "./check.ts";
import type { Outside } from "./outside.ts";
import { hiddenPins } from "./hidden-pins.ts";
import { treeKey } from "./kept-trees.ts";
import type { EnvironmentLayout } from "./ports/environment.ts";
import { moduleChanges, moduleFindings } from "./module-changes.ts";
import { findModules, type Modules } from "./modules.ts";
import type { PuppetEdge } from "./ports/puppet.ts";
import type { ChangedFile } from "./ports/repository.ts";
import type { StandIns } from "./ports/stand-ins.ts";
import { providedBy, resolveModules, type SideModules } from "./resolve-modules.ts";
import { createSlots } from "./slots.ts";
import { configFindings, lintSettings, type LintSettings, type Subject } from "./subject.ts";
import { Trees } from "./trees.ts";

/** What both sides of a comparison are compiled with: modules, trees, nodes. */

type Versions = Awaited<ReturnType<PuppetEdge["versions"]>>;

export interface SidesModules {
  base: SideModules;
  merged: SideModules;
}

/** Both sides' modules from elsewhere: base's by base's Puppetfile, the merge result's by its own. */
export async function resolveSides({ baseTree, policy }: Subject, tree: string, ports: CheckPorts): Promise<SidesModules> {
  const input = { repository: ports.repository, puppet: ports.puppet, resolver: ports.modules ?? null, sources: policy.modules.sources };
  const base = await resolveModules(input, baseTree);
  return { base, merged: baseTree === tree ? base : await resolveModules(input, tree) };
}

/** The two trees, neither of them opened. */
export const openTrees = (
  { baseTree, policy }: Subject,
  tree: string,
  request: CheckRequest,
  { name, repository, puppet, cores, slots, keep }: CheckPorts,
  { modules, standIns, versions }: { standIns: StandIns | null; modules: SidesModules; versions: Versions },
): Promise<Trees> => {
  const { environment, modulepath, manifest, limits } = policy.compile;
  const keyOf = (of: string, found: EnvironmentLayout): string | null =>
    treeKey({ tree: of, layout: found, versions, limits, standIns: standIns?.id ?? null });
  const layout = { environment, modulepath: request.modulepath ?? modulepath, manifest, worktree: repository.workTree };
  const provided = { base: providedBy(modules.base), merged: providedBy(modules.merged) };
  const shared = { slots: slots ?? createSlots(cores), keep: keep ? { ...keep, keyOf } : null };
  return Trees.of({ name, repository, puppet, layout, limits, provided, standIns, ...shared }, baseTree, tree);
};

export interface FleetRequest {
  subject: Subject;
  /** Of the merge result. */
  tree: string;
  request: CheckRequest;
  ports: CheckPorts;
  trees: Trees;
  outside: Outside;
}

/** The nodes, with their facts as the site's server would have them. */
export async function fleetOf({ subject, tree, request, ports, trees, outside }: FleetRequest): Promise<Fleet> {
  const fleet = await chooseFleet(
    ports.repository,
    ports.inventory,
    { base: subject.baseTree, merged: tree },
    {
      folder: request.facts,
      puppetdb: outside.puppetdb,
      configured: subject.policy.facts.folder,
      nodeStatements: () => trees.nodeStatements(),
      wanted: request.nodes,
    },
  );
  const { facts } = subject.policy;
  return onlyNodes(onSite(fleet, ports.inventory, { filter: facts, server: facts.server, enc: outside.enc }), request.nodes);
}

/** What is read before anything is compiled. */
export interface Ground {
  changed: readonly ChangedFile[];
  lint: LintSettings;
  modules: Modules;
  /** Modules from elsewhere whose content changes. */
  moved: ModuleChange[];
  fleet: Fleet;
  /** Of configuration, modules, lint settings and node facts. */
  findings: readonly Finding[];
}

export async function readGround(request: FleetRequest & { modules: SidesModules }, signal: AbortSignal | undefined): Promise<Ground> {
  const { subject, tree, ports, trees, modules: sides } = request;
  const { repository } = ports;
  const changed = await repository.changes(subject.baseTree, tree);
  const config = await configFindings(repository, tree, changed, subject.policy.compile, { start: ports.startEvaluator ?? null, signal });
  const lint = await lintSettings(repository, subject);
  const modules = findModules(sides, trees.merged, changed);
  const moved = !ports.modules ? [] : await moduleChanges(sides.base, sides.merged, ports.modules);
  const hidden = hiddenPins(sides, trees.merged, changed);
  const fleet = await fleetOf(request);
  const findings = [...config, ...moduleFindings(moved), ...hidden, ...lint.findings, ...fleet.findings];
  return { changed, lint, modules, moved, fleet, findings };
}
