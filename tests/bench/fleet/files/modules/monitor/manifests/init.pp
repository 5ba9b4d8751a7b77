# The monitor's agent and what it watches.
class monitor (
  Hash[String[1], Hash] $checks = {},
  String[1] $server = 'monitor.example.net',
) {
  package { 'monitor-agent':
    ensure => installed,
  }
  file { ['/etc/monitor', '/etc/monitor/checks.d']:
    ensure => directory,
  }
  concat { '/etc/monitor/checks.list':
    mode   => '0644',
    notify => Service['monitor-agent'],
  }
  file { '/etc/monitor/agent.conf':
    ensure  => file,
    content => epp('monitor/agent.conf.epp', { 'server' => $server }),
    notify  => Service['monitor-agent'],
  }
  service { 'monitor-agent':
    ensure => running,
    enable => true,
  }
  $checks.each |$title, $parameters| {
    monitor::check { $title:
      * => $parameters,
    }
  }
}
