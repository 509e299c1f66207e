#!/bin/sh
# Makes sure that there is a MariaDB server: the machine's own, or one unpacked into the directory $1 without root,
# where Debian's packages can be had. Else names it in one line; exit 1.
set -u
target=$1
PATH="$PATH:/usr/sbin:/usr/local/sbin"

command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null && exit 0
[ -x "$target/usr/sbin/mariadbd" ] && exit 0

give_up() {
    echo "missing: MariaDB server 10.11 or newer: https://mariadb.org/download (Debian: apt-get install mariadb-server)" >&2
    exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up
echo "setting up: MariaDB, from this system's packages, without installing them"
work=$(mktemp -d) || give_up
trap 'rm -rf "$work"' EXIT
cd "$work" || give_up

# The package lists of the system, or, where it has none, lists of our own.
lists=""
apt-cache show mariadb-server-core >/dev/null 2>&1 || {
    mkdir -p lists/partial cache/archives/partial
    lists="-o Dir::State::lists=$work/lists -o Dir::Cache=$work/cache"
    # shellcheck disable=SC2086 # several options
    apt-get $lists -qq update >/dev/null 2>&1 || give_up
}
# shellcheck disable=SC2086
apt-cache $lists depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    mariadb-server-core mariadb-client-core 2>/dev/null | grep '^[a-z0-9]' | sort -u >wanted
dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u >installed
[ -s wanted ] || give_up
for package in $(comm -23 wanted installed) mariadb-server-core mariadb-client-core; do
    # shellcheck disable=SC2086
    apt-get $lists -qq download "$package" >/dev/null 2>&1 || case $package in mariadb-*-core) give_up ;; esac
done
for file in ./*.deb; do
    dpkg-deb --extract "$file" unpacked || give_up
done
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv unpacked "$target" || give_up
