import * as oauth from "oauth4webapi";
import { z } from "zod";
import type { Person } from "../gate/facts.ts";
import { Problem } from "../problem.ts";

/** The App's own client, for people who sign in. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app */
export interface Client {
  id: string;
  secret: string;
  /** Where GitHub sends people back to: one of the App's callback URLs. */
  back: string;
}

/** What is to be kept in the person's own browser until they are back. */
export interface Asked {
  state: string;
  verifier: string;
}

export interface SignIn {
  begin(): Promise<{ address: string; asked: Asked }>;
  /** Who came back, or why nobody did, in words. Rejects with a Problem where GitHub can't be asked. */
  end(back: URL, asked: Asked): Promise<{ ok: true; person: Person } | { ok: false; why: string }>;
}

const userSchema = z.object({ id: z.int().positive(), login: z.string().min(1), type: z.string() });

/**
 * Signing in by GitHub's web flow, with PKCE. Nothing is asked for but who somebody is: their token is used once and forgotten, and what
 * they may see is asked of GitHub as the App, for each page anew.
 */
export function createSignIn({ html, api }: { html: string; api: string }, client: Client, ask: typeof fetch): SignIn {
  const server: oauth.AuthorizationServer = {
    issuer: html,
    authorization_endpoint: `${html}/login/oauth/authorize`,
    token_endpoint: `${html}/login/oauth/access_token`,
  };
  const known: oauth.Client = { client_id: client.id };
  const ways = {
    [oauth.customFetch]: async (url: string, init: RequestInit) => ask(url, init),
    // `config.ts` lets http through for the loopback interface alone.
    [oauth.allowInsecureRequests]: html.startsWith("http:"),
  };

  async function tokenFor(parameters: URLSearchParams, { verifier }: Asked): Promise<string> {
    const secret = oauth.ClientSecretPost(client.secret);
    const answer = await oauth.authorizationCodeGrantRequest(server, known, secret, parameters, client.back, verifier, ways);
    // GitHub tells of its errors with a 200.
    const refused = refusalSchema.safeParse(await answer.clone().json());
    if (refused.success) throw new Refused(refused.data.error);
    return (await oauth.processAuthorizationCodeResponse(server, known, answer)).access_token;
  }

  return {
    begin: async () => {
      const asked = { state: oauth.generateRandomState(), verifier: oauth.generateRandomCodeVerifier() };
      const address = new URL(`${html}/login/oauth/authorize`);
      const challenge = await oauth.calculatePKCECodeChallenge(asked.verifier);
      for (const [name, value] of Object.entries({
        client_id: client.id,
        redirect_uri: client.back,
        state: asked.state,
        code_challenge: challenge,
        code_challenge_method: "S256",
      }))
        address.searchParams.set(name, value);
      return { address: address.href, asked };
    },
    end: async (back, asked) => {
      try {
        const token = await tokenFor(oauth.validateAuthResponse(server, known, back, asked.state), asked);
        const answer = await ask(`${api}/user`, { headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" } });
        if (!answer.ok) throw new Error(`GitHub answered ${answer.status} when asked who signed in`);
        const { id, login, type } = userSchema.parse(await answer.json());
        return { ok: true, person: { id, login, bot: type !== "User" } };
      } catch (error) {
        const why = refusalOf(error);
        if (why !== null) return { ok: false, why };
        throw new Problem(
          { code: "sign-in", text: "GitHub could not be asked who signed in.", hint: "Try again in a minute; the server's log says more." },
          { cause: error },
        );
      }
    },
  };
}

const refusalSchema = z.object({ error: z.string() });

class Refused extends Error {
  override readonly name = "Refused";
}

/** What went wrong with somebody's own way through GitHub; null where it was the gate's. */
function refusalOf(error: unknown): string | null {
  if (error instanceof oauth.AuthorizationResponseError)
    return error.error === "access_denied" ? "You told GitHub not to." : `GitHub said ${error.error}.`;
  if (error instanceof Refused)
    return error.message === "bad_verification_code"
      ? "That took longer than ten minutes, or was used before."
      : `GitHub said ${error.message}.`;
  if (error instanceof oauth.OperationProcessingError || error instanceof oauth.UnsupportedOperationError)
    return "What came back is not an answer to what this browser asked.";
  return null;
}
