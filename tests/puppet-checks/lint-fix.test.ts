import { describe, expect, it } from "vitest";
import { fixLint } from "../../src/puppet/lint-fix.ts";
import { withFiles, type Content } from "./tree.ts";

const fixed = (files: Record<string, Content>, options: string[] = []) =>
  withFiles(files, async (tree) => fixLint(tree, Object.keys(files), options));

describe("fixLint", () => {
  it("gives what puppet-lint would make of a manifest, by the options it is linted with", async () => {
    const files = { "manifests/a.pp": '$x = "a" \n', "manifests/b c.pp": "$y = 'b'\n" };
    expect(await fixed(files)).toEqual(
      new Map([
        ["manifests/a.pp", "$x = 'a'\n"],
        ["manifests/b c.pp", "$y = 'b'\n"],
      ]),
    );
    expect((await fixed(files, ["--no-double_quoted_strings-check"]))?.get("manifests/a.pp")).toBe('$x = "a"\n');
  });

  it("loses no manifest over another that does not parse", async () => {
    const made = await fixed({ "manifests/broken.pp": 'class { "', "manifests/a.pp": '$x = "a"\n' });
    expect(made?.get("manifests/a.pp")).toBe("$x = 'a'\n");
  });

  it("takes no option from a file's name and follows no link", async () => {
    const made = await fixed({ "--fix=x.pp": '$x = "a"\n', "link.pp": { link: "/etc/passwd" } });
    expect([...(made ?? [])]).toEqual([["--fix=x.pp", "$x = 'a'\n"]]);
  });
});
