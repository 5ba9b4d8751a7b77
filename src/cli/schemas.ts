import { z } from "zod";
import { expectationJsonSchema } from "../catalog/expect/schema.ts";
import { failureSchema, reportSchema } from "../gate/report.ts";
import { policyJsonSchema } from "../policy/schema.ts";

/** The JSON Schemas that `puppet-gate schema NAME` publishes. */
export const schemas: Readonly<Record<string, () => unknown>> = {
  report: () => z.toJSONSchema(z.union([reportSchema, failureSchema]).meta({ title: "puppet-gate report" }), { io: "output" }),
  policy: policyJsonSchema,
  expectation: expectationJsonSchema,
};
