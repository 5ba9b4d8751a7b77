# A nightly job.
define profile::job (
  Integer[0, 23] $hour,
) {
  file { "/etc/cron.d/${title}":
    content => "0 ${hour} * * * root /usr/local/bin/${title}\n",
  }
}
