import { type Known, known, unknown } from "../policy/known.ts";

/**
 * What going back to the code of before does not undo. Puppet brings about what a catalog says; of what it does not say, or can't take back, it
 * leaves all as it is. Each kind errs on the side of telling too much.
 */
export interface Staying {
  /**
   * - `stays`: only the new code has the resource; what it brought about is left where it is.
   * - `attribute`: only the new code says anything of this attribute; it is left at the new value.
   * - `ran`: a command, which was run.
   * - `deleted`: the new code deleted it; what was in it is gone.
   * - `purged`: the new code removes what it does not know; that is gone.
   * - `package`: another version, which a package's provider may refuse to take back or take back only in part.
   * - `ownership`: a user's or a group's number; files keep the one that they have.
   * - `unseen`: nodes of which nobody could say what changes; its `resource` is empty.
   */
  kind: "stays" | "attribute" | "ran" | "deleted" | "purged" | "package" | "ownership" | "unseen";
  resource: string;
  attribute: string | null;
  /** Of a package: what both codes ask for; else null. */
  versions: { before: string; after: string } | null;
  /** Names of the classes of nodes that it is on; null for so many that they are not listed. */
  classes: readonly string[] | null;
}

/** What is kept of it for a pair of commits. */
export interface Stayings {
  items: readonly Staying[];
  /** How many are left out. */
  more: number;
}

/** A staying, and on how many nodes. */
export type Stays = Omit<Staying, "classes"> & { nodes: number };

export interface Preview {
  /** On most nodes first. */
  items: readonly Stays[];
  more: number;
}

const most = { items: 500, classes: 100, shown: 50 };

/** What differs between the catalogs of before and after, as a report has it. */
export interface Difference {
  type: string;
  title: string;
  /** Null for a whole resource. */
  attribute: string | null;
  change: "added" | "removed" | "changed" | "renamed";
  kind: "system" | "class-parameter" | "ordering" | "type-only" | "secret";
  before: unknown;
  after: unknown;
  nodes: readonly string[];
}

export interface Changes {
  groups: readonly Difference[];
  radius: { restarts: readonly { type: string; title: string; certnames?: readonly string[] | undefined }[] };
  /** The class of a node; null where nothing changes. */
  classOf: (certname: string) => string | null;
  /** Nodes that could not be compared. */
  unseen: readonly string[];
}

/** What going from the new catalogs back to the old ones will leave. Linear in the groups and their nodes. */
export function stayingsOf({ groups, radius, classOf, unseen }: Changes): Stayings {
  const items: Staying[] = [];
  const add = (kind: Staying["kind"], about: Pick<Staying, "resource" | "attribute" | "versions">, certnames: readonly string[]): void => {
    const classes = [...new Set(certnames.flatMap((certname) => classOf(certname) ?? []))].sort();
    items.push({ kind, ...about, classes: classes.length > most.classes ? null : classes });
  };
  /** What was said in another way before: `content` that became `source` is managed by both codes. */
  const gone = new Set(
    groups.flatMap(({ type, title, attribute, after, change }) =>
      attribute !== null && (change === "removed" || after === null) ? [`${type}[${title}] ${familyOf(attribute)}`] : [],
    ),
  );
  for (const group of groups) {
    if (!reaches(group) || group.change === "renamed") continue;
    const resource = `${group.type}[${group.title}]`;
    const kind = kindOf(group, gone.has(`${resource} ${familyOf(group.attribute ?? "")}`));
    if (kind === null) continue;
    const versions = kind === "package" ? { before: shown(group.before), after: shown(group.after) } : null;
    add(kind, { resource, attribute: group.attribute, versions }, group.nodes);
  }
  for (const { type, title, certnames = [] } of radius.restarts)
    if (runs.has(type)) add("ran", { resource: `${type}[${title}]`, attribute: null, versions: null }, certnames);
  if (unseen.length > 0) add("unseen", { resource: "", attribute: null, versions: null }, unseen);
  return { items: items.slice(0, most.items), more: Math.max(0, items.length - most.items) };
}

