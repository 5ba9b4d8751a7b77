import { describe, expect, it } from "vitest";
import { missingFrom, type Declared } from "../../src/plan/floor.ts";
import { root, sideOf, traceOf } from "./world.ts";

const listing = sideOf({});
const resource = (type: string, title: string, kind: Declared["kind"], path: string | null): Declared => ({
  type,
  title,
  kind,
  source: path === null ? null : { path },
});

const catalog: Declared[] = [
  resource("Stage", "main", "class", null),
  resource("Class", "Settings", "class", null),
  resource("Class", "main", "class", null),
  resource("Node", "default", "define", "manifests/site.pp"),
  resource("Class", "Role::Web", "class", "manifests/site.pp"),
  resource("Class", "Profile::Nginx", "class", "site/role/manifests/web.pp"),
  resource("Nginx::Server", "www", "define", "site/profile/manifests/nginx.pp"),
  resource("File", "/etc/nginx.conf", "native", "modules/nginx/manifests/server.pp"),
  resource("File", "/etc/init", "native", "modules/nginx/manifests/init.pp"),
  resource("File", "/etc/made", "native", "site/profile/functions/make.pp"),
  resource("File", "/etc/opened", "native", "site/profile/extra/opened.pp"),
  resource("File", "/elsewhere", "native", null),
];
const whole = traceOf({
  manifests: ["role::web", "::profile::nginx", "nginx::server"],
  functions: ["profile::make"],
  files: [`${root}/site/profile/extra/opened.pp`],
});

describe("what a trace must have at least", () => {
  it("is in a whole one", () => expect(missingFrom(whole, catalog, listing)).toBeNull());

  it.each([
    { forged: "a class", trace: { manifests: ["profile::nginx", "nginx::server"] }, missing: "class role::web" },
    { forged: "a define", trace: { manifests: ["role::web", "profile::nginx", "nginx"] }, missing: "define nginx::server" },
    { forged: "a function that declares", trace: { functions: ["profile::other"] }, missing: "site/profile/functions/make.pp" },
    { forged: "a file that was opened", trace: { files: [] }, missing: "site/profile/extra/opened.pp" },
    { forged: "everything", trace: { manifests: [], functions: [], files: [] }, missing: "class role::web" },
  ])("$forged is missed", ({ trace, missing }) => {
    expect(missingFrom({ ...whole, ...trace }, catalog, listing)).toBe(missing);
  });

  it("is the file that a resource stands in, also where its class is named", () => {
    const stray = resource("File", "/x", "native", "site/profile/manifests/misfits.pp");
    expect(missingFrom(whole, [...catalog, stray], listing)).toBe("site/profile/manifests/misfits.pp");
    expect(missingFrom(whole, [resource("File", "/x", "native", "site/profile/manifests/nginx/deep.pp")], listing)).toBe(
      "site/profile/manifests/nginx/deep.pp",
    );
  });
});
