# One thing that is watched.
define tool::watch (
  Integer $every,
) {
  file { "/etc/watch/${title}": content => "${every}\n" }
}
