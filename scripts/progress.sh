#!/bin/sh
# Runs a command and shows how far it is: progress.sh WHAT TOTAL PATTERN LOG COMMAND [ARGUMENT…]
# Done is what the glob PATTERN finds. On a terminal one line that counts; elsewhere a line every PROGRESS_SECONDS
# (10). The command's output goes to LOG, and is shown where it fails.
set -u
what=$1 total=$2 pattern=$3 log=$4
shift 4
begin=$(date +%s)
"$@" >"$log" 2>&1 &
child=$!
trap 'kill "$child" 2>/dev/null' EXIT INT TERM

found() {
    # shellcheck disable=SC2086 # a glob
    set -- $pattern
    [ -e "$1" ] && echo $# || echo 0
}

last=$begin
while kill -0 "$child" 2>/dev/null; do
    now=$(date +%s)
    line="setting up: $what: $(found) of about $total, $((now - begin)) s"
    if [ -t 2 ]; then
        printf '\r%s ' "$line" >&2
    elif [ $((now - last)) -ge "${PROGRESS_SECONDS:-10}" ]; then
        last=$now
        echo "$line" >&2
    fi
    sleep 1
done
wait "$child"
status=$?
trap - EXIT
[ ! -t 2 ] || printf '\r\033[K' >&2 # the line that counted
if [ $status -ne 0 ]; then
    cat "$log" >&2
    echo "error: setting up: $what: exit code $status" >&2
    exit $status
fi
echo "set up: $what: $(found), in $(($(date +%s) - begin)) s" >&2
