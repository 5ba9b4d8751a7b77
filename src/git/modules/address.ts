import { minimatch } from "minimatch";

/**
 * The address that a module is asked for at: by https, and by http on this machine's own loopback. What a Puppetfile writes in ssh's forms
 * (`git@HOST:PATH`, `ssh://git@HOST/PATH`) is asked for by https: this product holds no ssh key, and starts no ssh. Null for anything else:
 * `file:`, `git:`, `ext::`, a path of this machine, an address with a password in it, or one with an encoded slash, backslash or dot, which
 * some servers take for a plain one behind the patterns' back.
 */
export function addressOf(written: string): string | null {
  const scp = /^[\w.-]+@([\w.-]+):(?!\/)([^\s]+)$/u.exec(written);
  const url = URL.parse(scp ? `https://${scp[1]}/${scp[2]}` : written);
  if (url === null || url.password !== "" || url.search !== "" || url.hash !== "") return null;
  if (/%(?:2f|5c|2e)/iu.test(url.pathname)) return null;
  if (url.protocol === "ssh:") return `https://${url.hostname}${url.pathname}`;
  const isLoopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/u.test(url.hostname);
  if (url.username !== "" || !(url.protocol === "https:" || (url.protocol === "http:" && isLoopback))) return null;
  return url.href;
}

/** Patterns of addresses, of everybody who has a say in it: each list must have one that fits. */
export type Allowed = ReadonlyArray<readonly string[]>;

/** Whether an address may be asked. In a pattern (`https://github.com/acme/*`) `*` stands for a part between slashes, `**` for several. */
export const isAllowed = (address: string, lists: Allowed): boolean =>
  lists.every((list) =>
    list.some((pattern) => minimatch(address, pattern, { dot: true, nocomment: true, nonegate: true, nobrace: true, noext: true })),
  );
