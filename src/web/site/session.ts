import { parseCookie, stringifySetCookie } from "cookie";
import { createHash } from "node:crypto";
import { z } from "zod";
import { seal, unseal } from "./sealed.ts";

/** Who signed in, and for how long a browser is believed. Times are milliseconds since 1970. */

/** A working day. */
const sessionMs = 8 * 3_600_000;
/** As long as GitHub's codes live. */
const askedMs = 600_000;

const sessionSchema = z.object({ id: z.int().positive(), login: z.string().min(1), at: z.number(), nonce: z.string().min(16) });
export type Session = z.infer<typeof sessionSchema>;

const askedSchema = z.object({ state: z.string().min(16), verifier: z.string().min(16), to: z.string().startsWith("/"), at: z.number() });
/** Somebody on their way through GitHub, and the path that they wanted. */
export type Asked = z.infer<typeof askedSchema>;

export interface Keeping {
  key: Uint8Array;
  /** Whether people come by https: then cookies are for it alone, and for this host alone. */
  secure: boolean;
}

const nameOf = ({ secure }: Keeping, name: string): string => (secure ? `__Host-${name}` : name);

const cookie = (keeping: Keeping, name: string, value: string, maxAge: number): string =>
  stringifySetCookie({
    name: nameOf(keeping, name),
    value,
    maxAge,
    path: "/",
    httpOnly: true,
    secure: keeping.secure,
    // `strict` would keep it from whoever comes back from GitHub, and from whoever follows a link of a comment.
    sameSite: "lax",
  });

const read = (keeping: Keeping, header: string | undefined, name: string): string | undefined =>
  parseCookie(header ?? "")[nameOf(keeping, name)];

export const keepSession = (keeping: Keeping, session: Session): string =>
  cookie(keeping, "session", seal(keeping.key, "session", session), sessionMs / 1000);

export const endSession = (keeping: Keeping): string => cookie(keeping, "session", "", 0);

/** Null where nobody signed in, or too long ago. */
export function sessionOf(keeping: Keeping, header: string | undefined, now: number): Session | null {
  const session = unseal(keeping.key, "session", sessionSchema, read(keeping, header, "session"));
  return session !== null && session.at <= now && now < session.at + sessionMs ? session : null;
}

export const keepAsked = (keeping: Keeping, asked: Asked): string =>
  cookie(keeping, "asked", seal(keeping.key, "asked", asked), askedMs / 1000);

export const endAsked = (keeping: Keeping): string => cookie(keeping, "asked", "", 0);

export function askedOf(keeping: Keeping, header: string | undefined, now: number): Asked | null {
  const asked = unseal(keeping.key, "asked", askedSchema, read(keeping, header, "asked"));
  return asked !== null && asked.at <= now && now < asked.at + askedMs ? asked : null;
}

/** What the server keeps of a session: with it alone nobody can make its cookie. */
export const sessionId = ({ nonce }: Session): string => createHash("sha256").update(nonce, "utf8").digest("hex");

/** When it ends by itself. */
export const endOf = ({ at }: Session): number => at + sessionMs;

/** What a form of this session holds, and no form of another site can. */
export const formToken = ({ key }: Keeping, { nonce }: Session): string => seal(key, "form", nonce);

export const isFormToken = ({ key }: Keeping, { nonce }: Session, token: string | undefined): boolean =>
  unseal(key, "form", z.string(), token) === nonce;
