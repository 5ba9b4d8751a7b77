/** Codes of what the parsers of changed files say for lanes (`puppet/syntax-lanes.rb`). */
export const laneCodes: ReadonlySet<string> = new Set(["lane-name", "crosses-lanes"]);
