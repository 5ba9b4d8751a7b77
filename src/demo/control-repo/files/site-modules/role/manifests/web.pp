# @summary The pages that people open in a browser.
class role::web {
  include profile::base
  include profile::web
}
