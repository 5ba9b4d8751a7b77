import { reachesSystem } from "../catalog/change.ts";
import { ownerName, ownersOf, parseCodeowners, type Codeowners } from "../policy/codeowners.ts";
import { homelessFixed } from "./input.ts";
import { known, unknown, type Checked, type Known } from "./facts.ts";
import { peopleOf, type People } from "./access.ts";
import { list } from "./phrases.ts";

/** Somebody's part of a change: a service, or the paths that the same people own. */
export interface Owned {
  /** `service playlist`, `hiera.yaml and 2 more paths`. */
  what: string;
  people: People;
  /** Owners by e-mail address. */
  unresolved: readonly string[];
}

/** The services that a change reaches, with their owners. Empty where it reaches no node. */
export function ownedServices({ report, policy }: Checked): Known<Owned[]> {
  const fixed = homelessFixed(report);
  if (fixed !== undefined)
    return unknown(
      `base does not compile ${fixed.certname}, so that its classes don't tell whose it is: have the policy's \`services\` match it by \`trusted\` or \`certname\`, in a change of its own`,
    );
  const reached = new Set(report.groups.filter(reachesSystem).flatMap(({ nodes }) => nodes));
  const homeless = report.nodes.find(({ certname, services }) => reached.has(certname) && services.length === 0);
  if (homeless !== undefined)
    return unknown(
      `${homeless.certname} carries no service, so that nobody owns what changes on it: give it one in the policy's \`services\``,
    );
  if (report.radius.nodes > 0 && report.radius.services.length === 0)
    return unknown(
      "nothing is known of the services of the nodes that it reaches, so that nobody can be named who owns what changes there",
    );
  const owned: Owned[] = [];
  for (const name of report.radius.services) {
    const owners = policy.services.find((service) => service.name === name)?.owners ?? [];
    if (owners.length === 0) return unknown(`service ${name} has no owners: name them in the policy's \`services\``);
    owned.push({ what: `service ${name}`, people: peopleOf(owners), unresolved: [] });
  }
  return known(owned);
}

/** Teams that the policy names as owners of these services, as `acme/web`. */
export function owningTeams(services: Checked["policy"]["services"], reached: readonly string[]): string[] {
  const owners = services.filter(({ name }) => reached.includes(name)).flatMap((service) => service.owners);
  return [...new Set(owners.filter((owner) => owner.includes("/")).map((owner) => owner.replace(/^@/u, "").toLowerCase()))];
}

export interface OwnedPaths {
  owned: Owned[];
  /** Paths that nobody owns. */
  unowned: readonly string[];
}

/** The changed paths by the people who own them, as base's CODEOWNERS says. */
export function ownedPaths({ codeowners, paths }: Checked): Known<OwnedPaths> {
  if (!codeowners.known) return unknown(`the CODEOWNERS file of base could not be read: ${codeowners.reason}`);
  if (codeowners.value === null) return known({ owned: [], unowned: paths });
  const parsed = parseCodeowners(codeowners.value.text);
  if (!parsed.ok) {
    const [first] = parsed.problems;
    return unknown(`${codeowners.value.path}:${first?.line ?? 1}: ${first?.text ?? "it can't be read."} ${first?.hint ?? ""}`.trim());
  }
  const quoted = paths.find((path) => path.startsWith('"'));
  if (quoted !== undefined) return unknown(`${quoted} has a name that can't be compared with CODEOWNERS: rename the file`);
  return known(grouped(parsed.codeowners, paths));
}

function grouped(codeowners: Codeowners, paths: readonly string[]): OwnedPaths {
  const groups = new Map<string, { paths: string[]; path: string }>();
  const unowned: string[] = [];
  for (const path of paths) {
    const names = ownersOf(codeowners, path).map(ownerName);
    if (names.length === 0) {
      unowned.push(path);
      continue;
    }
    const key = names
      .map((name) => name.toLowerCase())
      .toSorted()
      .join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { paths: [path], path });
    else group.paths.push(path);
  }
  const owned = [...groups.values()].map(({ paths: same, path }): Owned => {
    const owners = ownersOf(codeowners, path);
    return {
      what: list(same, 2),
      people: peopleOf(owners.filter(({ kind }) => kind !== "email").map(ownerName)),
      unresolved: owners.filter(({ kind }) => kind === "email").map(ownerName),
    };
  });
  return { owned, unowned };
}
