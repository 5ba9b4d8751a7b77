import { deeds, type Deed } from "../../simulation/actors.ts";

/** What people do while processes die, by weight; what is not here they do not do. Whoever merges around the gate may break base for everybody. */
const weights: Readonly<Record<string, number>> = {
  propose: 18,
  push: 3,
  "force-push": 2,
  "update branch": 1,
  approve: 8,
  "request changes": 2,
  dismiss: 2,
  tempt: 7,
  "see it through": 26,
  "/merge": 5,
  "/merge when ready": 6,
  "somebody's /merge": 2,
  "/cancel": 3,
  "/recheck": 1,
  "/break-glass": 1,
  "/why": 1,
  "edit a comment": 1,
  "delete a comment": 1,
  draft: 1,
  close: 1,
  reopen: 1,
  retarget: 1,
  label: 1,
  "report ci": 6,
  "forge a check": 1,
  "move base": 4,
  "change permissions": 2,
};

export const busyPeople: readonly Deed[] = deeds.flatMap((deed) => {
  const weight = weights[deed.name];
  return weight === undefined ? [] : [{ ...deed, weight }];
});
