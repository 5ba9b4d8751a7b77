# @summary One person's account, with the key that they log in by.
# @param uid the same number on every machine
# @param full_name shown by `getent passwd`
# @param key a public key in OpenSSH's form
define profile::operator (
  Integer[2000] $uid,
  String[1]     $full_name,
  String[1]     $key,
) {
  user { $title:
    ensure     => present,
    uid        => $uid,
    gid        => 'operators',
    comment    => $full_name,
    shell      => '/bin/bash',
    home       => "/home/${title}",
    managehome => true,
    require    => Group['operators'],
  }

  file { "/home/${title}/.ssh":
    ensure  => directory,
    owner   => $title,
    group   => 'operators',
    mode    => '0700',
    require => User[$title],
  }

  file { "/home/${title}/.ssh/authorized_keys":
    ensure  => file,
    owner   => $title,
    group   => 'operators',
    mode    => '0600',
    content => "${key} ${title}@tonearm\n",
  }
}
