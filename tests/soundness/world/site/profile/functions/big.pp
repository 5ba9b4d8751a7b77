# Whether the node is large.
function profile::big() >> Boolean {
  $facts['processors']['count'] > 2
}
