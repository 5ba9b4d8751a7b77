import { withLaneRules } from "./lane-rules.ts";
import { stricterOf } from "./preconditions.ts";
import type { BreakGlass } from "./requirement.ts";
import { defaultPolicy, type Mode, type Policy, type Rule } from "./schema.ts";

/** One file's policy, and what the file itself says of it: what `loadPolicy` gives. */
export interface PolicyLayer {
  policy: Policy;
  says: ReadonlySet<string>;
}

/** Why two files can't hold together, and what to do about it in the repository's. */
export interface MergeProblem {
  text: string;
  hint: string;
}

export type MergedPolicy = { ok: true; policy: Policy } | { ok: false; problems: readonly MergeProblem[] };

/**
 * The policy of a repository whose organisation has one, too. The repository adds rules and freezes, and describes itself: its services, fleet, node
 * facts, compile, landing, lanes, announcements and debt. It never weakens what the organisation says; where it tries to, that is a problem, or the organisation's
 * word holds. Without either file the default policy holds.
 */
export function mergePolicies(organisation: PolicyLayer | null, repository: PolicyLayer | null): MergedPolicy {
  if (organisation === null || repository === null)
    return { ok: true, policy: withLaneRules((repository ?? organisation)?.policy ?? defaultPolicy) };
  const problems = [
    ...nameProblems(organisation, repository),
    ...observeProblems(organisation, repository),
    ...breakGlassProblems(organisation, repository),
    ...leniencyProblems(organisation, repository),
  ];
  return problems.length > 0 ? { ok: false, problems } : { ok: true, policy: withLaneRules(put(organisation, repository)) };
}

function put(organisation: PolicyLayer, repository: PolicyLayer): Policy {
  /** The repository's word on what it knows best. */
  const own = (part: string): Policy => (repository.says.has(part) ? repository : organisation).policy;
  /** The stricter of the words that were said; `strict` where one of them is that. */
  const stricter = <T>(part: string, strict: T, of: (policy: Policy) => T): T => {
    const said = [organisation, repository].filter(({ says }) => says.has(part)).map(({ policy }) => of(policy));
    return said.includes(strict) ? strict : (said[0] ?? of(defaultPolicy));
  };
  return {
    mode: modeOf(organisation, repository),
    observePaths: [organisation, repository].flatMap(({ policy }) => policy.observePaths),
    services: own("services").services,
    radius: own("radius").radius,
    facts: own("facts").facts,
    lint: {
      disable: disabled(organisation, repository),
      ignores: stricter("lint.ignores", "refuse", ({ lint }) => lint.ignores),
    },
    modules: own("modules").modules,
    compile: own("compile").compile,
    rules: rulesOf(organisation, repository),
    freezes: [organisation, repository].flatMap(({ policy }) => policy.freezes),
    forks: stricter("forks", "ok-to-test", ({ forks }) => forks),
    landing: own("landing").landing,
    suggestions: stricter("review.suggestions", "contribute", ({ suggestions }) => suggestions),
    breakGlass: asks(organisation) && !organisation.says.has("break_glass") ? null : own("break_glass").breakGlass,
    debt: own("debt").debt,
    empty: own("empty").empty,
    ignore: own("differences").ignore,
    lanes: own("lanes").lanes,
    rollout: own("rollout").rollout,
    preconditions: stricterOf(organisation.policy.preconditions, repository.policy.preconditions),
    announce: own("announce").announce,
    pages: { nodes: strictest([organisation, repository].filter(({ says }) => says.has("pages")).map(({ policy }) => policy.pages.nodes)) },
  };
}

const strictest = (words: readonly Policy["pages"]["nodes"][]): Policy["pages"]["nodes"] =>
  (["admin", "write", "read"] as const).find((each) => words.includes(each)) ?? defaultPolicy.pages.nodes;

/** A file that only describes things asks for nothing, and a repository may observe beside it. */
const asks = ({ says }: PolicyLayer): boolean => ["mode", "rules", "freezes"].some((part) => says.has(part));

/** What each file wants of its own rules; a repository that does not say follows its organisation. */
const modesOf = (organisation: PolicyLayer, repository: PolicyLayer): readonly [Mode, Mode] => [
  organisation.policy.mode,
  repository.says.has("mode") ? repository.policy.mode : organisation.policy.mode,
];

/** The whole is observed only where both want that; else each file's own rules are. */
function modeOf(organisation: PolicyLayer, repository: PolicyLayer): Mode {
  const [wide, own] = modesOf(organisation, repository);
  return asks(organisation) && wide === "enforce" ? "enforce" : own;
}

