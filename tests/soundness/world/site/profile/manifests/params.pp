# What others inherit.
class profile::params {
  $cache = $facts['memory']['system']['total_bytes'] ? {
    Integer[8589934592] => 'large',
    default             => 'small',
  }
}
