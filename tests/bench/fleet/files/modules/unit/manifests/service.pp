# A service of our own, by a unit of systemd.
define unit::service (
  String[1] $command,
  String[1] $user = 'root',
  Hash[String[1], Variant[String, Integer]] $environment = {},
  Boolean $enable = true,
) {
  file { "/etc/systemd/system/${title}.service":
    ensure  => file,
    mode    => '0644',
    content => epp('unit/service.epp', {
        'title'       => $title,
        'command'     => $command,
        'user'        => $user,
        'environment' => $environment,
    }),
    notify  => Service[$title],
  }
  service { $title:
    ensure => stdlib::ensure($enable, 'service'),
    enable => $enable,
  }
}
