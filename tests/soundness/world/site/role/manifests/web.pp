# Serves pages.
class role::web {
  contain profile::web
  contain edge
}
