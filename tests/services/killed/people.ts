import { deeds, type Deed } from "../../simulation/actors.ts";

/** What people do while processes die, by weight; what is not here they do not do. Whoever merges around the gate may break base for everybody. */
const weights: Readonly<Record<string, number>> = {
  propose: 22,
  push: 2,
  "force-push": 2,
  "update branch": 1,
  approve: 4,
  "request changes": 1,
  dismiss: 1,
  tempt: 3,
  "see it through": 40,
  "/merge": 5,
  "/merge when ready": 6,
  "somebody's /merge": 2,
  "/cancel": 2,
  "/recheck": 1,
  "/break-glass": 1,
  "/why": 1,
  "edit a comment": 1,
  "delete a comment": 1,
  draft: 1,
  close: 2,
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
