# @summary The other members of a cluster in the same datacentre, in order.
# @param service what the members are called, before their number
# @param count how many there are
# @return certnames, without the node's own
function profile::peers(String[1] $service, Integer[1] $count) >> Array[String] {
  $datacentre = $trusted['extensions']['pp_datacenter']
  $members = Integer[1, $count].map |$number| { "${service}${number}.${datacentre}.tonearm.example" }
  $members - [$trusted['certname']]
}
