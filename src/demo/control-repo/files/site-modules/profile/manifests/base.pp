# @summary What every machine has, whatever it is for.
class profile::base {
  include profile::base::packages
  include profile::base::motd
  include profile::base::operators
  include profile::base::kernel
  include profile::firewall
  include profile::logging
  include profile::metrics

  class { 'ssh::server':
    storeconfigs_enabled => false,
  }

  include ntp
}
