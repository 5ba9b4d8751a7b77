# A machine with very many services.
class profile::platform {
  include platform
}