/** Types that do something once, whatever the code says later. */
const runs: ReadonlySet<string> = new Set(["Exec", "Augeas", "Reboot", "Postgresql_psql"]);
/** Types of which nothing is left on the machine, or whose text is made anew from all that the catalog has. */
const traceless: ReadonlySet<string> = new Set(["Notify", "Anchor", "Schedule", "Stage", "Whit", "Filebucket", "Tidy", "Concat_fragment"]);
/** Attributes that say how, and not what: `lib/puppet/type/{file,package,service,exec,user,cron}.rb` of Puppet 7 and 8 have them as parameters. */
const ways: ReadonlySet<string> = new Set(
  (
    "backup show_diff replace checksum checksum_value validate_cmd validate_replacement sourceselect links max_files recurselimit ignore " +
    "provider hasstatus hasrestart status pattern restart start stop control binary manifest timeout allow_virtual install_options uninstall_options " +
    "adminfile configfiles reinstall_on_refresh mark managehome forcelocal path source_permissions logoutput tries try_sleep umask environment cwd"
  ).split(" "),
);
const purging: ReadonlySet<string> = new Set(["purge", "recurse", "force", "purge_ssh_keys"]);

const familyOf = (attribute: string): string =>
  attribute === "content" || attribute === "source" || attribute === "target" ? "content" : attribute;

const reaches = ({ kind }: Difference): boolean => kind === "system" || kind === "secret";

function kindOf({ type, attribute, change, before, after }: Difference, isSaidOtherwise: boolean): Staying["kind"] | null {
  if (traceless.has(type)) return type === "Tidy" && change !== "removed" ? "purged" : null;
  if (change === "removed") return null;
  if (runs.has(type)) return "ran";
  if (attribute === null) {
    const ensure = valueIn(after, "ensure");
    if (isGone(ensure)) return "deleted";
    return [...purging].some((name) => isOn(valueIn(after, name))) ? "purged" : "stays";
  }
  if (attribute === "ensure" && isGone(after)) return "deleted";
  if (attribute === "ensure" && type === "Package") return "package";
  if (purging.has(attribute)) return isOn(after) ? "purged" : null;
  if ((type === "User" && (attribute === "uid" || attribute === "gid")) || (type === "Group" && attribute === "gid")) return "ownership";
  const isNew = change === "added" || (before === null && after !== null);
  return isNew && !isSaidOtherwise && !ways.has(attribute) ? "attribute" : null;
}

const isGone = (ensure: unknown): boolean => ensure === "absent" || ensure === "purged" || ensure === false;
const isOn = (value: unknown): boolean => value !== undefined && value !== null && value !== false && value !== "false";

const valueIn = (attributes: unknown, name: string): unknown =>
  typeof attributes === "object" && attributes !== null ? (attributes as Record<string, unknown>)[name] : undefined;

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 100);

/** What is expected of a pair of commits, as far as going back needs it. */
export interface Foreseen {
  classes: readonly { name: string; certnames: readonly string[] }[];
  stayings?: Stayings;
}

/**
 * What going back will leave on these nodes; null for all of them. Unknown where nobody looked, or where more would stay than was kept: then nobody can say
 * that nothing does.
 */
export function previewOf(foreseen: Foreseen | null, certnames: ReadonlySet<string> | null): Known<Preview> {
  if (foreseen?.stayings === undefined) return unknown("what the release changes was not kept with what going back would need");
  const { items, more } = foreseen.stayings;
  const held = new Map(
    foreseen.classes.map(({ name, certnames: own }) => [
      name,
      certnames === null ? own.length : own.filter((one) => certnames.has(one)).length,
    ]),
  );
  const all = [...held.values()].reduce((sum, count) => sum + count, 0);
  const here = items.flatMap(({ classes, ...item }): Stays[] => {
    const nodes = classes === null ? all : classes.reduce((sum, name) => sum + (held.get(name) ?? 0), 0);
    return nodes === 0 ? [] : [{ ...item, nodes }];
  });
  here.sort((a, b) => b.nodes - a.nodes);
  return known({ items: here.slice(0, most.shown), more: (all === 0 ? 0 : more) + Math.max(0, here.length - most.shown) });
}

/** What several ways back leave together: each thing once, with the most nodes that one of them names. */
export function allOf(previews: readonly Preview[]): Preview {
  const found = new Map<string, Stays>();
  for (const item of previews.flatMap(({ items }) => items)) {
    const key = JSON.stringify([item.kind, item.resource, item.attribute]);
    const before = found.get(key);
    found.set(key, before === undefined || before.nodes < item.nodes ? item : before);
  }
  const items = [...found.values()].sort((a, b) => b.nodes - a.nodes);
  const left = Math.max(0, items.length - most.shown);
  return { items: items.slice(0, most.shown), more: left + previews.reduce((sum, { more }) => sum + more, 0) };
}

export const isEmpty = ({ items, more }: Preview): boolean => items.length === 0 && more === 0;
