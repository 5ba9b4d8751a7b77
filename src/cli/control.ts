import { z } from "zod";
import { verbs } from "../rollout/word.ts";

/** What the command says to the server that runs, and what that answers: JSON over a socket that only the server's own user can open. */
export const controlRequest = z.strictObject({
  verb: z.enum(verbs),
  text: z.string().max(10_000),
  /** The GitHub account of whoever says it; null where they name none. */
  as: z
    .string()
    .regex(/^@?[\w-]{1,100}$/u)
    .nullable(),
  /** Of this system, as they say. */
  user: z.string().min(1).max(200),
  /** Said again with the same key, it is not done again. */
  key: z.uuid(),
});
export type ControlRequest = z.infer<typeof controlRequest>;

export const controlAnswer = z.object({
  /** `kept`: not done yet; it is done by itself. */
  outcome: z.enum(["done", "refused", "kept"]),
  text: z.string(),
  lines: z.array(z.string()),
  /** Of `status`: what the lines say, as a value. */
  status: z.unknown().optional(),
});
export type ControlAnswer = z.infer<typeof controlAnswer>;
