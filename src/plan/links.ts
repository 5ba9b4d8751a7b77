import type { Listing } from "./listing.ts";

/** Symbolic links of a listing: where each leads, with no further link on the way. */
export type Links = ReadonlyMap<string, string>;

const mostSteps = 40;

/**
 * Where the links of a listing lead, by their texts and nothing else. A string says of which link that can't be told. Links that lead out of
 * all folders of the sandbox that are listed are kept as they are: nothing that changes lies there.
 */
export async function linksOf({ files }: Pick<Listing, "files">, read: (oid: string) => Promise<string | null>): Promise<Links | string> {
  const texts = new Map<string, string>();
  for (const [path, { mode, oid }] of files) {
    if (mode !== "120000") continue;
    const text = await read(oid);
    if (text === null || text === "" || text.includes("\0")) return path;
    texts.set(path, text);
  }
  const links = new Map<string, string>();
  for (const path of texts.keys()) {
    const target = follow(path, texts);
    // One that leads in a circle leads nowhere: whoever opens it gets an error, on both sides.
    if (target !== null) links.set(path, target);
  }
  return links;
}

/** As the kernel does: from the left, each link replaced by its text; after forty links it gives up, and so does this. */
function follow(path: string, texts: ReadonlyMap<string, string>): string | null {
  let steps = 0;
  let at = "";
  const waiting = path.split("/").filter(isPart).toReversed();
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === "..") {
      at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
      continue;
    }
    const text = texts.get(`${at}/${part}`);
    if (text === undefined) {
      at = `${at}/${part}`;
      continue;
    }
    steps += 1;
    if (steps > mostSteps) return null;
    if (text.startsWith("/")) at = "";
    waiting.push(...text.split("/").filter(isPart).toReversed());
  }
  return at;
}

const isPart = (part: string): boolean => part !== "" && part !== ".";

/** The path with every link on its way followed, and without `.`, `..` and doubled slashes. */
export function realPath(path: string, links: Links): string {
  if (links.size === 0 && !/\/(?:\.{0,2}(?:\/|$))/u.test(path)) return path;
  let at = "";
  const parts = path.split("/").filter(isPart);
  for (const part of parts) {
    if (part === "..") at = at.slice(0, Math.max(at.lastIndexOf("/"), 0));
    else at = links.get(`${at}/${part}`) ?? `${at}/${part}`;
  }
  return at;
}

const mostNames = 200;

/**
 * All paths under which a file is seen: its own, and those through links, each link taken once. Null where there are too many to tell, or a
 * link leads to a folder that it is in itself, so that there is no end of them.
 */
export function namesOf(path: string, links: Links): string[] | null {
  const names = new Set([path]);
  const waiting: Array<{ name: string; taken: readonly string[] }> = [{ name: path, taken: [] }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const [link, target] of links) {
      const isBelow = next.name === target || next.name.startsWith(`${target === "/" ? "" : target}/`);
      if (!isBelow || next.taken.includes(link)) continue;
      if (link.startsWith(`${target}/`) && isLoaded(link)) return null;
      const name = `${link}${next.name.slice(target.length)}`;
      if (names.has(name)) continue;
      if (names.size >= mostNames) return null;
      names.add(name);
      waiting.push({ name, taken: [...next.taken, link] });
    }
  }
  return [...names];
}

/** Whether Puppet's loaders could go through it. */
const isLoaded = (link: string): boolean => /\/(?:manifests|functions|types|lib)\//u.test(link);
