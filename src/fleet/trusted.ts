import { z } from "zod";

import type { TrustedFacts } from "../engine/ports/nodes.ts";

/** `$trusted` as PuppetDB keeps it. What it leaves out follows from the certname; what it has in another shape is an error. */
const trustedSchema = z.looseObject({
  authenticated: z.union([z.literal("remote"), z.literal("local"), z.literal(false)]).default("remote"),
  certname: z.string(),
  hostname: z.string().optional(),
  domain: z.string().nullable().optional(),
  extensions: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  external: z.record(z.string(), z.unknown()).default({}),
});

/**
 * What Puppet's server would vouch for when this node connects with its certificate and the certificate has no extensions: the host is
 * the part before the first dot, the domain what follows it (`Puppet::Context::TrustedInformation`).
 */
export function deriveTrusted(certname: string): TrustedFacts {
  const dot = certname.indexOf(".");
  const [hostname, domain] = dot === -1 ? [certname, null] : [certname.slice(0, dot), certname.slice(dot + 1)];
  return { authenticated: "remote", certname, hostname, domain, extensions: {}, external: {} };
}

/** The given trusted facts of this node, or why they can't be used. */
export function readTrusted(certname: string, given: unknown): { ok: true; trusted: TrustedFacts } | { ok: false; why: string } {
  const parsed = trustedSchema.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, why: `${issue?.path.join(".") || "they"}: ${issue?.message.toLowerCase()}` };
  }
  const { data } = parsed;
  if (data.certname !== certname) return { ok: false, why: `they are those of ${JSON.stringify(data.certname)}` };
  const derived = deriveTrusted(certname);
  const extensions = Object.fromEntries(Object.entries(data.extensions).map(([name, value]) => [name, String(value)]));
  return {
    ok: true,
    trusted: {
      authenticated: data.authenticated,
      certname,
      hostname: data.hostname ?? derived.hostname,
      domain: data.domain === undefined ? derived.domain : data.domain,
      extensions,
      external: data.external,
    },
  };
}
