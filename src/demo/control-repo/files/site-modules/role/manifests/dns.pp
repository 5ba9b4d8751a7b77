# @summary Answers for our own names.
class role::dns {
  include profile::base
  include profile::dns
}
