import { stringify } from "yaml";
import { Problem } from "../../problem.ts";
import { typeName } from "./view.ts";

/** What an expectation can be written from: a kind of sentence, and what stands in it. */
export interface Choices {
  that: string;
  resource: string | null;
  attribute: string | null;
  value: string | null;
  concern: string | null;
  service: string | null;
  percent: number | null;
  name: string | null;
  why: string;
  ask: readonly string[];
  severity: string | null;
}

type Needed = "resource" | "attribute" | "value" | "concern" | "service" | "percent";

interface Kind {
  /** The sentence, as help tells it. */
  says: string;
  needs: readonly Needed[];
  write: (choices: Choices) => Written;
}

/** An expectation but for the words of people. */
export interface Written {
  name: string;
  expect: Record<string, string>;
  examples: { pass: object[]; fail: object[] };
}

const text = JSON.stringify;

/** `Service[nginx]` as type and title. Throws a Problem for what is no reference. */
export function refOf({ resource }: Pick<Choices, "resource">): { type: string; title: string; ref: string } {
  const [, name = "", title = ""] = /^([A-Za-z][\w:]*)\[([\s\S]+)\]$/u.exec(resource ?? "") ?? [];
  if (name === "") throw wrong(`--resource is ${text(resource)}`, "Give a resource as Puppet refers to it: 'Service[nginx]'.");
  const type = typeName(name);
  return { type, title, ref: `${type}[${title}]` };
}

function typeOf({ resource }: Choices): string {
  if (resource === null || !/^[A-Za-z][\w:]*$/u.test(resource)) throw wrong(`--resource is ${text(resource)}`, "Give a type: File.");
  return typeName(resource);
}

/** A name made of words. */
export const slug = (...parts: readonly (string | null)[]): string =>
  parts
    .flatMap((part) => part ?? [])
    .join("-")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .slice(0, 80)
    .replaceAll(/^-|-$/gu, "");

/** The kinds of sentences, and how each is written. */
export const choiceKinds: Readonly<Record<string, Kind>> = {
  has: {
    says: "every node has RESOURCE, with ATTRIBUTE VALUE where they are given",
    needs: ["resource"],
    write: (choices) => {
      const { type, title, ref } = refOf(choices);
      const { attribute, value } = choices;
      const isPlain = attribute === null || value === null;
      const good = { [ref]: isPlain ? {} : { [attribute]: value } };
      const bad = { name: "it has another value", catalog: { [ref]: isPlain ? {} : { [attribute]: `not ${value}` } } };
      return {
        name: slug("has", type, title, isPlain ? null : attribute),
        expect: {
          catalog: isPlain
            ? `catalog.has(${text(type)}, ${text(title)})`
            : `catalog.text(${text(type)}, ${text(title)}, ${text(attribute)}) == ${text(value)}`,
        },
        examples: {
          pass: [{ name: "it is there", catalog: good }],
          fail: [{ name: "it is not there", catalog: {} }, ...(isPlain ? [] : [bad])],
        },
      };
    },
  },
  lacks: {
    says: "no node has RESOURCE",
    needs: ["resource"],
    write: (choices) => {
      const { type, title, ref } = refOf(choices);
      return {
        name: slug("no", type, title),
        expect: { catalog: `!catalog.has(${text(type)}, ${text(title)})` },
        examples: { pass: [{ name: "it is not there", catalog: {} }], fail: [{ name: "it is there", catalog: { [ref]: {} } }] },
      };
    },
  },
  never: {
    says: "no resource of a type has ATTRIBUTE VALUE",
    needs: ["resource", "attribute", "value"],
    write: (choices) => {
      const type = typeOf(choices);
      const { attribute, value } = given(choices);
      return {
        name: slug("no", type, attribute, value),
        expect: { catalog: `catalog.resources(${text(type)}).all(r, r.text(${text(attribute)}) != ${text(value)})` },
        examples: {
          pass: [{ name: "another value", catalog: { [`${type}[a]`]: { [attribute]: `not ${value}` } } }],
          fail: [{ name: "this value", catalog: { [`${type}[a]`]: { [attribute]: value } } }],
        },
      };
    },
  },
  always: {
    says: "every resource of a type says ATTRIBUTE",
    needs: ["resource", "attribute"],
    write: (choices) => {
      const type = typeOf(choices);
      const { attribute } = given(choices);
      return {
        name: slug(type, "says", attribute),
        expect: { catalog: `catalog.resources(${text(type)}).all(r, r.has(${text(attribute)}))` },
        examples: {
          pass: [{ name: "it says so", catalog: { [`${type}[a]`]: { [attribute]: "a" } } }],
          fail: [{ name: "it does not", catalog: { [`${type}[a]`]: {} } }],
        },
      };
    },
  },
  secret: {
    says: "ATTRIBUTE of every resource of a type is a secret, where it is given",
    needs: ["resource", "attribute"],
    write: (choices) => {
      const type = typeOf(choices);
      const { attribute } = given(choices);
      const name = text(attribute);
      return {
        name: slug(type, attribute, "is secret"),
        expect: { catalog: `catalog.resources(${text(type)}).all(r, !r.has(${name}) || r.secret(${name}) || r.deferred(${name}))` },
        examples: {
          pass: [{ name: "it is a Sensitive", catalog: { [`${type}[a]`]: { [attribute]: { $secret: "a" } } } }],
          fail: [{ name: "it stands in clear text", catalog: { [`${type}[a]`]: { [attribute]: "a" } } }],
        },
      };
    },
  },
  asks: {
    says: "changes of a CONCERN need an approval by whom to ask (sudo, firewall, accounts, ssh-keys, login, mounts, …)",
    needs: ["concern"],
    write: ({ concern }) => {
      const example = concernExamples[concern ?? ""];
      if (concern === null || example === undefined)
        throw wrong(`--concern is ${text(concern)}`, `Give one of ${Object.keys(concernExamples).join(", ")}.`);
      const other = { "File[/etc/motd]": { content: "one" } };
      return {
        name: slug("asks about", concern),
        expect: { change: `!changes.exists(c, ${text(concern)} in c.concerns)` },
        examples: {
          pass: [{ name: "something else changes", before: other, after: { "File[/etc/motd]": { content: "two" } } }],
          fail: [{ name: "it changes", before: { ...other, ...example[0] }, after: { ...other, ...example[1] } }],
        },
      };
    },
  },
  last: {
    says: "a SERVICE keeps RESOURCE on a node of each datacentre that has one",
    needs: ["service", "resource"],
    write: (choices) => {
      const { type, title, ref } = refOf(choices);
      return {
        name: slug(choices.service, "in every datacentre"),
        expect: {
          each: `catalog.has(${text(type)}, ${text(title)})`,
          fleet:
            "datacentres.all(d, !nodes.exists(n, n.datacentre == d && n.before == true) || nodes.exists(n, n.datacentre == d && n.after == true))",
        },
        examples: {
          pass: [
            {
              name: "another node is left",
              nodes: { a1: { datacentre: "a", before: { [ref]: {} }, after: {} }, a2: { datacentre: "a", catalog: { [ref]: {} } } },
            },
          ],
          fail: [
            {
              name: "the last one goes",
              nodes: { a1: { datacentre: "a", before: { [ref]: {} }, after: {} }, b1: { datacentre: "b", catalog: { [ref]: {} } } },
            },
          ],
        },
      };
    },
  },
  restarts: {
    says: "a Service RESOURCE restarts on at most PERCENT of the nodes",
    needs: ["resource", "percent"],
    write: (choices) => {
      const { type, ref } = refOf(choices);
      const { percent } = choices;
      if (type !== "Service" || percent === null || percent >= 100)
        throw wrong(
          "--resource or --percent is not what can restart too often",
          "Give a service and less than 100: 'Service[postgresql]', 10.",
        );
      const file = (content: string): object => ({ [ref]: { ensure: "running", subscribe: "File[/etc/a]" }, "File[/etc/a]": { content } });
      return {
        name: slug("few restarts of", ref),
        expect: { fleet: `nodes.filter(n, ${text(ref)} in n.restarts).size() * 100 <= nodes.size() * ${percent}` },
        examples: {
          pass: [{ name: "nothing restarts", nodes: { a1: { catalog: file("one") } } }],
          fail: [{ name: "all restart", nodes: { a1: { before: file("one"), after: file("two") } } }],
        },
      };
    },
  },
};

