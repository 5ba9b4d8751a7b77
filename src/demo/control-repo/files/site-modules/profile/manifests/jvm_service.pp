# @summary A service that runs on Java: account, folders, settings, unit, and the hole in the firewall.
# @param port where it listens
# @param version of its package
# @param heap_share of the machine's memory, between 0 and 1
# @param settings lines of its properties file, by name
define profile::jvm_service (
  Profile::Port                                $port,
  String[1]                                    $version,
  Float[0.1, 0.9]                              $heap_share = 0.5,
  Hash[String[1], Variant[String[1], Integer]] $settings = {},
) {
  include profile::java

  $home = "/srv/${title}"
  $heap = profile::heap_mb($facts['memory']['system']['total_bytes'], $heap_share)

  group { $title:
    ensure => present,
    system => true,
  }

  user { $title:
    ensure => present,
    system => true,
    gid    => $title,
    home   => $home,
    shell  => '/usr/sbin/nologin',
  }

  file { [$home, "${home}/data", "/etc/${title}"]:
    ensure => directory,
    owner  => $title,
    group  => $title,
    mode   => '0750',
  }

  package { "tonearm-${title}":
    ensure => $version,
  }

  file { "/etc/${title}/service.properties":
    ensure  => file,
    owner   => 'root',
    group   => $title,
    mode    => '0640',
    content => epp('profile/jvm/service.properties.epp', {
        'name'     => $title,
        'port'     => $port,
        'settings' => $settings,
    }),
    notify  => Service[$title],
  }

  file { "/etc/${title}/jvm.options":
    ensure  => file,
    owner   => 'root',
    group   => $title,
    mode    => '0640',
    content => epp('profile/jvm/jvm.options.epp', { 'name' => $title, 'heap' => $heap }),
    notify  => Service[$title],
  }

  profile::unit { $title:
    description => "Tonearm ${title}",
    command     => "/usr/bin/java @/etc/${title}/jvm.options -jar /usr/lib/tonearm/${title}.jar",
    user        => $title,
    require     => Package["tonearm-${title}"],
  }

  profile::allow { $title:
    port => $port,
  }
}
