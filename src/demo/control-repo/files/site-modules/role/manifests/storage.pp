# @summary Keeps the sound files and serves them to the edge.
class role::storage {
  include profile::base
  include profile::storage
}
