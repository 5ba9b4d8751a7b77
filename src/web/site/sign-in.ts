import { randomBytes } from "node:crypto";
import { type Answer, type Asked } from "./answers.ts";
import { refusal } from "./pages/refusal.ts";
import type { Sessions, SignIn } from "./ports.ts";
import { askedOf, endAsked, endOf, endSession, keepAsked, keepSession, type Keeping, type Session, sessionId } from "./session.ts";

/** What signing in and out is answered with. */
export interface Doors {
  begin(to: string): Promise<Answer>;
  back(asked: Asked, cookies: string | undefined): Promise<Answer>;
  leave(session: Session | null): Promise<Answer>;
}

/** Where GitHub sends people back to. */
export const backPath = "/sign-in/back";

/** @param url where people reach this server */
export function createDoors(
  { signIn, sessions }: { signIn: SignIn; sessions: Sessions | null },
  keeping: Keeping,
  url: string,
  now: () => number,
): Doors {
  return {
    begin: async (to) => {
      const { address, asked } = await signIn.begin();
      return { kind: "to", path: address, cookies: [keepAsked(keeping, { ...asked, to: ownPath(to), at: now() })] };
    },
    back: async ({ query }, cookies) => {
      const asked = askedOf(keeping, cookies, now());
      if (asked === null)
        return refusal(
          400,
          "Not signed in",
          "This browser did not ask to sign in, or more than ten minutes ago.",
          "Begin again from the first page.",
        );
      const back = new URL(`${url}${backPath}`);
      back.search = query.toString();
      const ended = await signIn.end(back, asked);
      if (!ended.ok)
        return { ...refusal(400, "Not signed in", ended.why, "Begin again from the first page."), cookies: [endAsked(keeping)] };
      const { id, login, bot } = ended.person;
      if (bot) return refusal(403, "Not signed in", "Pages are for people, and this account is none.");
      const session = { id, login, at: now(), nonce: randomBytes(16).toString("base64url") };
      await sessions?.begin({ id: sessionId(session), person: id, at: new Date(session.at), until: new Date(endOf(session)) });
      return { kind: "to", path: asked.to, cookies: [endAsked(keeping), keepSession(keeping, session)] };
    },
    leave: async (session) => {
      if (session !== null) await sessions?.end({ id: sessionId(session) });
      return { kind: "to", path: "/signed-out", cookies: [endSession(keeping)] };
    },
  };
}

/** Browsers keep a cookie of 4,096 characters, and drop a longer one without a word: nobody could come back then. */
const longestPath = 2_000;

/** A path of this server: `//elsewhere` and `/\elsewhere` are not. What no header takes is written as addresses write it. */
function ownPath(path: string): string {
  if (!/^\/(?![/\\])[^\p{Cc}]*$/u.test(path)) return "/";
  const own = path.toWellFormed().replaceAll(/[^!-~]/gu, encodeURIComponent);
  return own.length <= longestPath ? own : "/";
}
