# @summary The Java that our services run on.
# @param package as this operating system calls it
class profile::java (
  String[1] $package,
) {
  package { $package:
    ensure => installed,
  }

  file { '/etc/tonearm':
    ensure => directory,
    owner  => 'root',
    group  => 'root',
    mode   => '0755',
  }
}
