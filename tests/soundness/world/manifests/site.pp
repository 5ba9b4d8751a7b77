# What every node gets, and who is who.
$contact = lookup('contact', String, 'first', 'nobody')

File {
  owner => 'root',
  mode  => '0644',
}

include base
environment::greet(place())

node 'odd.lon.example.net' {
  notify { 'odd': message => "asks ${contact}" }
  include profile::scratch
}

node /^web\d+\./ {
  include role::web
}

node /^db/, 'mail01.ams.example.net' {
  include role::store
}

node default {
  lookup('classes', Array[String], 'unique', []).include
}
