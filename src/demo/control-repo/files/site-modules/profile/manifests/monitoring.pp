# @summary Reads every exporter, keeps the numbers, and shows them on a page behind Apache.
# @param targets by job, certnames with a number's range as monitoring writes it
# @param keep how long numbers stay
# @param page_password for the account that opens the page
class profile::monitoring (
  Hash[String[1], Array[String[1]]] $targets,
  Pattern[/\A\d+[dw]\z/]            $keep,
  Sensitive[String[1]]              $page_password,
) {
  $datacentre = $trusted['extensions']['pp_datacenter']

  package { 'prometheus':
    ensure => installed,
  }

  file { '/etc/prometheus':
    ensure  => directory,
    owner   => 'root',
    group   => 'root',
    mode    => '0755',
    require => Package['prometheus'],
  }

  $jobs = $targets.map |$job, $hosts| {
    {
      'job_name'       => $job,
      'static_configs' => [{ 'targets' => $hosts.map |$host| { "${host}.${datacentre}.tonearm.example:9100" } }],
    }
  }

  file { '/etc/prometheus/prometheus.yml':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => to_yaml({ 'global' => { 'scrape_interval' => '15s' }, 'scrape_configs' => $jobs }),
    notify  => Service['prometheus'],
  }

  file { '/etc/default/prometheus':
    ensure  => file,
    owner   => 'root',
    group   => 'root',
    mode    => '0644',
    content => "ARGS=\"--storage.tsdb.retention.time=${keep}\"\n",
    notify  => Service['prometheus'],
  }

  service { 'prometheus':
    ensure => running,
    enable => true,
  }

  class { 'apache':
    default_vhost => false,
    default_mods  => ['auth_basic', 'authn_file', 'authz_user'],
    mpm_module    => 'event',
  }

  apache::vhost { "monitoring.${datacentre}.tonearm.example":
    port       => 80,
    docroot    => '/var/www/monitoring',
    proxy_pass => [{ 'path' => '/', 'url' => 'http://127.0.0.1:9090/' }],
  }

  file { '/etc/apache2/monitoring.htpasswd':
    ensure  => file,
    owner   => 'root',
    group   => 'www-data',
    mode    => '0640',
    content => Sensitive("monitoring:{PLAIN}${page_password.unwrap}\n"),
  }

  profile::allow { 'monitoring page':
    port => 80,
    from => 'trusted',
  }
}
