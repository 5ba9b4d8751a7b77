# A second main manifest: read after site.pp, whatever it is called.
if $facts['processors']['count'] > 4 {
  notify { 'many processors': }
}
