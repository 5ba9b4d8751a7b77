import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { startServer } from "../main.ts";
import type { ControlRepo } from "./control-repo/make.ts";
import { createGitHub, type GitHub } from "./github/github.ts";
import type { Repo } from "./github/state.ts";

/** A GitHub with the sample control repo and its people, and the gate behind it as `puppet-gate serve` starts it. */
export interface GateStage {
  github: GitHub;
  repo: Repo;
  name: string;
  /** Everything that was sent is delivered, and everything that follows from it is done. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const organization = "tonearm";
const name = `${organization}/control`;
/** The owners of services that the sample's policy names. */
const teams = ["playlist", "web", "search", "metadata", "storage", "operations", "ads"];
/** None of them needs write access to land a change, but an approval counts only from somebody who has it. */
const people = { dagny: "write", emeka: "write", farah: "write", greta: "admin" } as const;

/** The App as it is registered with GitHub: what `app.yml` asks for is what it gets here. */
const manifestSchema = z.object({
  name: z.string(),
  default_permissions: z.record(z.string(), z.enum(["read", "write"])),
  default_events: z.array(z.string()),
});

export async function openGateStage(folder: string, sample: ControlRepo): Promise<GateStage> {
  const github = await createGitHub({ folder: join(folder, "github") });
  const { origin } = await github.listen();
  try {
    for (const login of Object.keys(people)) github.user(login, { emails: [`${login}@tonearm.example`] });
    github.organization(organization);
    for (const team of teams) github.team(`${organization}/${team}`, { members: ["dagny"] });
    const repo = await github.repository(name, { from: sample.folder, defaultBranch: sample.base });
    for (const [login, permission] of Object.entries(people)) github.collaborator(name, login, permission);
    const manifest = manifestSchema.parse(parse(await readFile(join(import.meta.dirname, "..", "..", "app.yml"), "utf8")));
    const webhookSecret = randomBytes(16).toString("hex");
    const app = github.app({
      name: manifest.name,
      owner: organization,
      permissions: manifest.default_permissions,
      events: manifest.default_events,
      webhookSecret,
    });
    github.install(app, { on: organization });
    const server = await startServer(
      {
        app: { id: app.id, privateKey: app.privateKey },
        webhookSecret,
        host: "127.0.0.1",
        port: 0,
        dataFolder: join(folder, "data"),
        github: { api: `${origin}/api/v3`, html: origin },
        organisationPolicy: "auto",
        logLevel: "error",
      },
      // The stand-in is ours: nobody asks for a second between two writes.
      { throttled: false },
    );
    github.webhooks(app, `${server.url}/api/github/webhooks`);
    return {
      github,
      repo,
      name,
      quiet: async () => {
        // What the gate writes causes deliveries of its own, so the second look is for those.
        for (let look = 0; look < 2; look += 1) {
          await github.settled();
          await server.settled();
        }
      },
      close: async () => {
        await server.close();
        await github.close();
      },
    };
  } catch (error) {
    await github.close();
    throw error;
  }
}
