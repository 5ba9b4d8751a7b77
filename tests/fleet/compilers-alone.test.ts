import { expect, it } from "vitest";
import { compiler, create, deployFile, going, put, sh } from "./compiler-stage.ts";

it("an environment that a compiler has alone is deployed and asked for there and nowhere else, and every other one everywhere", async () => {
  const all = create(compiler({ name: "p1", aloneFor: ["first"], deploy: sh("exit 3") }), compiler({ name: "p2", deploy: sh("exit 4") }));
  const failed = async (environment: string) => (await all.deploy(environment, going())).map((each) => each.slice(0, 2));
  expect(await failed("first")).toEqual(["p1"]);
  expect(await failed("prod")).toEqual(["p1", "p2"]);
  put("p1/first/.r10k-deploy.json", deployFile());
  const names = async (environment: string) => {
    const served = await all.served(environment);
    return served.known ? served.value.map(({ compiler: name }) => name) : served.reason;
  };
  expect(await names("first")).toEqual(["p1"]);
  expect(await names("prod")).toEqual(["p1", "p2"]);
});
