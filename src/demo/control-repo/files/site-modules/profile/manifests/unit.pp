# @summary A service of ours, kept running by systemd.
# @param description shown by `systemctl status`
# @param command what to run
# @param user as whom
# @param environment_file with variables, one a line
# @param ensure whether it is to run
define profile::unit (
  String[1]                  $description,
  String[1]                  $command,
  String[1]                  $user,
  Optional[String[1]]        $environment_file = undef,
  Enum['running', 'stopped'] $ensure           = 'running',
) {
  file { "/etc/systemd/system/${title}.service":
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => epp('profile/unit.epp', {
        'description'      => $description,
        'command'          => $command,
        'user'             => $user,
        'environment_file' => $environment_file,
    }),
    notify  => Service[$title],
  }

  exec { "daemon-reload for ${title}":
    command     => '/bin/systemctl daemon-reload',
    refreshonly => true,
    subscribe   => File["/etc/systemd/system/${title}.service"],
    before      => Service[$title],
  }

  service { $title:
    ensure => $ensure,
    enable => true,
  }
}
