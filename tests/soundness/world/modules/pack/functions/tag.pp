# A tag.
function pack::tag(String $name) >> String {
  "pack-${name}"
}
