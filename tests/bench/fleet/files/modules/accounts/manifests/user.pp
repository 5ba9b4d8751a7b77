# A person's account, with its group, home and keys.
define accounts::user (
  Integer[1000] $uid,
  String[1] $comment,
  Array[String[1]] $keys = [],
  Enum['present', 'absent'] $ensure = 'present',
  Stdlib::Absolutepath $shell = '/bin/bash',
) {
  group { $title:
    ensure => $ensure,
    gid    => $uid,
  }
  user { $title:
    ensure         => $ensure,
    uid            => $uid,
    gid            => $uid,
    comment        => $comment,
    shell          => $shell,
    home           => "/home/${title}",
    managehome     => true,
    purge_ssh_keys => false,
    require        => Group[$title],
  }
  file { "/home/${title}/.ssh":
    ensure => directory,
    owner  => $title,
    group  => $title,
    mode   => '0700',
  }
  file { "/home/${title}/.ssh/authorized_keys":
    ensure  => file,
    owner   => $title,
    group   => $title,
    mode    => '0600',
    content => epp('accounts/authorized_keys.epp', { 'person' => $title, 'keys' => $keys }),
  }
}
