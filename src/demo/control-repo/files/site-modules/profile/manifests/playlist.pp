# @summary Serves and edits people's playlists.
# @param version of the service
# @param workers processes that answer
# @param database_host where playlists are kept
# @param database_password of the account `playlist`
# @param port where it answers
# @param ensure whether it is to run
class profile::playlist (
  String[1]                  $version,
  Integer[1]                 $workers,
  String[1]                  $database_host,
  Sensitive[String[1]]       $database_password,
  Profile::Port              $port   = 8000,
  Enum['running', 'stopped'] $ensure = 'running',
) {
  group { 'playlist':
    ensure => present,
    system => true,
  }

  user { 'playlist':
    ensure => present,
    system => true,
    gid    => 'playlist',
    home   => '/srv/playlist',
    shell  => '/usr/sbin/nologin',
  }

  file { ['/srv/playlist', '/etc/playlist', '/var/log/tonearm']:
    ensure => directory,
    owner  => 'playlist',
    group  => 'playlist',
    mode   => '0750',
  }

  package { 'tonearm-playlist':
    ensure => $version,
  }

  file { '/etc/playlist/env':
    ensure  => file,
    owner   => 'root',
    group   => 'playlist',
    mode    => '0640',
    content => Sensitive(epp('profile/playlist/env.epp', {
          'workers'  => $workers,
          'port'     => $port,
          'database' => "postgresql://playlist:${database_password.unwrap}@${database_host}/playlist",
          'peers'    => profile::peers('playlist', 4),
    })),
    notify  => Service['playlist'],
  }

  profile::unit { 'playlist':
    description      => 'Tonearm playlist',
    command          => '/usr/bin/tonearm-playlist',
    user             => 'playlist',
    environment_file => '/etc/playlist/env',
    ensure           => $ensure,
    require          => Package['tonearm-playlist'],
  }

  profile::allow { 'playlist':
    port => $port,
  }
}
