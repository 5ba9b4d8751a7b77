import type { Probot } from "probot";
import type { Log } from "../engine/ports/log.ts";
import type { Signature } from "../engine/ports/mirror.ts";
import { identify, type KnownApp } from "../github/app.ts";

/** The App's slug, asked for at the start and, where GitHub could not be asked then, when it is needed. */
export async function whoWeAre(probot: Probot, log: Log): Promise<() => Promise<string>> {
  const tell = (app: KnownApp | null): KnownApp | null => {
    if (app !== null && app.missing.length > 0)
      log.warn({ missing: app.missing }, "the App lacks permissions or events that app.yml asks for");
    return app;
  };
  let known = tell(await identify(probot));
  if (known === null) log.warn({}, "GitHub can't be asked now; deliveries are kept until it can");
  return async () => {
    known ??= tell(await identify(probot));
    if (known === null) throw new Error("GitHub did not say which App this is");
    return known.slug;
  };
}

/** As GitHub signs what its Apps commit, but for the bot's number, which its address works without. */
export async function signatureOf(app: () => Promise<string>, noreply: string): Promise<Signature> {
  const name = `${await app()}[bot]`;
  return { name, email: `${name}@${noreply}` };
}
