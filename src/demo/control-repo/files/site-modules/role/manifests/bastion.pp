# @summary The way in for operators.
class role::bastion {
  include profile::base
  include profile::bastion
}
