# Where a service of this node listens.
function profile::address(Integer $port) >> String {
  "${facts['networking']['ip']}:${port}"
}
