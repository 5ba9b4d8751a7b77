# Who may log in.
class base::users {
  user { 'deploy': ensure => present }
}
