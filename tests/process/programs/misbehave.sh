# A line worker that does as it is asked, well or badly. Answers go to descriptor 3.
echo ready >&3
while read -r verb rest; do
  case $verb in
    say) echo "$rest" >&3 ;;
    pieces) printf 'first ' >&3; sleep 0.1; echo second >&3 ;;
    chatter) seq 100000; seq 100000 >&2; echo done >&3 ;;
    later) echo now >&3; (sleep 0.2; echo unasked >&3) & ;;
    last) echo goodbye >&3; exit 0 ;;
    exit) echo 'last words' >&2; exit "$rest" ;;
    kill) kill -9 $$ ;;
    hang) sleep 30 ;;
    half) printf 'half a li' >&3; sleep 30 ;;
    endless) yes | tr -d '\n' >&3 ;;
    two) printf 'one\ntwo\n' >&3; sleep 30 ;;
    one) printf 'one\nhal' >&3; sleep 30 ;;
  esac
done
