# Where this is, in the environment's own words.
function place() >> String {
  "in ${facts['dc']}"
}
