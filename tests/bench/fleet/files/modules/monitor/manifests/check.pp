# One thing that is watched.
define monitor::check (
  String[1] $command,
  Integer[1] $interval = 60,
  Hash[String[1], Variant[Integer, String]] $thresholds = {},
) {
  file { "/etc/monitor/checks.d/${title}.json":
    ensure  => file,
    mode    => '0644',
    content => to_json_pretty({
        'check'      => $title,
        'command'    => $command,
        'interval'   => $interval,
        'host'       => $facts['networking']['fqdn'],
        'thresholds' => $thresholds,
    }),
    notify  => Service['monitor-agent'],
  }
  concat::fragment { "monitor: ${title}":
    target  => '/etc/monitor/checks.list',
    content => "${title} ${interval}\n",
    order   => '50',
  }
}
