import type { CommitFacts, Contribution, Known, Person } from "../gate/facts.ts";
import { known, unknown } from "../gate/facts.ts";
import { everyPage, inPull } from "./api.ts";
import type { Place } from "./api.ts";
import { learn, statusOf } from "./failure.ts";
import { personOf } from "./people.ts";

/** GitHub lists no more commits of a pull request than this. https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request */
const mostListed = 250;
/** Addresses that are looked up, one request each. More have been made up to keep the gate busy. */
const mostAddresses = 30;
/** GitHub's own account, committer of what is committed in the browser. It says nothing about people; no person can have its name. */
const webFlow = "web-flow";
const webFlowEmail = "noreply@github.com";

interface Signature {
  name?: string | undefined;
  email?: string | undefined;
}
interface RawCommit {
  sha: string;
  commit: { message: string; author: Signature | null; committer: Signature | null };
  author: Parameters<typeof personOf>[0];
  committer: Parameters<typeof personOf>[0];
}

/** All commits of a pull request with everybody's part in them. Unknown when the list is not whole or is of another head. */
export async function readCommits(
  place: Place,
  number: number,
  head: string,
  total: number,
  ask: AskAccount = accountOf,
): Promise<Known<readonly CommitFacts[]>> {
  const listed = await learn(() =>
    everyPage(inPull("commits"), (page) => place.api.rest.pulls.listCommits({ ...place.repo, pull_number: number, ...page })),
  );
  if (!listed.known) return listed;
  const commits = listed.value as RawCommit[];
  if (commits.length < total) {
    const listed = `GitHub lists ${commits.length} of ${total} commits`;
    return total > mostListed
      ? unknown(
          `${listed}; a pull request of more than ${mostListed} commits has to be split`,
          `its author: split it into pull requests of ${mostListed} commits at most, or squash some`,
        )
      : unknown(listed);
  }
  if (!commits.some(({ sha }) => sha === head)) return unknown(`GitHub's list of commits does not have the head ${head.slice(0, 10)} yet`);
  const seen = seenAccounts(commits);
  const addresses = new Set(commits.flatMap(({ commit }) => coAuthorsOf(commit.message).map(({ email }) => email)));
  for (const email of addresses) {
    const account = namedBy(email);
    if (account !== null && !seen.has(email)) seen.set(email, account);
  }
  const unseen = [...addresses].filter((email) => !seen.has(email));
  if (unseen.length > mostAddresses)
    return unknown(
      `its commits name ${unseen.length} co-authors by addresses that wrote none of them, and no more than ${mostAddresses} are looked up: split the change, or take trailers out`,
      `its author: split the change, or take Co-authored-by trailers out`,
    );
  const accounts = await learn(() => coAuthorAccounts(place, seen, unseen, ask));
  return accounts.known ? known(commits.map((commit) => factsOf(commit, accounts.value))) : accounts;
}

function factsOf({ sha, commit, author, committer }: RawCommit, accounts: ReadonlyMap<string, Person | null>): CommitFacts {
  const contributions: Contribution[] = [{ role: "author", person: notGitHub(personOf(author)), as: nameOf(commit.author) }];
  if (!isGitHub(committer, commit.committer))
    contributions.push({ role: "committer", person: personOf(committer), as: nameOf(commit.committer) });
  for (const { name, email } of coAuthorsOf(commit.message))
    contributions.push({ role: "co-author", person: accounts.get(email) ?? null, as: nameOf({ name, email }) });
  return { sha, contributions };
}

const nameOf = (signature: Signature | null): string => `${signature?.name ?? "somebody"} <${signature?.email ?? "no address"}>`;
const notGitHub = (person: Person | null): Person | null => (person?.login === webFlow ? null : person);
const isGitHub = (account: RawCommit["committer"], signature: Signature | null): boolean =>
  account?.login === webFlow || ((account ?? null) === null && signature?.email === webFlowEmail);

/** `Co-authored-by` trailers, matched without two neighbours that take the same blanks (a line of blanks would never end): Git's form, found in the message's last paragraph or any other, because GitHub credits them all. */
export function coAuthorsOf(message: string): { name: string; email: string }[] {
  return [...message.matchAll(/^[ \t]*co-authored-by:(?<name>[^<\n]*)<(?<email>[^<>\n]+)>/gimu)].map(({ groups }) => ({
    name: (groups?.["name"] ?? "").trim(),
    email: (groups?.["email"] ?? "").trim().toLowerCase(),
  }));
}

/** Whose accounts the change's own commits show, by address. */
function seenAccounts(commits: readonly RawCommit[]): Map<string, Person | null> {
  const seen = new Map<string, Person | null>();
  for (const { commit, author, committer } of commits) {
    for (const [signature, account] of [[commit.author, author] as const, [commit.committer, committer] as const]) {
      const person = notGitHub(personOf(account));
      if (signature?.email !== undefined && person !== null) seen.set(signature.email.toLowerCase(), person);
    }
  }
  return seen;
}

/**
 * The accounts behind co-authors' addresses, which GitHub's REST API does not give: the private address names the account's id; else
 * a commit with that address tells, one of this change or one of the repository's. One that is nobody's blocks the change, so that the rest need
 * not be asked about.
 */
async function coAuthorAccounts(
  place: Place,
  seen: ReadonlyMap<string, Person | null>,
  unseen: readonly string[],
  ask: AskAccount,
): Promise<Map<string, Person | null>> {
  const found = new Map(seen);
  for (const email of unseen) {
    const person = await ask(place, email);
    found.set(email, person);
    if (person === null) break;
  }
  return found;
}

/** Tells whose address this is; null where it is nobody's. */
export type AskAccount = (place: Place, email: string) => Promise<Person | null>;

/** Minutes that an answer holds: an account keeps its address, and nobody may become somebody by a commit. */
const minutesKept = { somebody: 10, nobody: 1 };
const mostKept = 2_000;

/** Remembers whose an address is, of each repository: it is asked about at every turn. */
export function rememberAccounts(ask: AskAccount = accountOf, now: () => number = Date.now): AskAccount {
  const kept = new Map<string, { person: Person | null; until: number }>();
  return async (place, email) => {
    const key = `${place.repo.owner}/${place.repo.repo} ${email}`;
    const before = kept.get(key);
    if (before !== undefined && now() < before.until) return before.person;
    const person = await ask(place, email);
    kept.delete(key);
    kept.set(key, { person, until: now() + minutesKept[person === null ? "nobody" : "somebody"] * 60_000 });
    for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
    return person;
  };
}

/** GitHub's private address names the account itself. */
function namedBy(email: string): Person | null {
  const noreply = /^(?<id>\d+)\+(?<login>[^@]+)@users\.noreply\./u.exec(email)?.groups;
  if (noreply === undefined) return null;
  const login = noreply["login"] ?? "";
  return { id: Number(noreply["id"]), login, bot: login.endsWith("[bot]") };
}

async function accountOf(place: Place, email: string): Promise<Person | null> {
  try {
    const { data } = await place.api.rest.repos.listCommits({ ...place.repo, author: email, per_page: 1 });
    const [commit] = data as RawCommit[];
    // The parameter takes a login too; only a commit with this very address tells whose it is.
    return commit?.commit.author?.email?.toLowerCase() === email ? notGitHub(personOf(commit.author)) : null;
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 409) return null; // no such commit, or an empty repository
    throw error;
  }
}
