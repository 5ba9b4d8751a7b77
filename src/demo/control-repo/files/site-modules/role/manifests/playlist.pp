# @summary Serves and edits people's playlists.
class role::playlist {
  include profile::base
  include profile::playlist
  include profile::cache
}
