/** What each number means: the words beside it, on pages and in files. */
export const definitions = {
  review:
    "From the moment GitHub says the pull request was opened to the first approval by anybody, by the clock: nights, week-ends and time as a draft are in it.",
  toLanded: "From opened to merged by the gate.",
  toEverywhere: "From opened to the moment when the last lane had verified a release with it.",
  landedToEverywhere: "The part of that which a rollout takes: from merged to verified in the last lane.",
  selfMerges:
    "Of the changes that the gate merged and of which it is recorded who asked: those merged on the word of somebody who had contributed to them. Each was approved by somebody else before, but for break-glass.",
  failures:
    "Of the releases that came into the first lane in this time: those that a lane halted over what its nodes said, or that went back from one, until today; those of which a change was taken back, by git's own words, within 7 days after that; and those after which, within 7 days, a hotfix landed that reaches one of their services, and no newer release's. A hotfix is a change that landed by break-glass, or with the label rollout/hotfix: whether it mended that very release nobody records. A release that was mended otherwise is not seen.",
  restore:
    "From a lane's halt to the moment when that lane was well again: the release found good after all, let through by a person, or gone back.",
  frequency: "Changes that the gate merged, and releases that every lane verified, in this time.",
  waited:
    "Added up over all changes: how long each waited, merged, to enter a lane that stood still over an earlier release, by the clock. What waits still counts until now or the last day; changes of the release that the lane stood still over wait for nobody else.",
  outside: "Changes that somebody merged without the gate; they are in no other number.",
  glass: "Changes that were merged by break-glass, for which a review is owed.",
  toil: "Not measured but reckoned: for each change that its own people merged after a peer's approval, the work and the waiting of a central review as you assume them, less the hours that it waited for its peer. A change that waited longer for its peer saves nothing.",
} as const;

/** What holds for all of them. */
export const common: readonly string[] = [
  "A duration counts where it ended. What is still under way is in none of them.",
  "The median is what half of them do not exceed, p90 what nine of ten do not: each is a duration that occurred.",
  "A change counts for every service that its last check found it to reach, and for every team that the policy names as owner of one of these. Persons are neither listed nor compared.",
  "Where a time is missing, as for changes from before the gate, the change is left out of that number.",
];
