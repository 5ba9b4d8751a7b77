import { expect, test } from "vitest";
import { repo, setStage, type Stage } from "./stage.ts";

/** An installation that is suspended, narrowed or taken away, and what its tokens are worth then. */

/** With a token that was asked for before, as a service holds one. */
async function held(stage: Stage) {
  const octokit = stage.octokit();
  const { data } = await stage.octokit({ appId: stage.app.id, privateKey: stage.app.privateKey }).rest.apps.createInstallationAccessToken({
    installation_id: stage.installation.id,
  });
  const read = async (): Promise<{ status: number; message?: string }> => {
    const response = await stage.github.fetch("https://api.github.com/repos/acme/control", {
      headers: { authorization: `token ${data.token}` },
    });
    return { ...((await response.json()) as { message?: string }), status: response.status };
  };
  return { octokit, read };
}

test("suspended: every token is refused, nothing is heard, and it ends", async () => {
  const stage = await setStage();
  const { github, installation } = stage;
  const { read } = await held(stage);
  github.suspend(installation);
  expect(await read()).toMatchObject({ status: 403, message: "This installation has been suspended" });
  await expect(stage.octokit().rest.repos.get(repo)).rejects.toMatchObject({ status: 403 });
  await github.as("alice").commit("acme/control", { branch: "unheard", files: { a: "a" }, message: "Unheard" });
  github.unsuspend(installation);
  expect(await read()).toMatchObject({ status: 200 });
  await github.settled();
  expect(stage.told()).toEqual(["installation.suspend", "installation.unsuspend"]);
  expect(JSON.parse(stage.received[0]?.body ?? "")).toMatchObject({ installation: { suspended_at: expect.any(String) } });
});

test("uninstalled: bad credentials, and no new token", async () => {
  const stage = await setStage();
  const { read } = await held(stage);
  stage.github.uninstall(stage.installation);
  expect(await read()).toMatchObject({ status: 401, message: "Bad credentials" });
  await expect(stage.octokit().rest.repos.get(repo)).rejects.toMatchObject({ status: 404 });
  await stage.github.settled();
  expect(stage.told()).toEqual(["installation.deleted"]);
});

test("a repository that was removed is not there; one that was added is", async () => {
  const stage = await setStage();
  await stage.github.repository("acme/other");
  const { read } = await held(stage);
  stage.github.removeRepositories(stage.installation, "control");
  expect(await read()).toMatchObject({ status: 404 });
  await expect(stage.octokit().rest.repos.get(repo)).rejects.toMatchObject({ status: 404 });
  expect((await stage.octokit().rest.apps.listReposAccessibleToInstallation()).data.repositories).toMatchObject([{ name: "other" }]);
  stage.github.addRepositories(stage.installation, "control");
  expect(await read()).toMatchObject({ status: 200 });
  await stage.github.settled();
  expect(stage.told()).toEqual(["installation_repositories.removed", "installation_repositories.added"]);
  expect(JSON.parse(stage.received[0]?.body ?? "")).toMatchObject({ repositories_removed: [{ full_name: "acme/control" }] });
});
