import type { FileEntry, Objects, Signature } from "./objects.ts";

/** What `git fast-import` makes of one commit, as `src/demo/github/importing.ts` writes it; gives its id. */
export function importStream(objects: Objects, refs: Map<string, string>, input: Buffer): string {
  let at = 0;
  const line = (): string => {
    const end = input.indexOf(10, at);
    const text = input.subarray(at, end < 0 ? input.length : end).toString();
    at = end < 0 ? input.length : end + 1;
    return text;
  };
  const data = (header: string): Buffer => {
    const length = Number(header.slice("data ".length));
    const content = Buffer.from(input.subarray(at, at + length));
    at += length;
    if (input[at] === 10) at += 1;
    return content;
  };
  const made: { ref: string; who: Signature[]; message: string; parents: string[] } = { ref: "", who: [], message: "", parents: [] };
  let files = new Map<string, FileEntry>();
  while (at < input.length) {
    const text = line();
    const [word = "", ...rest] = text.split(" ");
    if (word === "commit") made.ref = rest.join(" ");
    else if (word === "author" || word === "committer") made.who.push(signatureOf(rest.join(" ")));
    else if (word === "data") made.message = data(text).toString();
    else if (word === "from") {
      const [parent = ""] = rest;
      made.parents = [parent];
      files = new Map(objects.files(objects.commit(parent).tree));
    } else if (word === "M") files.set(unquoted(rest.slice(2).join(" ")), { mode: rest[0] ?? "", blob: objects.addBlob(data(line())) });
    else if (word === "D") files.delete(unquoted(rest.join(" ")));
    else if (word !== "mark" && word !== "get-mark" && word !== "") throw new Error(`fast-import's ${text} is not simulated`);
  }
  const [author, committer] = made.who;
  if (author === undefined || committer === undefined) throw new Error("a commit without author or committer");
  const sha = objects.addCommit({ tree: objects.addTree(files), parents: made.parents, message: made.message, author, committer });
  refs.set(made.ref, sha);
  return `${sha}\n`;
}

const unquoted = (path: string): string => JSON.parse(path) as string;

function signatureOf(text: string): Signature {
  const { name = "", email = "", at = "0" } = /^(?<name>.*?) <(?<email>.*?)> (?<at>\d+) \+0000$/u.exec(text)?.groups ?? {};
  return { name, email, at: Number(at) };
}
