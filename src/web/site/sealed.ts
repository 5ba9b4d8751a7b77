import { createHmac, timingSafeEqual } from "node:crypto";
import type { z } from "zod";

/** What a browser keeps for us, and can read, but not change or make: its use is part of the seal, so that one is never taken for another. */

type Use = "session" | "asked" | "form";

const mac = (key: Uint8Array, use: Use, body: string): Buffer => createHmac("sha256", key).update(`${use}.${body}`).digest();

export function seal(key: Uint8Array, use: Use, value: unknown): string {
  const body = Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
  return `${body}.${mac(key, use, body).toString("base64url")}`;
}

/** Null for what is not ours, was changed, or has another form. */
export function unseal<S extends z.ZodType>(key: Uint8Array, use: Use, schema: S, text: string | undefined): z.output<S> | null {
  const [body = "", seal = "", ...more] = text?.split(".") ?? [];
  const expected = mac(key, use, body);
  const given = Buffer.from(seal, "base64url");
  if (more.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const parsed = schema.safeParse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  return parsed.success ? parsed.data : null;
}
