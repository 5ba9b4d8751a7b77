import { createHash } from "node:crypto";
import { known, unknown, type Known, type PolicyText, type Unknown } from "../gate/facts.ts";
import type { Api } from "./api.ts";
import { learn, statusOf } from "./failure.ts";

/** Where an organisation has its policy: this file of its repository of this name. */
export const home = ".github";
const file = ".github/puppet-gate.yml";

/** Reads the policy of a repository's organisation; null where it has none. */
export type ReadOrganisationPolicy = (api: Api, installation: number, repository: RawRepository) => Promise<Known<PolicyText | null>>;

interface RawRepository {
  name: string;
  owner: { id: number; login: string; type?: string | undefined };
}

/** How organisations' policies are looked for, and what is remembered of them by GitHub's id of the organisation. */
export interface OrganisationPolicies {
  /** `auto`: one that was seen is missed when it is gone; `none`: none is looked for; `required`: each has to have one. */
  mode: "auto" | "none" | "required";
  /** The sha256 of the policy that was read last. */
  seen(owner: number): Promise<string | null>;
  save(owner: number, sha256: string): Promise<void>;
  drop(owner: number): Promise<void>;
}

/**
 * Asked for at every turn, but by the tag of the last answer: GitHub does not count an answer that says "as before".
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
 */
export function createOrganisationPolicies(policies: OrganisationPolicies): ReadOrganisationPolicy {
  const answers = new Map<string, { tag: string; policy: PolicyText }>();
  return async (api, installation, { name, owner }) => {
    // In that repository itself, the file is the repository's own policy.
    if (policies.mode === "none" || owner.type !== "Organization" || name === home) return known(null);
    const { id, login } = owner;
    const key = `${installation}/${login}`;
    const before = answers.get(key);
    const headers = before === undefined ? {} : { "if-none-match": before.tag };
    const answer = await learn(async (): Promise<Known<PolicyText | null>> => {
      try {
        const { data, headers: told } = await api.rest.repos.getContent({ owner: login, repo: home, path: file, headers });
        const policy = policyOf(login, data);
        if (policy.known) await remember(policies, id, policy.value);
        if (policy.known && told.etag !== undefined) answers.set(key, { tag: told.etag, policy: policy.value });
        else answers.delete(key);
        return policy;
      } catch (error) {
        if (statusOf(error) === 304 && before !== undefined) return known(before.policy);
        answers.delete(key);
        if (statusOf(error) === 404) return notFound(policies, api, owner);
        throw error;
      }
    });
    return answer.known ? answer.value : answer;
  };
}

async function remember(policies: OrganisationPolicies, owner: number, { text }: PolicyText): Promise<void> {
  const sha256 = createHash("sha256").update(text, "utf8").digest("hex");
  if ((await policies.seen(owner)) !== sha256) await policies.save(owner, sha256);
}

/**
 * GitHub says "not found" of what is not there and of what it hides alike. Where a policy was read before, only that its repository is shown
 * without the file tells that it was taken away; else somebody may have taken the App's sight of it, and with it the rules.
 */
async function notFound(policies: OrganisationPolicies, api: Api, { id, login }: RawRepository["owner"]): Promise<Known<null>> {
  if (policies.mode === "required") return lacking(login);
  if ((await policies.seen(id)) === null) return known(null);
  if (!(await isShownWithout(api, login))) return missed(login);
  await policies.drop(id);
  return known(null);
}

const isShownWithout = async (api: Api, owner: string): Promise<boolean> =>
  (await isThere(() => api.rest.repos.get({ owner, repo: home }))) &&
  // Once more: it may have come into sight only now.
  !(await isThere(() => api.rest.repos.getContent({ owner, repo: home, path: file })));

async function isThere(ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

const missed = (owner: string): Unknown =>
  unknown(
    `${owner}/${home} had a policy, and GitHub answers "not found" to it now: it was deleted, or hidden from the App`,
    `an owner of ${owner}: install the App on ${owner}/${home} or bring it back, without a policy in it where none is to hold; ` +
      "or whoever runs the gate: set ORGANISATION_POLICY=none",
  );

const lacking = (owner: string): Unknown =>
  unknown(
    `GitHub shows the App no ${owner}/${home}/${file}, and ORGANISATION_POLICY=required asks for one`,
    `an owner of ${owner}: put the policy there, and install the App on ${owner}/${home}`,
  );

function policyOf(owner: string, data: unknown): Known<PolicyText> {
  const path = `${owner}/${home}/${file}`;
  const { type, encoding, content } = (data ?? {}) as { type?: unknown; encoding?: unknown; content?: unknown };
  if (type !== "file")
    return unknown(`${path} is no file: the organisation's policy has to be one`, `an owner of ${owner}: make ${path} a file`);
  if (encoding !== "base64" || typeof content !== "string")
    return unknown(
      `${path} is larger than GitHub shows: a policy has to be below 1 MB`,
      `an owner of ${owner}: make ${path} smaller than 1 MB`,
    );
  return known({ path, text: Buffer.from(content, "base64").toString("utf8") });
}
