# Lets something in.
define firewall::rule (
  Variant[Stdlib::Port, Array[Stdlib::Port, 1]] $port,
  Enum['tcp', 'udp'] $protocol = 'tcp',
  Array[Stdlib::IP::Address] $from = [],
  Integer[0, 999] $order = 500,
) {
  concat::fragment { "firewall: ${title}":
    target  => '/etc/nftables.d/rules.nft',
    order   => sprintf('%03d', $order),
    content => epp('firewall/rule.epp', {
        'title'    => $title,
        'ports'    => any2array($port),
        'protocol' => $protocol,
        'from'     => $from,
    }),
  }
}
