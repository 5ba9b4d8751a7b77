# @summary Titles, artists, covers: everything about a song but its sound.
class role::metadata {
  include profile::base
  include profile::metadata
  include profile::cache
}
