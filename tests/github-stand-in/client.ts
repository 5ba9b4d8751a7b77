import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { createOctokit, type Stage } from "./stage.ts";

/** Git as a client of the stand-in, with a token in the address. */

interface Outcome {
  code: number;
  text: string;
}

export async function git(folder: string, ...args: string[]): Promise<Outcome> {
  const env = { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" };
  const identity = ["-c", "user.name=alice", "-c", "user.email=alice@acme.example"];
  try {
    const { stdout, stderr } = await promisify(execFile)("git", [...identity, ...args], { cwd: folder, env });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, text: failed.stdout + failed.stderr };
  }
}

export async function listen(stage: Stage): Promise<{ api: string; as: (token: string) => string }> {
  const { origin, host } = await stage.github.listen();
  return { api: `${origin}/api/v3`, as: (token) => `http://x-access-token:${token}@${host}/acme/control.git` };
}

export async function installationToken(stage: Stage, api: string, request: object = {}): Promise<string> {
  const octokit = createOctokit({ auth: { appId: stage.app.id, privateKey: stage.app.privateKey }, baseUrl: api });
  return (await octokit.rest.apps.createInstallationAccessToken({ installation_id: stage.installation.id, ...request })).data.token;
}
