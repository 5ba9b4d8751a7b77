import { expect, test } from "vitest";
import { repo, setStage, type Stage } from "./stage.ts";

/** What GitHub says of a CODEOWNERS file, and an organisation's own `.github` repository. */

async function errorsOf(stage: Stage, files: Record<string, string>) {
  await stage.github.as("alice").commit("acme/control", { branch: "main", files, message: "Owners" });
  return (await stage.octokit().rest.repos.codeownersErrors({ ...repo, ref: "main" })).data.errors;
}

test.each([
  { line: "* @alice @acme/sre bob@acme.example # all of it", expected: [] },
  { line: "docs/ ", expected: [] },
  { line: "* @nobody", expected: [{ kind: "Unknown owner", column: 3 }] },
  { line: "* @mallory", expected: [{ kind: "Unknown owner", suggestion: expect.stringContaining("has write access") }] },
  { line: "*  @acme/secret", expected: [{ kind: "Unknown owner", column: 4, suggestion: expect.stringContaining("publicly visible") }] },
  { line: "* @acme/readers", expected: [{ kind: "Unknown owner" }] },
  { line: "* alice", expected: [{ kind: "Invalid owner", message: "Invalid owner on line 2\n\n  * alice\n    ^" }] },
  { line: "!site.pp @alice", expected: [{ kind: "Invalid pattern", column: 1 }] },
  { line: "[a-z].pp @alice", expected: [{ kind: "Invalid pattern" }] },
  { line: "/ @alice", expected: [{ kind: "Invalid pattern", suggestion: expect.stringContaining("did you mean `*`") }] },
])("CODEOWNERS with $line", async ({ line, expected }) => {
  const stage = await setStage();
  const { github } = stage;
  github.team("acme/all");
  github.team("acme/sre", { parent: "all" });
  github.team("acme/secret", { privacy: "secret" });
  github.team("acme/readers");
  github.teamAccess("acme/all", "acme/control", "write");
  github.teamAccess("acme/secret", "acme/control", "write");
  github.teamAccess("acme/readers", "acme/control", "read");
  const errors = await errorsOf(stage, { ".github/CODEOWNERS": `# first\n${line}\n`, CODEOWNERS: "* @never-read\n" });
  expect(errors).toHaveLength(expected.length);
  expect(errors).toMatchObject(expected.map((error) => ({ line: 2, path: ".github/CODEOWNERS", ...error })));
});

test("without the file there is nothing to say", async () => {
  const stage = await setStage();
  await expect(stage.octokit().rest.repos.codeownersErrors(repo)).rejects.toMatchObject({ status: 404 });
});

const defaults = { owner: "acme", repo: ".github", path: ".github/puppet-gate.yml" };

test("an organisation's .github repository: absent, empty of it, and there; not for Apps that are not installed on it", async () => {
  const stage = await setStage();
  const read = async () => stage.octokit().rest.repos.getContent(defaults);
  await expect(read()).rejects.toMatchObject({ status: 404 });
  await stage.github.repository("acme/.github");
  await expect(read()).rejects.toMatchObject({ status: 404 });
  const carol = stage.github.as("carol");
  await carol.commit("acme/.github", { branch: "main", files: { ".github/puppet-gate.yml": "version: 1\n" }, message: "Default" });
  expect((await read()).data).toMatchObject({ type: "file", content: Buffer.from("version: 1\n").toString("base64"), path: defaults.path });
  stage.github.removeRepositories(stage.installation, ".github");
  await expect(read()).rejects.toMatchObject({ status: 404 });
});