const changed = (ref: string, one: object, two: object): [object, object] => [{ [ref]: one }, { [ref]: two }];
/** A change of each concern that a catalog of two resources can show. */
const concernExamples: Readonly<Record<string, [object, object]>> = {
  sudo: changed("File[/etc/sudoers.d/a]", { content: "one" }, { content: "two" }),
  firewall: changed("Firewall[100 a]", { dport: 22 }, { dport: 23 }),
  accounts: changed("User[a]", { shell: "/bin/sh" }, { shell: "/bin/bash" }),
  "ssh-keys": changed("Ssh_authorized_key[a]", { key: "one" }, { key: "two" }),
  login: changed("File[/etc/pam.d/su]", { content: "one" }, { content: "two" }),
  mounts: changed("Mount[/srv]", { options: "rw" }, { options: "ro" }),
};

/** The file's text and the expectation's name. Throws a Problem where a choice is missing or does not fit. */
export function compose(choices: Choices): { text: string; name: string } {
  const kind = kindOf(choices.that);
  const missing = missingOf(choices);
  if (missing.length > 0) throw wrong(`--that ${choices.that} needs ${missing.map((each) => `--${each}`).join(" and ")}`, kind.says);
  return written(kind.write(choices), { ...choices, severity: choices.severity ?? (choices.that === "asks" ? "approval" : "block") });
}

/** What `that` stands for. Throws a Problem where it is no kind. */
export function kindOf(that: string): (typeof choiceKinds)[string] {
  const kind = Object.hasOwn(choiceKinds, that) ? choiceKinds[that] : undefined;
  if (kind === undefined) throw wrong(`--that is ${text(that)}`, `Give one of ${Object.keys(choiceKinds).join(", ")}.`);
  return kind;
}

/** The same of what was made in another way. */
export function written(
  { name: made, expect, examples }: Written,
  { name: asked, why, ask, service, severity }: Pick<Choices, "name" | "why" | "ask" | "service"> & { severity: string },
): { text: string; name: string } {
  const name = asked ?? made;
  const file = {
    name,
    why,
    ask,
    ...(service === null ? {} : { for: { service } }),
    expect,
    severity: severity === "approval" ? { "needs-approval-from": ask } : severity,
    examples,
  };
  return { name, text: stringify(file, { lineWidth: 120, aliasDuplicateObjects: false }) };
}

/** What a kind needs and is not given. */
export const missingOf = (choices: Pick<Choices, "that" | Needed>): Needed[] =>
  (choiceKinds[choices.that]?.needs ?? []).filter((need) => choices[need] === null);

const given = ({ attribute, value }: Choices): { attribute: string; value: string } => ({ attribute: attribute ?? "", value: value ?? "" });

const wrong = (what: string, hint: string): Problem => new Problem({ code: "bad-option", text: `${what}.`, hint });
