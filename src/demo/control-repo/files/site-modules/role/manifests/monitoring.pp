# @summary Watches everything else.
class role::monitoring {
  include profile::base
  include profile::monitoring
}