/** Where neither file has rules, the default ones hold. */
function rulesOf(organisation: PolicyLayer, repository: PolicyLayer): readonly Rule[] {
  const whole = modeOf(organisation, repository);
  const [wide, own] = modesOf(organisation, repository);
  const observed = (mode: Mode, rules: readonly Rule[]): readonly Rule[] =>
    mode === "observe" && whole === "enforce" ? rules.map((rule) => ({ ...rule, mode })) : rules;
  const common = organisation.says.has("rules") || !repository.says.has("rules") ? observed(wide, organisation.policy.rules) : [];
  return repository.says.has("rules") ? [...common, ...observed(own, repository.policy.rules)] : common;
}

/** A check of puppet-lint that one of the files leaves on is on. */
function disabled(organisation: PolicyLayer, repository: PolicyLayer): readonly string[] {
  const [first = [], second] = [organisation, repository]
    .filter(({ says }) => says.has("lint.disable"))
    .map(({ policy }) => policy.lint.disable);
  return second === undefined ? first : first.filter((check) => second.includes(check));
}

function nameProblems(organisation: PolicyLayer, repository: PolicyLayer): MergeProblem[] {
  return (["rules", "freezes"] as const).flatMap((part) => {
    if (!organisation.says.has(part) || !repository.says.has(part)) return [];
    const taken = new Set(organisation.policy[part].map(({ name }) => name));
    const twice = repository.policy[part].filter(({ name }) => taken.has(name));
    return twice.map(({ name }) => ({
      text: `\`${part}\`: "${name}" is the name of one of the organisation's, which a repository can't replace.`,
      hint: "Give it another name: both hold then.",
    }));
  });
}

function observeProblems(organisation: PolicyLayer, repository: PolicyLayer): MergeProblem[] {
  const [path] = repository.policy.observePaths;
  if (path === undefined || !asks(organisation)) return [];
  return [
    {
      text: `\`observe_paths\`: "${path}" would take changes out of the organisation's rules, which a repository can't.`,
      hint: "Remove it, or have it written into the organisation's policy. A rule of the repository's own may be observed by `mode: observe`.",
    },
  ];
}

/**
 * What an organisation says of differences that are noise, or of catalogs that are meant to be empty, is all that a repository may say: `ignore: []`
 * and `empty: []` forbid it. Reasons and owners may be others.
 */
function leniencyProblems(organisation: PolicyLayer, repository: PolicyLayer): MergeProblem[] {
  const hint = "Remove it, or have it written into the organisation's policy.";
  const beyondIt = <T>(part: string, of: (policy: Policy) => readonly T[], name: (entry: T) => string): MergeProblem[] => {
    if (!organisation.says.has(part) || !repository.says.has(part)) return [];
    const allowed = new Set(of(organisation.policy).map(name));
    return of(repository.policy)
      .filter((entry) => !allowed.has(name(entry)))
      .map((entry) => ({ text: `\`${part}\`: ${name(entry)} is not in the organisation's, which a repository can only narrow.`, hint }));
  };
  return [
    ...beyondIt(
      "differences",
      ({ ignore }) => ignore,
      ({ type, title, attribute, anyLine, everyLine }) =>
        JSON.stringify({
          type,
          title,
          attribute,
          ...(anyLine !== null && { any_line: anyLine }),
          ...(everyLine !== null && { every_line: everyLine }),
        }),
    ),
    ...beyondIt(
      "empty",
      ({ empty }) => empty.flatMap(({ nodes }) => nodes),
      (node) => JSON.stringify(node),
    ),
  ];
}

/** A repository may narrow who may break the glass; where the organisation has rules and names nobody, that is nobody. Whether a person is in a team can't be seen here, so each is compared with its own kind. */
function breakGlassProblems(organisation: PolicyLayer, repository: PolicyLayer): MergeProblem[] {
  if (repository.policy.breakGlass === null || (!organisation.says.has("break_glass") && !asks(organisation))) return [];
  const more = beyond(repository.policy.breakGlass, organisation.policy.breakGlass ?? { users: [], teams: [], hours: 0 });
  if (more === null) return [];
  const hint = "Name only whom the organisation's policy names, for no more hours than it gives.";
  return [{ text: `\`break_glass\`: ${more} goes beyond the organisation's, which a repository can only narrow.`, hint }];
}

/** What one grants that the other does not, or null. Logins and teams are compared without regard to case, as GitHub does. */
export function beyond(one: BreakGlass, other: BreakGlass): string | null {
  const lacks = (names: readonly string[], name: string): boolean => !names.some((each) => each.toLowerCase() === name.toLowerCase());
  const person = one.users.find((user) => lacks(other.users, user)) ?? one.teams.find((team) => lacks(other.teams, team));
  if (person !== undefined) return `"${person}"`;
  return one.hours > other.hours ? `\`hours: ${one.hours}\`` : null;
}
