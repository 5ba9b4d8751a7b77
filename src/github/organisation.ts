import { known, unknown, type Known, type PolicyText } from "../gate/facts.ts";
import type { Api } from "./api.ts";
import { learn, statusOf } from "./failure.ts";

/** Where an organisation has its policy: this file of its repository of this name. */
const home = ".github";
const file = ".github/puppet-gate.yml";

/** Reads the policy of a repository's organisation; null where it has none. */
export type ReadOrganisationPolicy = (api: Api, installation: number, repository: RawRepository) => Promise<Known<PolicyText | null>>;

interface RawRepository {
  name: string;
  owner: { login: string; type?: string | undefined };
}

/**
 * Asked for at every turn, but by the tag of the last answer: GitHub does not count an answer that says "as before".
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
 */
export function createOrganisationPolicies(): ReadOrganisationPolicy {
  const answers = new Map<string, { tag: string; policy: PolicyText }>();
  return async (api, installation, { name, owner: { login: owner, type } }) => {
    // In that repository itself, the file is the repository's own policy.
    if (type !== "Organization" || name === home) return known(null);
    const key = `${installation}/${owner}`;
    const before = answers.get(key);
    const headers = before === undefined ? {} : { "if-none-match": before.tag };
    const answer = await learn(async (): Promise<Known<PolicyText | null>> => {
      try {
        const { data, headers: told } = await api.rest.repos.getContent({ owner, repo: home, path: file, headers });
        const policy = policyOf(owner, data);
        if (policy.known && told.etag !== undefined) answers.set(key, { tag: told.etag, policy: policy.value });
        else answers.delete(key);
        return policy;
      } catch (error) {
        if (statusOf(error) === 304 && before !== undefined) return known(before.policy);
        answers.delete(key);
        if (statusOf(error) === 404) return known(null);
        throw error;
      }
    });
    return answer.known ? answer.value : answer;
  };
}

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
