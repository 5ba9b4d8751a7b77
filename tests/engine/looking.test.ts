import { expect, it } from "vitest";
import { keepLooking } from "../../src/engine/looking.ts";

const hour = 3_600;

it("looks at once where it is told to, after the look that is under way and beside none", async () => {
  const course: string[] = [];
  let end: () => void = () => undefined;
  const looking = keepLooking(async () => {
    course.push("begins");
    await new Promise<void>((resolve) => (end = resolve));
    course.push("ends");
  }, hour);
  expect(course).toEqual(["begins"]);
  const now = looking.now();
  end();
  await expect.poll(() => course).toEqual(["begins", "ends", "begins"]);
  end();
  await now;
  expect(course).toEqual(["begins", "ends", "begins", "ends"]);
  await looking.close();
});

it("looks no more once it is closed", async () => {
  let looks = 0;
  const looking = keepLooking(async () => {
    looks += 1;
  }, hour);
  await looking.now();
  expect(looks).toBe(2);
  await looking.close();
  await looking.now();
  expect(looks).toBe(2);
});
