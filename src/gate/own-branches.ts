/** The beginning of every branch that the gate makes for a pull request of its own. */
export const ownBranches = "puppet-gate/";

/** Who lands a pull request of the gate's own, in words. */
export const secondPerson = "somebody with write access who did not approve it";
