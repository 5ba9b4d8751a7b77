# One of very many services that share a machine: what large catalogs are made of.
define platform::service (
  Stdlib::Port $port,
  String[1] $image,
  Integer[1] $memory_mib = 128,
  Array[String[1]] $tags = [],
  Hash[String[1], Variant[String, Integer]] $settings = {},
  Hash[String[1], Hash] $volumes = {},
) {
  $merged = { 'PORT' => $port, 'HOST' => $facts['networking']['fqdn'], 'REGION' => $facts['datacentre'] } + $settings
  file { "/etc/platform/${title}.conf":
    ensure  => file,
    mode    => '0640',
    content => epp('platform/service.conf.epp', { 'title' => $title, 'image' => $image, 'settings' => $merged, 'tags' => $tags }),
  }
  file { "/etc/platform/${title}.json":
    ensure  => file,
    mode    => '0640',
    content => to_json_pretty({ 'image' => $image, 'memory' => $memory_mib, 'environment' => $merged, 'tags' => unique($tags) }),
  }
  $volumes.each |$name, $parameters| {
    platform::volume { "${title}/${name}":
      service => $title,
      *       => $parameters,
    }
  }
  firewall::rule { "platform ${title}":
    port => $port,
    from => $facts['networking']['interfaces'].map |$name, $interface| { $interface['ip'] }.filter |$ip| { $ip =~ NotUndef },
  }
}
