# @summary Chooses what is heard between two songs.
class role::ads {
  include profile::base
  include profile::ads
}
