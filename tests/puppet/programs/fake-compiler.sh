# Plays a compile worker. The first argument says how it starts, the second is a file to which each start adds a line, and the name of
# the node says what it does with it. Answers go to descriptor 3.
echo started >>"$2"
case $1 in
  dies) echo 'last words' >&2; exit 9 ;;
  no-puppet) echo '<internal>: cannot load such file -- puppet (LoadError)' >&2; exit 1 ;;
  slow) sleep 30 ;;
  mumbles) echo '{"ready":"soon"}' >&3 ;;
esac
echo '{"ready":true}' >&3

catalog() {
  printf '{"certname":"%s","ok":true,"catalog":{"name":"%s","resources":[],"edges":[],"classes":["%s"]},"keys":[],"kinds":[],"munged":[],"auto":[]}\n' "$1" "$1" "$2"
}

first=yes
while read -r request; do
  name=${request#*\"certname\":\"}
  name=${name%%\"*}
  case $request in *'"op":"begin"'*) echo '{"begun":true}' >&3; continue ;; esac
  case $request in *'"op":"done"'*) echo '{"done":true}' >&3; continue ;; esac
  case $name in
    good*) catalog "$name" fine >&3 ;;
    crash*) exit 3 ;;
    only-first*) [ "$first" = yes ] || exit 4; catalog "$name" first >&3 ;;
    full*) echo '[FATAL] failed to allocate memory' >&2; exit 1 ;;
    hang*) sleep 30 ;;
    long*) yes | tr -d '\n' >&3 ;;
    twice*) catalog "$name" one >&3; catalog "$name" two >&3 ;;
    late*) catalog "$name" one >&3; sleep 0.2; catalog "$name" two >&3 ;;
    other*) catalog good-1 forged >&3 ;;
  esac
  first=no
done
