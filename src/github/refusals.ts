import type { Merge } from "../gate/decide.ts";

/** What to do about GitHub's refusal to merge, in words that a person can act on. */

interface Refused extends Pick<Merge, "baseRef" | "method" | "landing"> {
  /** The App's name in GitHub's addresses. */
  slug: string;
}

const advices: readonly [pattern: RegExp, advice: (refused: Refused) => string][] = [
  [
    /without .?workflows.? permission|update workflow/iu,
    ({ slug }) =>
      `This change touches a workflow file, which an App may only do with a permission of its own: an administrator can grant ${slug} "Workflows: write", or merge this one by hand.`,
  ],
  [
    /merge queue/iu,
    ({ baseRef, slug }) =>
      `A ruleset wants every change of ${baseRef} to go through GitHub's merge queue, where nothing is checked as it lands: an administrator has to take the rule "Require merge queue" away, or put ${slug} on the ruleset's bypass list.`,
  ],
  [
    /(?:merge commits|squash merges|rebase merges) are not allowed|merge method .+ is not allowed|must not contain merge commits/iu,
    ({ baseRef, method, landing }) =>
      landing === "exact"
        ? `${baseRef} takes no merge commits, and an exact landing is one: an administrator has to allow them there, or the policy has to say landing: api.`
        : `${baseRef} takes no change by "${method}": say ${others(method)} instead, or have an administrator allow it.`,
  ],
  [
    /rule violations|protected branch|required status check|approving review|not authorized|protected ref|must be made through a pull request/iu,
    ({ baseRef, slug }) =>
      `The App is bound by the rules of ${baseRef}: an administrator has to add ${slug} to the bypass list of the ruleset named there (Settings, Rules, Rulesets, "Bypass list", with "Always allow"; of a classic branch protection, "Allow specified actors to bypass required pull requests"). The gate's own rules hold all the same.`,
  ],
  [
    /resource not accessible by integration/iu,
    ({ slug }) =>
      `The App may not write here: an administrator has to accept the permissions that ${slug} asks for ("Contents: write", "Pull requests: write") in the settings of its installation.`,
  ],
  [/not mergeable|merge conflict/iu, ({ baseRef }) => `Merge ${baseRef} into your branch, mend what conflicts there, and push.`],
];

/** Null where GitHub's own words are all there is to say. */
export function refusalAdvice(message: string, refused: Refused): string | null {
  const found = advices.find(([pattern]) => pattern.test(message));
  return found === undefined ? null : found[1](refused);
}

const others = (method: Merge["method"]): string =>
  (["merge", "squash", "rebase"] as const)
    .filter((other) => other !== method)
    .map((other) => `/merge ${other}`)
    .join(" or ");
