# @summary The people who may log in, and what they may do.
# @param people by login
class profile::base::operators (
  Hash[String[1], Struct[{ uid => Integer[2000], name => String[1], key => String[1] }]] $people,
) {
  group { 'operators':
    ensure => present,
    gid    => 2000,
  }

  $people.each |$login, $person| {
    profile::operator { $login:
      uid       => $person['uid'],
      full_name => $person['name'],
      key       => $person['key'],
    }
  }

  file { '/etc/sudoers.d/operators':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0440',
    content => "%operators ALL=(ALL) NOPASSWD: ALL\n",
    require => Group['operators'],
  }
}
