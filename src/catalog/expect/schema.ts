import { z } from "zod";
import { condition, name, owner, words } from "../../policy/atoms.ts";
import type { Scope } from "./language.ts";

/** A file of `expectations/`: one thing that reviewers look for, and examples of it. docs/expectations.md is the guide. */

const owners = z.array(owner).min(1).max(20);
const attributes = z.record(z.string().min(1).max(200), z.json());

const reference = /^(?:@@)?[A-Za-z][\w:]*\[[\s\S]+\]$/u;

const catalogSchema = z
  .record(z.string().min(1).max(1000), attributes.nullable())
  .superRefine((resources, context) => {
    for (const key of Object.keys(resources).filter((name) => !reference.test(name)))
      context.addIssue({
        code: "custom",
        path: [key],
        message: "a resource under its name, as Puppet refers to it: `File[/etc/motd]`, `@@Nagios_host[web01]`",
      });
  })
  .describe(
    "Resources by reference, each with its attributes. `{$secret: a}` stands for a secret, `{$deferred: name}` for what an agent makes.",
  );

const nodeSchema = z.strictObject({
  certname: z.string().min(1).max(255).default("node1.example.org"),
  services: z.array(name).default([]),
  datacentre: z.string().nullable().default(null),
});

const fleetNodeSchema = z.strictObject({
  services: z.array(name).default([]),
  datacentre: z.string().nullable().default(null),
  catalog: catalogSchema.optional().describe("Of both sides alike."),
  before: catalogSchema.optional(),
  after: catalogSchema.optional(),
});

const exampleSchema = z.strictObject({
  name: words,
  node: nodeSchema.prefault({}),
  catalog: catalogSchema.optional(),
  before: catalogSchema.optional(),
  after: catalogSchema.optional(),
  nodes: z.record(z.string().min(1).max(255), fleetNodeSchema).optional(),
});

export const expectationSchema = z
  .strictObject({
    name: name.describe("Its own among all expectations."),
    why: words.describe("What goes wrong where it does not hold: whoever breaks it reads this."),
    ask: owners.describe("Who can say more about it: users and teams as GitHub writes them."),
    for: z
      .union([condition, z.strictObject({ service: name })], { error: "CEL over nodes, as a text, or `{service: NAME}`" })
      .default("true")
      .describe("Whose catalogs: CEL over `certname`, `trusted`, `enc` and `classes` as a service's `match`, or a service of the policy."),
    expect: z
      .strictObject({
        catalog: condition.optional().describe("CEL over `catalog` and `node`, for each catalog."),
        change: condition
          .optional()
          .describe("CEL over `before`, `after`, `changes`, `restarts` and `node`, for each node that the change reaches."),
        fleet: condition.optional().describe("CEL over `nodes` and `datacentres`, once."),
        each: condition
          .optional()
          .describe("With `fleet`: CEL over `catalog` and `node`; what it gives of each side is the node's `before` and `after`."),
      })
      .refine(({ catalog, change, fleet }) => [catalog, change, fleet].filter((each) => each !== undefined).length === 1, {
        error: "exactly one of `catalog`, `change` and `fleet`",
      })
      .refine(({ each, fleet }) => each === undefined || fleet !== undefined, { error: "`each` beside `fleet` only" }),
    severity: z
      .union([z.enum(["block", "warn"]), z.strictObject({ "needs-approval-from": owners })], {
        error: '`block`, `warn`, or `{needs-approval-from: ["@acme/sre"]}`',
      })
      .default("block")
      .describe("What becomes of a change that breaks it."),
    examples: z.strictObject({
      pass: z.array(exampleSchema).min(1).max(50),
      fail: z.array(exampleSchema).min(1).max(50),
      unknown: z.array(exampleSchema).max(50).default([]),
    }),
  })
  .meta({ title: "puppet-gate expectation", description: "A file of expectations/, read from the base branch." });

type ExpectationFile = z.output<typeof expectationSchema>;
export type Example = z.output<typeof exampleSchema>;
export type ExampleCatalog = z.output<typeof catalogSchema>;
export type ExampleResult = "pass" | "fail" | "unknown";

/** Whose catalogs an expectation is about. */
export type ForNodes = { condition: string } | { service: string };

/** What has to be evaluated of an expectation: all that its results depend on besides the catalogs. */
export interface Expression {
  for: ForNodes;
  scope: Scope;
  expect: string;
  /** With the scope `fleet`: what is taken of each catalog; null: nothing. */
  each: string | null;
}

export interface Expectation extends Expression {
  name: string;
  /** The file, relative to the tree, and the line of its name. */
  path: string;
  line: number;
  why: string;
  /** With `@`. */
  ask: readonly string[];
  severity: "block" | "warn" | "approval";
  /** With the severity `approval`: who has to approve. */
  owners: readonly string[];
  examples: ReadonlyArray<Example & { result: ExampleResult }>;
}

export function toExpectation(file: ExpectationFile, place: { path: string; line: number }): Expectation {
  const { catalog, change, fleet, each } = file.expect;
  const scope: Scope = catalog !== undefined ? "catalog" : change !== undefined ? "change" : "fleet";
  const { severity } = file;
  const as = (result: ExampleResult, examples: readonly Example[]): Expectation["examples"] => examples.map((one) => ({ ...one, result }));
  return {
    ...place,
    name: file.name,
    why: file.why.trim(),
    ask: file.ask,
    for: typeof file.for === "string" ? { condition: file.for } : file.for,
    scope,
    expect: catalog ?? change ?? fleet ?? "",
    each: each ?? null,
    severity: typeof severity === "string" ? severity : "approval",
    owners: typeof severity === "string" ? [] : severity["needs-approval-from"],
    examples: [...as("pass", file.examples.pass), ...as("fail", file.examples.fail), ...as("unknown", file.examples.unknown)],
  };
}

/** The JSON Schema of a file, for editors. */
export const expectationJsonSchema = (): Record<string, unknown> => ({ ...z.toJSONSchema(expectationSchema, { io: "input" }) });
