import type { ProblemText } from "../problem.ts";

/** All that this room says to people. */
const FORMATS =
  "what `facter --json`, `puppet facts show`, octocatalog-diff or PuppetDB's inventory, facts or factsets endpoints write, as YAML or JSON";

const at = (path: string, line: number | null): string => (line === null ? path : `${path}, line ${line}`);

export const unreadableFolder = (folder: string, why: string): ProblemText => ({
  code: "facts-unreadable",
  text: `The folder of node facts ${folder} can't be read: ${why}.`,
  hint: "Name a folder that exists and that you may read with --facts.",
});

export const noFacts = (where: string): ProblemText => ({
  code: "no-facts",
  text: `${where} holds no fact files.`,
  hint: `Put one file ending in .yaml, .yml or .json for each node there: ${FORMATS}.`,
});

export const tooManyFiles = (folder: string, most: number): ProblemText => ({
  code: "too-many-fact-files",
  text: `${folder} holds more than ${most} fact files.`,
  hint: "Name a folder that holds node facts and nothing else.",
});

export const unreadableFile = (path: string, why: string): ProblemText => ({
  code: "facts-unreadable",
  text: `${path} can't be read: ${why}.`,
  hint: "Make it readable, or take it out of the folder of node facts.",
});

export const tooLarge = (path: string, format: "JSON" | "YAML", bytes: number, most: number): ProblemText => ({
  code: "facts-too-large",
  text: `${path} has ${megabytes(bytes)}: more than the ${megabytes(most)} up to which node facts in ${format} are read.`,
  hint: "Write the facts as JSON, one file for each node, or take out what is no fact.",
});

export const tooMuchYaml = (path: string): ProblemText => ({
  code: "facts-too-large",
  text: `${path} was not read: the YAML before it already took as long as is granted to the facts of one tree.`,
  hint: "Write the facts as JSON, or as Ruby's own YAML (puppet facts show --render-as yaml), which are read much faster.",
});

export const notUtf8 = (path: string): ProblemText => ({
  code: "facts-not-utf8",
  text: `${path} is not UTF-8 text.`,
  hint: `Facts are ${FORMATS}, encoded as UTF-8.`,
});

export const notParsed = (path: string, format: "JSON" | "YAML", line: number | null, why: string): ProblemText => ({
  code: format === "JSON" ? "facts-not-json" : "facts-not-yaml",
  text: `${at(path, line)}: not ${format}: ${why}.`,
  hint: `Mend the line, or write the file anew. Facts are ${FORMATS}.`,
});

export const duplicateKey = (path: string, line: number | null, key: string): ProblemText => ({
  code: "facts-duplicate-key",
  text: `${at(path, line)}: the key ${JSON.stringify(key)} appears twice in one map.`,
  hint: "Which of the two is the fact can't be known: take one out.",
});

export const tooDeep = (path: string, most: number): ProblemText => ({
  code: "facts-too-deep",
  text: `${path}: maps and lists are nested more than ${most} deep.`,
  hint: "No fact is that deep: take it out of the file.",
});

export const tooDeepRow = (where: string, certname: string, most: number): ProblemText => ({
  code: "facts-too-deep",
  text: `PuppetDB at ${where} has facts of ${certname} whose maps and lists are nested more than ${most} deep.`,
  hint: "No fact is that deep: see what that node's agent sends.",
});

export const notFacts = (path: string, line: number, found: string): ProblemText => ({
  code: "not-facts",
  text: `${at(path, line)}: expected node facts, found ${found}.`,
  hint: `Facts are ${FORMATS}.`,
});

export const badCertname = (path: string, certname: string): ProblemText => ({
  code: "bad-certname",
  text: `${path}: ${JSON.stringify(certname)} is no certname: that is lower-case letters, digits, dots, hyphens and underscores, beginning with a letter or digit.`,
  hint: "Name the node in the file (`name` or `certname`), or name the file after the node's certname.",
});

export const clash = (certname: string, first: string, second: string): ProblemText => ({
  code: "facts-clash",
  text: first === second ? `${first} has facts for ${certname} more than once.` : `Both ${first} and ${second} have facts for ${certname}.`,
  hint: "Which of them holds can't be known: take one out.",
});

export const badTrusted = (path: string, certname: string, why: string): ProblemText => ({
  code: "bad-trusted-facts",
  text: `${path}: the trusted facts of ${certname} can't be used: ${why}.`,
  hint: "Write them as PuppetDB's inventory does: authenticated, certname, extensions (a map of strings), hostname, domain, external.",
});

export const noFactsOf = (certname: string, where: string): ProblemText => ({
  code: "no-facts-of-node",
  text: `${where} knows ${certname}, and has no facts of it.`,
  hint: "Let its agent run once, or take the node out there if it is gone.",
});

export const notClassified = (certname: string): ProblemText => ({
  code: "not-classified",
  text: `The ENC does not have ${certname}, so no server would compile it.`,
  hint: "Add the node to the ENC's file, or take its facts away if it is gone.",
});

export const badEnc = (path: string, why: string): ProblemText => ({
  code: "bad-enc",
  text: `${path} is no ENC's file: ${why}.`,
  hint: "An ENC's answer has `classes` (a list of names, or names with their parameters), `parameters` and `environment`; a file of several nodes has one for each certname.",
});

export const badStandIns = (path: string, why: string): ProblemText => ({
  code: "bad-stand-ins",
  text: `${path} can't stand in for anything: ${why}.`,
  hint: "What a folder of stand-ins holds is in docs/stand-ins.md.",
});

export const unreadablePath = (option: string, path: string, why: string): ProblemText => ({
  code: "unreadable-path",
  text: `${path} (${option}) can't be read: ${why}.`,
  hint: "Name something that exists and that you may read.",
});

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
