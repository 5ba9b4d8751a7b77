# @summary Opens a port of this machine.
# @param port the port
# @param protocol of the port
# @param from `trusted` for operators and monitoring only, `anywhere` for everybody who can reach us
define profile::allow (
  Profile::Port               $port,
  Enum['tcp', 'udp']          $protocol = 'tcp',
  Enum['trusted', 'anywhere'] $from = 'anywhere',
) {
  $source = $from ? {
    'trusted' => 'ip saddr @trusted ',
    default   => '',
  }

  concat::fragment { "firewall: ${title}":
    target  => '/etc/nftables.conf',
    order   => '50',
    content => "    ${source}${protocol} dport ${port} accept comment \"${title}\"\n",
  }
}
