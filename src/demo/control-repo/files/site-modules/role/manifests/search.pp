# @summary Finds songs, artists and playlists.
class role::search {
  include profile::base
  include profile::search
}
