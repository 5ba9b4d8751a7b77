import type { Resource, Value } from "./catalog.ts";
import type { Concern } from "./effects.ts";

/** What a resource guards: who may do what on a machine. By type, and by the path of what it writes. */
export function guardedBy(resource: Resource | null): Concern[] {
  if (resource === null || resource.kind !== "native") return [];
  const concerns = new Set<Concern>();
  for (const { concern, types } of byType) if (types.test(resource.type)) concerns.add(concern);
  for (const path of pathsOf(resource)) for (const { concern, paths } of byPath) if (paths.test(path)) concerns.add(concern);
  if (isCronOfRoot(resource)) concerns.add("root-cron");
  if (isSetuid(resource)) concerns.add("setuid");
  return [...concerns];
}

/** Types of Puppet's own and of the modules that most sites use for it. */
const byType: ReadonlyArray<{ concern: Concern; types: RegExp }> = [
  { concern: "sudo", types: /^Sudo/u },
  { concern: "firewall", types: /^(?:Firewall|Ip6?tables|Nft|Ufw|Ferm|Shorewall|Ipset)/u },
  { concern: "accounts", types: /^(?:User|Group)$/u },
  { concern: "ssh-keys", types: /^Ssh_authorized_key$/u },
  { concern: "login", types: /^(?:Pam$|Sshd_config)/u },
  { concern: "mounts", types: /^Mount$/u },
];

const byPath: ReadonlyArray<{ concern: Concern; paths: RegExp }> = [
  { concern: "sudo", paths: /^(?:\/usr\/local)?\/etc\/(?:sudoers(?:\.d)?(?:\/|$)|doas\.conf$)/u },
  {
    concern: "firewall",
    paths: /^\/etc\/(?:(?:sysconfig\/)?ip6?tables|(?:sysconfig\/)?nftables|ferm|ufw|firewalld|shorewall6?|ipset|pf)(?:[./-]|$)/u,
  },
  { concern: "accounts", paths: /^\/etc\/(?:passwd|shadow|group|gshadow|subuid|subgid)$/u },
  { concern: "ssh-keys", paths: /(?:^|\/)authorized_keys2?(?:[./]|$)|^\/etc\/ssh\/[^/]*keys[^/]*\//u },
  {
    concern: "login",
    paths:
      /^\/etc\/(?:pam\.conf$|pam\.d\/|security\/|ssh\/sshd_config(?:\.d\/|$)|login\.defs$|nsswitch\.conf$|securetty$|krb5\.conf$|sssd\/)/u,
  },
  { concern: "mounts", paths: /^\/etc\/(?:fstab$|exports(?:\.d\/|$)|auto\.|autofs|systemd\/system\/[^/]+\.(?:auto)?mount$)/u },
];

/** The files that a resource writes: its own, or those that it edits a part of. */
function pathsOf(resource: Resource): string[] {
  const said = (name: string): string[] => {
    const value = resource.parameters.get(name);
    return typeof value === "string" ? [value] : [];
  };
  switch (resource.type) {
    case "File":
    case "Concat_file":
      return [...said("path"), resource.title];
    case "Concat_fragment":
      return said("target");
    case "Augeas":
      return [...said("incl"), ...said("context").map((context) => context.replace(/^\/files/u, ""))];
    default:
      return [...said("path"), ...said("target")];
  }
}

/** Root's table, by its type (whose user is root unless it says otherwise), or a system table with a line of root's. */
function isCronOfRoot(resource: Resource): boolean {
  if (resource.type === "Cron") return [undefined, null, "root"].includes(resource.parameters.get("user") as string | null | undefined);
  return pathsOf(resource).some(
    (path) =>
      /^\/etc\/cron\.(?:hourly|daily|weekly|monthly)\/.|^\/var\/spool\/cron\/(?:crontabs\/|tabs\/)?root$/u.test(path) ||
      (/^\/etc\/(?:crontab$|cron\.d\/.)/u.test(path) && mayNameRoot(resource.parameters.get("content"))),
  );
}

/** Whether a system table has a line of root's; what can't be read may have one. */
const mayNameRoot = (content: Value | undefined): boolean =>
  typeof content !== "string" || /^[^\S\n]*(?:@\w+|(?:[^\s#]\S*[^\S\n]+){4}\S+)[^\S\n]+root[^\S\n]/mu.test(content);

/** Set-user-id, and set-group-id of what is no folder, where it is inherited and harmless. */
function isSetuid({ type, parameters }: Resource): boolean {
  const mode = parameters.get("mode");
  if (type !== "File" || (typeof mode !== "string" && typeof mode !== "number")) return false;
  if (String(mode).length > longestMode) return true;
  const [, special] = /^0*([0-7])[0-7]{3}$/u.exec(String(mode)) ?? [];
  const isFolder = parameters.get("ensure") === "directory";
  if (special !== undefined) return (Number(special) & (isFolder ? 4 : 6)) !== 0;
  return (isFolder ? /(?:^|,)[uga]*u[ga]*[+=][rwxXt]*s/u : /(?:^|,)[ugoa]*[+=][rwxXt]*s/u).test(String(mode));
}
/** In characters. What is longer is no mode that anybody wrote, and nobody can say what it is not. */
const longestMode = 64;
