import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Compiler } from "../../src/fleet/site-schema.ts";
import { at, compiler, deploy, deployFile, one, other, put, served, sha, sh } from "./compiler-stage.ts";

describe("what a compiler serves", () => {
  it("is the commit of the deploy file, with the modules by name", async () => {
    const modules = [
      { name: "ntp", version: "9.0.1", sha: null },
      { name: "apache", version: "main", sha: other },
    ];
    put("p1/prod/.r10k-deploy.json", deployFile({ module_deploys: modules }));
    expect(await one()).toEqual({
      compiler: "p1",
      commit: sha,
      why: null,
      modules: [
        { name: "apache", version: other },
        { name: "ntp", version: "9.0.1" },
      ],
    });
  });

  it("has g10k's modules from what it leaves in them", async () => {
    put("p1/prod/.g10k-deploy.json", deployFile({ module_deploys: undefined }));
    put("p1/prod/modules/apache/.latest_commit", other);
    put("p1/prod/modules/ntp/metadata.json", '{"name": "puppetlabs-ntp", "version": "9.0.1"}');
    put("p1/prod/modules/README", "no module");
    symlinkSync("/etc/passwd", at("p1/prod/modules/apache/metadata.json"));
    expect(await one()).toMatchObject({
      commit: sha,
      modules: [
        { name: "apache", version: other },
        { name: "ntp", version: "9.0.1" },
      ],
    });
  });

  it.each([
    ["there is none", null, "there is no deploy file"],
    ["it is empty", "", "there is no deploy file"],
    ["it is torn", deployFile().slice(0, 40), "its deploy file is torn or no JSON"],
    ["the deploy failed", deployFile({ deploy_success: false }), `the deploy of ${sha} is incomplete: it still goes on, or failed`],
    ["it says nothing of success", deployFile({ deploy_success: undefined }), "its deploy file has no usable `deploy_success`"],
    ["success is a word", deployFile({ deploy_success: "true" }), "its deploy file has no usable `deploy_success`"],
    ["the commit is short", deployFile({ signature: "0123456" }), "its deploy file has no usable `signature`"],
    ["the commit hides words", deployFile({ signature: `${sha}\n` }), "its deploy file has no usable `signature`"],
    ["it is a list", "[]", "its deploy file has no usable ``"],
    ["modules are no list", deployFile({ module_deploys: {} }), "its deploy file has no usable `module_deploys`"],
    ["it is huge", `${deployFile()}${" ".repeat(5_000_000)}`, "its deploy file is torn or no JSON"],
  ])("is not known where %s", async (_, content, why) => {
    mkdirSync(at("p1/prod"), { recursive: true });
    if (content !== null) put("p1/prod/.r10k-deploy.json", content);
    expect(await one()).toMatchObject({ commit: null, why });
  });

  it("is not a link, which could lead to another environment", async () => {
    put("p1/other/.r10k-deploy.json", deployFile());
    mkdirSync(at("p1/prod"));
    symlinkSync("../other/.r10k-deploy.json", at("p1/prod/.r10k-deploy.json"));
    expect(await one()).toMatchObject({ commit: null });
  });

  it("is not known where two tools say two things", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    put("p1/prod/.g10k-deploy.json", deployFile({ signature: other }));
    const why = `.r10k-deploy.json says ${sha}, and .g10k-deploy.json says ${other}; remove the one whose tool is not used`;
    expect(await one()).toMatchObject({ commit: null, why });
  });

  it.each<[string, Partial<Compiler>]>([
    ["failed", { deploy: sh("exit 1") }],
    ["was killed", { deploy: sh("kill -9 $$") }],
    ["could not be flushed", { flush: ["/bin/false"] }],
  ])("is not believed after a deploy that %s, until one ends well; a freeze changes nothing", async (_, changes) => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    expect(await deploy({ deploy: sh("exit 16") })).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: sha });
    expect(await deploy(changes)).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: null, why: expect.stringContaining("did not end well") });
    expect(await deploy({ deploy: sh("exit 16") })).toHaveLength(1);
    expect(await one()).toMatchObject({ commit: null });
    expect(await deploy({})).toEqual([]);
    expect(await one()).toMatchObject({ commit: sha });
  });

  it("can come from a command", async () => {
    const cat = (path: string): Compiler => compiler({ served: { kind: "command", command: ["cat", at(`${path}/{environment}`)] } });
    put("here/prod", deployFile());
    expect(await served(cat("here"))).toMatchObject({ known: true, value: [{ commit: sha }] });
    const why = expect.stringContaining("there is no deploy file: cat: ");
    expect(await served(cat("nowhere"))).toMatchObject({ known: true, value: [{ commit: null, why }] });
  });

  it("is not known as a whole where one of two does not answer", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    const command = ["/bin/sh", "-c", "echo 'ssh: connect to host p2 port 22: Connection refused' >&2; exit 255", "{environment}"];
    const silent = compiler({ name: "p2", served: { kind: "command", command } });
    const reason = "p2 does not answer: `sh` ended with exit code 255: ssh: connect to host p2 port 22: Connection refused";
    expect(await served(compiler(), silent)).toEqual({ known: false, reason });
  });

  it("is not known where marks of deploys can't be looked at", async () => {
    put("p1/prod/.r10k-deploy.json", deployFile());
    writeFileSync(at("state"), "a file");
    chmodSync(at("state"), 0o600);
    expect(await served()).toEqual({ known: false, reason: "what p1 serves can't be looked at: it is no folder" });
  });
});
