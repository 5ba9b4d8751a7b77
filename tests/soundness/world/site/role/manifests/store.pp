# Keeps things.
class role::store {
  contain profile::store
}
