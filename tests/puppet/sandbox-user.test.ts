import { expect, test } from "vitest";

import { reachesUsers } from "../../src/puppet/sandbox-user.ts";

const cases: Array<[name: string, map: string, reached: boolean]> = [
  ["the host", "         0          0 4294967295\n", true],
  ["a container of an ordinary user with subordinate ids", "         0       1000          1\n         1     100000      65536\n", true],
  ["one without: root is the only user", "         0       1000          1\n", false],
  ["too few of them", "         0       1000          1\n         1     100000      60600\n", false],
  ["two ranges that meet between them", "0 100000 60700\n60700 200000 10000\n", false],
];
test.each(cases)("the sandboxes' users are told to be there or not, by the map of %s", (_, map, reached) => {
  expect(reachesUsers(map)).toBe(reached);
});
