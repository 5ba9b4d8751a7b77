import type { Initiated, Step } from "../../engine/ports/lanes.ts";
import { plain } from "../plain.ts";
import type { Paint } from "../paint.ts";

/** All words of `init lanes`. Titles of pull requests are anybody's, and pass `plain`. */

export const stepText = (step: Step): string => {
  switch (step.kind) {
    case "create-branch":
      return `create the branch ${step.branch} at ${short(step.commit)}`;
    case "forward-branch":
      return `move ${step.branch} from ${short(step.from)} on to ${short(step.commit)}, where production is by now`;
    case "default-branch":
      return `make ${step.to} the default branch instead of ${step.from}`;
    case "retarget":
      return `retarget pull request #${step.number} from ${step.from} to ${step.to}: ${plain(step.title, 100)}`;
    case "retarget-all":
      return `retarget every open pull request from ${step.from} to ${step.to}`;
    case "ruleset":
      return `make the ruleset "${step.ruleset.name}" for ${step.ruleset.conditions.ref_name.include.map(shortRef).join(", ")}`;
    case "delete-ruleset":
      return `remove the ruleset "${step.name}"`;
    case "delete-branch":
      return `remove the branch ${step.branch}, still at ${short(step.commit)}`;
  }
  return step satisfies never;
};

/** The same by hand, with git and GitHub's own command line. Names in it are of letters, digits and `._/-` alone. */
function commandOf(step: Step, repository: string): string {
  const api = `gh api -X`;
  switch (step.kind) {
    case "create-branch":
      return `git push origin ${step.commit}:refs/heads/${step.branch}`;
    case "forward-branch":
      return `git push origin ${step.commit}:refs/heads/${step.branch}`;
    case "default-branch":
      return `${api} PATCH repos/${repository} -f default_branch=${step.to}`;
    case "retarget":
      return `gh pr edit ${step.number} -R ${repository} --base ${step.to}`;
    case "retarget-all":
      return `gh pr list -R ${repository} --base ${step.from} --limit 1000 --json number --jq '.[].number' | xargs -rn1 gh pr edit -R ${repository} --base ${step.to}`;
    case "ruleset":
      return `${api} POST repos/${repository}/rulesets --input - <<'EOF'\n${JSON.stringify(step.ruleset, null, 2)}\nEOF`;
    case "delete-ruleset":
      return `gh api repos/${repository}/rulesets --paginate --jq '.[] | select(.name == "${step.name}") | .id' | xargs -rI ID ${api} DELETE repos/${repository}/rulesets/ID`;
    case "delete-branch":
      return `git push --force-with-lease=refs/heads/${step.branch}:${step.commit} origin :refs/heads/${step.branch}`;
  }
  return step satisfies never;
}

export interface Told {
  isDry: boolean;
  isUndo: boolean;
  appId: number | null;
}

/** What was done or would be, in its order; then what proves that no node changes, and what is left to people. */
export function renderInit(result: Initiated, told: Told, paint: Paint): string {
  const sections = [
    ...(told.isDry ? [dryRun(result, paint)] : []),
    list(
      "Already so",
      result.done.map((text) => plain(text, 300)),
      paint,
    ),
    list(
      "Left as it is",
      result.left.map((text) => plain(text, 300)),
      paint,
    ),
    list(
      "Not retargeted",
      result.refused.map(({ number, why }) => `#${number}: ${plain(why, 400)} Mend that, then run this again.`),
      paint,
    ),
    proof(result, told, paint),
    proposed(result, paint),
    rulesets(result, told, paint),
    list(
      "To be mended before nodes are put into lanes",
      result.debts
        .slice(0, mostDebts)
        .concat(result.debts.length > mostDebts ? [`and ${result.debts.length - mostDebts} more`] : [])
        .map((text) => plain(text, 300)),
      paint,
    ),
    guards(result, paint),
    next(result, told),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

const mostDebts = 20;
const short = (commit: string): string => commit.slice(0, 12);
const shortRef = (ref: string): string => ref.replace(/^refs\/heads\//u, "");

function list(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? "" : [paint("bold", title), ...lines.map((line) => `  ${line}`)].join("\n");
}

function dryRun({ steps, repository }: Initiated, paint: Paint): string {
  if (steps.length === 0) return "Nothing is to be done.";
  const rows = steps.flatMap((step, at) => [
    `  ${at + 1}. ${stepText(step)}`,
    ...commandOf(step, repository)
      .split("\n")
      .map((line) => paint("dim", `     ${line}`)),
  ]);
  return [paint("bold", `Would be done to ${repository}, in this order (nothing was changed)`), ...rows].join("\n");
}

function proof({ proof: of }: Initiated, { isDry }: Told, paint: Paint): string {
  if (of === null) return "";
  const { production, commit, tree, same, other } = of;
  const lines = [
    `  ${production} is at ${commit}${isDry ? "" : ", untouched"}; its files are tree ${tree}.`,
    same.length === 0
      ? `  Branches that are made will be at this very commit: the same files, so the same catalogs. No node changes.`
      : `  ${same.join(", ")}: the same tree, compared by its id. Whichever of them a node has, its catalog is compiled from the same files. No node changes.`,
    ...other.map(({ branch, commit: tip }) => `  ${branch} is at ${short(tip)} with other files, which came by merges and releases since.`),
  ];
  return [paint("bold", "What nodes get"), ...lines].join("\n");
}

function proposed({ proposal, mergeBranch }: Initiated, paint: Paint): string {
  if (proposal?.block === null || proposal?.block === undefined) return "";
  const lines = proposal.block
    .trimEnd()
    .split("\n")
    .map((line) => `    ${line}`);
  return [
    paint("bold", "Lanes for the policy (proposed)"),
    `  Put this into .github/puppet-gate.yml by a pull request to ${mergeBranch}; docs/rollout.md says what else there is:`,
    ...lines,
  ].join("\n");
}

function rulesets({ proposal, steps, done }: Initiated, { isUndo, appId }: Told, paint: Paint): string {
  if (isUndo || proposal === null) return "";
  const title = paint("bold", "Rules that leave the lanes to the gate (proposed)");
  if (appId === null)
    return `${title}\n  Say --app-id NUMBER (the App's settings page has it): the rulesets name the App that may move lanes.`;
  const isMade = steps.some(({ kind }) => kind === "ruleset") || done.some((text) => text.startsWith("the ruleset "));
  if (isMade) return "";
  const json = proposal.rulesets.map((ruleset) => JSON.stringify(ruleset));
  return [
    title,
    "  Once `serve` runs with a site's file, run this again with --apply-rulesets; or POST each of these to the repository's rulesets. From then on nobody but the App moves these branches:",
    ...json.map((each) => `    ${each}`),
  ].join("\n");
}

function guards({ unguarded, production, mergeBranch }: Initiated, paint: Paint): string {
  if (unguarded.length === 0) return "";
  return [
    paint("bold", "Not guarded as before"),
    `  Rules of ${production} that do not hold for ${mergeBranch}, from which production will be made: ${unguarded.map((kind) => plain(kind, 60)).join(", ")}.`,
    `  Have them hold for ${mergeBranch}, too, before anybody else may push there.`,
  ].join("\n");
}

function next({ production, mergeBranch, repository }: Initiated, { isDry, isUndo }: Told): string {
  if (isDry) return "";
  if (isUndo) return `${repository} is as it was before lanes were set up.`;
  return `From now on people merge into ${mergeBranch}; ${production} moves by releases alone. \`puppet-gate init lanes --undo\` takes all of this back, as long as nothing moved on.`;
}
