import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Remote, serve } from "../git/remote.ts";

/** A forge of releases, `acme-clock-1.2.0` with its files, by the parts of its API that r10k asks for. */
export async function serveForge(folder: string, releases: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<Remote> {
  const owner = { slug: "acme", username: "acme" };
  const answers: Record<string, unknown> = {};
  const tarballs: Record<string, Buffer> = {};
  for (const [slug, files] of Object.entries(releases)) {
    const [author = "", name = "", version = ""] = slug.split("-");
    const metadata = JSON.stringify({
      name: `${author}-${name}`,
      version,
      author,
      source: "x",
      license: "Apache-2.0",
      summary: "x",
      dependencies: [],
    });
    for (const [path, content] of Object.entries({ ...files, "metadata.json": metadata })) {
      mkdirSync(dirname(join(folder, slug, path)), { recursive: true });
      writeFileSync(join(folder, slug, path), content);
    }
    execFileSync("tar", ["-czf", `${slug}.tar.gz`, slug], { cwd: folder });
    const tarball = readFileSync(join(folder, `${slug}.tar.gz`));
    const digest = (algorithm: string): string => createHash(algorithm).update(tarball).digest("hex");
    const release = { slug, version, file_uri: `/v3/files/${slug}.tar.gz`, file_md5: digest("md5"), file_sha256: digest("sha256") };
    tarballs[release.file_uri] = tarball;
    answers[`/v3/releases/${slug}`] = release;
    answers[`/v3/modules/${author}-${name}`] = { slug: `${author}-${name}`, name, owner, current_release: release, releases: [release] };
  }
  return serve((request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const tarball = tarballs[path];
    if (tarball !== undefined) response.writeHead(200, { "content-type": "application/gzip" }).end(tarball);
    else response.writeHead(path in answers ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(answers[path] ?? {}));
  });
}
