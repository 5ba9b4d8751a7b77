# What every node has.
class profile::base (
  Array[String[1]] $packages,
  Hash[String[1], Hash] $people,
  String[1] $banner,
  Hash[String[1], Hash] $rotated = {},
) {
  include stdlib
  include sysctl
  include monitor
  include firewall
  include profile::base::time
  include profile::base::shell

  ensure_packages($packages, { 'ensure' => 'installed' })
  $people.each |$name, $person| {
    accounts::user { $name:
      * => $person,
    }
  }
  $rotated.each |$title, $rule| {
    logrotate::rule { $title:
      * => $rule,
    }
  }
  file { '/etc/motd':
    ensure  => file,
    mode    => '0644',
    content => epp('profile/motd.epp', { 'banner' => $banner }),
  }
  file { '/etc/profile.d/site.sh':
    ensure => file,
    mode   => '0755',
    source => 'puppet:///modules/profile/site.sh',
  }
}
