import { z } from "zod";
import { findingSchema, groupSchema, radiusSchema, severitySchema } from "../../catalog/effects.ts";
import { parseCodeowners } from "../../policy/codeowners.ts";
import { faultsOf } from "../../policy/issues.ts";
import { YamlSource } from "../../policy/yaml-source.ts";
import { Problem } from "../../problem.ts";

/** `examples.yml` beside a policy: changes as people would tell of them, and what has to come of each. What is not said is harmless. */

const login = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*(?:\[bot\])?$/u, "a login, like `ann`");
const team = z.string().regex(/^@?[A-Za-z0-9][A-Za-z0-9_-]*\/[A-Za-z0-9_.-]+$/u, "a team with its organisation, like `acme/sre`");
const permission = z.enum(["admin", "write", "read", "none"]).default("write");
const outcome = z.enum(["pass", "fail", "pending", "unknown", "skipped"]);

const changeSchema = z.strictObject({
  author: login.default("alice"),
  /** Who else had a part in it. */
  contributors: z.array(login).default([]),
  paths: z.array(z.string().min(1)).min(1).default(["site-modules/profile/manifests/web.pp"]),
  links: z.array(z.string().min(1)).default([]),
  labels: z.array(z.string()).default([]),
  base: z.string().min(1).default("main"),
  fork: z.boolean().default(false),
  draft: z.boolean().default(false),
  /** What it does to the policy. */
  policy: z.enum(["same", "tightens", "loosens"]).default("same"),
  minutes_since_push: z.int().min(0).default(30),
});

const radius = radiusSchema.shape;
const exampleRadiusSchema = z.strictObject({
  nodes: radius.nodes.max(10_000).default(1),
  share: radius.share.default(0.01),
  services: radius.services.default([]),
  datacentres: radius.datacentres.default([]),
  restarts: radius.restarts.default([]),
  size: radius.size.default("small"),
});

const group = groupSchema.shape;
const exampleGroupSchema = z.strictObject({
  type: group.type,
  title: group.title,
  attribute: group.attribute.default(null),
  change: group.change.default("changed"),
  kind: group.kind.default("system"),
  nodes: group.nodes.default(["node1.example.org"]),
  path: z.string().nullable().default(null),
  concerns: group.concerns,
});

const finding = findingSchema.shape;
const exampleFindingSchema = z.strictObject({
  check: finding.check,
  severity: severitySchema,
  path: finding.path.default(null),
  code: finding.code.default("example"),
  message: finding.message.default("an example"),
  onChangedLine: finding.onChangedLine.default(true),
});

const approvalSchema = z.strictObject({
  by: login,
  permission,
  teams: z.array(team).default([]),
  /** `older`: it was given before the last push. */
  of: z.enum(["head", "older"]).default("head"),
});

const checkSchema = z.strictObject({
  name: z.string().min(1),
  app_id: z.int().min(1).nullable(),
  /** `running` while it is. */
  conclusion: z.string().min(1).default("success"),
  workflow: z.string().nullable().default(null),
});

const expectSchema = z
  .strictObject({
    outcome: z.enum(["pass", "observed", "waiting", "blocked", "unknown"]).optional(),
    rules: z.record(z.string(), outcome).default({}),
    /** Each stands in some reason. */
    words: z.array(z.string().min(1)).default([]),
  })
  .refine(({ outcome: whole, rules, words }) => whole !== undefined || Object.keys(rules).length + words.length > 0, {
    error: "an `outcome`, `rules` or `words`: an example that expects nothing can't fail",
  });

const exampleSchema = z.strictObject({
  name: z.string().regex(/\S/u, "a name").max(200),
  change: changeSchema.prefault({}),
  radius: exampleRadiusSchema.prefault({}),
  groups: z.array(exampleGroupSchema).default([]),
  findings: z.array(exampleFindingSchema).default([]),
  approvals: z.array(approvalSchema).default([]),
  objections: z.array(z.strictObject({ by: login, permission })).default([]),
  checks: z.array(checkSchema).default([]),
  /** Base's CODEOWNERS. Default: it has none. */
  codeowners: z.string().optional(),
  /** A Wednesday at noon. */
  now: z.iso.datetime({ offset: true, error: "a moment, like `2026-03-04T12:00:00Z`" }).default("2026-03-04T12:00:00Z"),
  expect: expectSchema,
});

const examplesSchema = z.strictObject({ examples: z.array(exampleSchema).min(1) });

export type Example = z.output<typeof exampleSchema>;

/** An example of which nothing is told. */
export const harmless: Example = exampleSchema.parse({ name: "nothing", expect: { outcome: "waiting" } });

/** The examples of a file. Throws a Problem that names the line of the first thing that is wrong. */
export function parseExamples(text: string, path: string): Example[] {
  const yaml = YamlSource.parse(text);
  if (!yaml.ok) throw wrong(path, yaml.faults);
  const parsed = examplesSchema.safeParse(yaml.source.value);
  if (!parsed.success) throw wrong(path, faultsOf(parsed.error.issues, examplesSchema, yaml.source));
  const { examples } = parsed.data;
  for (const [at, { name, codeowners }] of examples.entries()) {
    const place = (key: string): Fault => ({ ...yaml.source.valueAt(["examples", at, key]), text: "", hint: "" });
    if (examples.findIndex((other) => other.name === name) < at)
      throw wrong(path, [{ ...place("name"), text: `Another example is called "${name}".`, hint: "Give each its own name." }]);
    const owners = codeowners === undefined ? null : parseCodeowners(codeowners);
    const [problem] = owners?.ok === false ? owners.problems : [];
    if (problem !== undefined)
      throw wrong(path, [{ ...place("codeowners"), text: `In its line ${problem.line}: ${problem.text}`, hint: problem.hint }]);
  }
  return examples;
}

interface Fault {
  line: number;
  column: number;
  text: string;
  hint: string;
}

function wrong(path: string, faults: readonly Fault[]): Problem {
  const [first] = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return new Problem({
    code: "bad-examples",
    text: `${path}:${first?.line ?? 1}:${first?.column ?? 1}: ${first?.text ?? "it can't be read."}${more}`,
    hint: first?.hint ?? "Mend the file.",
  });
}
