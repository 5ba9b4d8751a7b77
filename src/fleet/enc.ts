import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { z } from "zod";

import type { Classification, FactSnapshot, NodeFacts, UnreadableFacts } from "../engine/ports/nodes.ts";
import type { EncFiles, NamedFile } from "../engine/ports/site.ts";
import { Problem } from "../problem.ts";
import { stemOf } from "./certname.ts";
import { parse } from "./document.ts";
import { isMap } from "./entries.ts";
import { readFactFiles, reasonOf } from "./folder.ts";
import { digestOf } from "./snapshot.ts";
import { badEnc, noFactsOf, notClassified, unreadablePath } from "./problems.ts";

const parameters = z.record(z.string(), z.unknown());
/** As an ENC answers: https://www.puppet.com/docs/puppet/7/nodes_external.html */
const answerSchema = z.strictObject({
  classes: z.union([z.array(z.string()), z.record(z.string(), parameters.nullable())]).nullish(),
  parameters: parameters.nullish(),
  environment: z.string().nullish(),
});

/** The nodes with what an ENC's files say of each, and those that it can't be said of. The files are data: nothing of them is run. */
export function classify(snapshot: FactSnapshot, enc: EncFiles): Pick<FactSnapshot, "nodes" | "unreadable"> {
  const answers = answersOf(enc);
  const nodes: NodeFacts[] = [];
  const lost: UnreadableFacts[] = [];
  const path = enc.files[0]?.path ?? "the ENC";
  for (const node of snapshot.nodes) {
    const found = answers.get(node.certname);
    if (found === undefined) lost.push({ certname: node.certname, path, problem: notClassified(node.certname) });
    else nodes.push({ ...node, enc: found });
  }
  const known = new Set([...snapshot.nodes, ...snapshot.unreadable].map(({ certname }) => certname));
  for (const certname of answers.keys())
    if (!known.has(certname)) lost.push({ certname, path, problem: noFactsOf(certname, `The ENC (${path})`) });
  return { nodes, unreadable: lost };
}

function answersOf({ single, files }: EncFiles): Map<string, Classification> {
  const answers = new Map<string, Classification>();
  for (const { path, content } of files) {
    const read = parse(path, content);
    if (!read.ok) throw new Problem(badEnc(path, read.problem.text.replace(/\.$/u, "")));
    if (!single) answers.set(stemOf(path), toClassification(path, stemOf(path), read.value));
    else if (isMap(read.value))
      for (const [name, value] of Object.entries(read.value)) answers.set(name, toClassification(path, name, value));
    else throw new Problem(badEnc(path, "it is no map of certnames"));
  }
  return answers;
}

function toClassification(path: string, certname: string, value: unknown): Classification {
  const parsed = answerSchema.safeParse(value ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Problem(badEnc(path, `${[certname, ...(issue?.path ?? [])].join(".")}: ${issue?.message.toLowerCase() ?? "not understood"}`));
  }
  const { classes, parameters: given, environment } = parsed.data;
  const entries = Array.isArray(classes) ? classes.map((name) => [name, {}] as const) : Object.entries(classes ?? {});
  return {
    classes: Object.fromEntries(entries.map(([name, params]) => [name, params ?? {}])),
    parameters: given ?? {},
    environment: environment ?? null,
  };
}

/** A digest of all that an ENC's files say. */
export const encId = ({ single, files }: EncFiles): string => {
  const contents = files.map(({ path, content }) => [single ? "" : stemOf(path), createHash("sha256").update(content).digest("hex")]);
  return digestOf([single, contents]);
};

/** An ENC's files on this machine. Throws a Problem where they can't be read. */
export async function readEnc(path: string): Promise<EncFiles> {
  try {
    if ((await stat(path)).isFile()) return { single: true, files: [{ path, content: await readFile(path) }] };
  } catch (cause) {
    throw new Problem(unreadablePath("--enc", path, reasonOf(cause)), { cause });
  }
  const files: NamedFile[] = [];
  for await (const file of readFactFiles(path)) {
    if (!file.ok) throw new Problem(file.problem);
    files.push({ path: file.path, content: file.content });
  }
  return { single: false, files };
}
