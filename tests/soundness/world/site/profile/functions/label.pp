# A name with its place.
function profile::label(String $name) >> String {
  "${name}@${facts['dc']}"
}
