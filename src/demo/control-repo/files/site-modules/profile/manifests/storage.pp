# @summary Keeps the sound files and serves them to the edge.
# @param volumes by the folder that they hang in, under /srv/audio
# @param version of the service
# @param port where it answers
class profile::storage (
  Hash[String[1], Profile::Volume] $volumes,
  String[1]                        $version,
  Profile::Port                    $port = 7070,
) {
  package { ['xfsprogs', 'smartmontools']:
    ensure => installed,
  }

  package { 'tonearm-storage':
    ensure => $version,
  }

  user { 'storage':
    ensure => present,
    system => true,
    home   => '/srv/audio',
    shell  => '/usr/sbin/nologin',
  }

  file { ['/srv/audio', '/etc/storage']:
    ensure => directory,
    owner  => 'storage',
    group  => 'root',
    mode   => '0755',
  }

  $volumes.each |$name, $volume| {
    profile::storage::volume { $name:
      * => $volume,
    }
  }

  file { '/etc/storage/storage.json':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => to_json_pretty({
        'port'    => $port,
        'volumes' => $volumes.map |$name, $volume| { { 'path' => "/srv/audio/${name}", 'gb' => $volume['size_gb'] } },
        'peers'   => profile::peers('storage', 3),
    }),
    notify  => Service['storage'],
  }

  profile::unit { 'storage':
    description => 'Tonearm storage',
    command     => '/usr/bin/tonearm-storage --config /etc/storage/storage.json',
    user        => 'storage',
    require     => Package['tonearm-storage'],
  }

  profile::allow { 'storage':
    port => $port,
  }
}
