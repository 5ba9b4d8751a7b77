import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../../src/process/run.ts";
import { type LaneStage, name, setLaneStage } from "./stage.ts";

/** The command itself, against the stand-in over the loopback interface. */

const cli = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

async function command(
  stage: LaneStage,
  token: string | null,
  ...args: string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const { host } = await stage.github.listen();
  const env: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    HOME: stage.folder,
    NO_COLOR: "1",
    GHE_HOST: host,
    GHE_PROTOCOL: "http",
    ...(token === null ? {} : { GITHUB_TOKEN: token }),
  };
  const all = ["--no-warnings", cli, "init", "lanes", ...args];
  const { exitCode, stdout, stderr } = await run({
    file: process.execPath,
    args: all,
    env,
    cwd: stage.folder,
    seconds: 120,
    outputBytes: 1e6,
  });
  return { code: exitCode, out: stdout.toString(), err: stderr };
}

test("dry run, the real one, once more, and the way back", { timeout: 300_000 }, async () => {
  const stage = await setLaneStage(null);
  const { token } = stage.github.as("carol");
  const begun = await stage.state();
  const on = ["--repository", name];
  const dry = await command(stage, token, ...on, "--dry-run", "--app-id", String(stage.app.id));
  expect(dry.err).toBe("");
  const order = [
    "1. create the branch main",
    "2. create the branch production_canary",
    "3. make main the default branch",
    "4. retarget pull request #1",
    "5. retarget pull request #2",
  ];
  const places = order.map((words) => dry.out.indexOf(words));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBeGreaterThan(0);
  expect(dry.out).toMatch(
    /Would be done .* \(nothing was changed\)[^]*git push origin [0-9a-f]{40}:refs\/heads\/main[^]*gh pr edit 1 -R acme\/control --base main/u,
  );
  expect(dry.out).toMatch(/- \{ name: canary, members: \{ percent: 5 \} \}[^]*--apply-rulesets[^]*"actor_type":"Integration"/u);
  expect(await stage.state()).toEqual(begun);

  const done = await command(stage, token, ...on);
  expect(done).toMatchObject({ code: 0, err: "" });
  expect(done.out).toMatch(
    /^done {2}1\. create the branch main[^]*production is at [0-9a-f]{40}, untouched; its files are tree [0-9a-f]{40}[^]*No node changes\./u,
  );
  const notes = join(
    stage.folder,
    ".local/state/puppet-gate/lanes",
    (await stage.github.listen()).host.replaceAll(":", "_"),
    `${name}.json`,
  );
  expect((await stat(notes)).mode & 0o777).toBe(0o600);
  const again = await command(stage, token, ...on, "--json");
  expect(JSON.parse(again.out)).toMatchObject({
    schema: "puppet-gate/init-lanes@1",
    steps: [],
    proof: { same: ["main", "production_canary"] },
  });

  const noted = await readFile(notes, "utf8");
  await writeFile(notes, noted.slice(0, 40));
  expect(await command(stage, token, ...on, "--undo")).toMatchObject({
    code: 1,
    err: expect.stringContaining("nobody may guess what was done"),
  });
  await writeFile(notes, noted);
  const undone = await command(stage, token, ...on, "--undo");
  expect(undone).toMatchObject({ code: 0, out: expect.stringContaining("is as it was before lanes were set up") });
  expect(await stage.state()).toEqual(begun);
});

test("without a token: by the clone alone what to do by hand, and nothing else", { timeout: 120_000 }, async () => {
  const stage = await setLaneStage();
  const { host } = await stage.github.listen();
  const clone = join(stage.folder, "clone");
  const git = (...args: string[]) =>
    run({
      file: "git",
      args,
      env: { PATH: process.env["PATH"] ?? "", HOME: stage.folder },
      cwd: stage.folder,
      seconds: 60,
      outputBytes: 1e5,
    });
  await git("clone", "-q", join(stage.folder, "repositories", "acme+control.git"), clone);
  await git("-C", clone, "remote", "set-url", "origin", `ssh://git@${host}/acme/control.git`);
  const before = await stage.state();
  const dry = await command(stage, null, "--repo", clone, "--dry-run");
  expect(dry).toMatchObject({ code: 0, err: "" });
  expect(dry.out).toMatch(
    /Would be done to acme\/control[^]*refs\/heads\/production_lon[^]*gh pr list -R acme\/control --base production[^]*xargs/u,
  );
  expect(await command(stage, null, "--repo", clone)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/GITHUB_TOKEN is not set[^]*--dry-run/u),
  });
  expect(await stage.state()).toEqual(before);
});

const mistakes: [string, string[], RegExp][] = [
  ["a branch that a shell would run", ["--merge-branch", "$(id)"], /--merge-branch is "\$\(id\)"/u],
  ["an option for a branch", ["--merge-branch=-f"], /--merge-branch is "-f"/u],
  ["rulesets for nobody", ["--apply-rulesets"], /--app-id NUMBER/u],
  ["no repository's name", ["--repository", "acme"], /OWNER\/NAME/u],
  ["a folder that is no clone", [], /not a git repository|no repository|git/iu],
];
test("what was typed wrong is told, and nothing is asked of anybody", { timeout: 120_000 }, async () => {
  const stage = await setLaneStage();
  for (const [, args, words] of mistakes)
    expect(await command(stage, "x", ...args)).toMatchObject({ code: 1, err: expect.stringMatching(words) });
});
