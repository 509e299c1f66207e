#!/bin/sh
# Unpacks a MySQL server into the directory $1, without root and without installing it: from Debian's unstable release,
# the only one that has it, by this system's own mirror. It brings its libraries and their loader along. For `make test-mysql`.
set -eu
case $1 in /*) target=$1 ;; *) target=$PWD/$1 ;; esac
[ -x "$target/mysqld" ] && exit 0

give_up() {
    echo "missing: a MySQL server to test with, which comes from Debian's unstable release: $1" >&2
    exit 1
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || give_up "this system has no apt-get"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || give_up "no $keys"
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | head -n 1)
[ -n "$mirror" ] || give_up "no mirror in /etc/apt"
echo "setting up: MySQL, from Debian's unstable release, without installing it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/unpacked"
printf 'Types: deb\nURIs: %s\nSuites: sid\nComponents: main\nSigned-By: %s\n' "$mirror" "$keys" >"$work/sid.sources"
: >"$work/status"
apt="-qq -o Dir::Etc::sourcelist=$work/sid.sources -o Dir::Etc::sourceparts=- -o Dir::State::lists=$work/lists
    -o Dir::Cache=$work/cache -o Dir::State::status=$work/status -o APT::Sandbox::User=root"
cd "$work"
# shellcheck disable=SC2086 # several options
{
    apt-get $apt update >/dev/null 2>&1 || give_up "its package lists can't be read"
    # --no-recommends and its like leave what a server needs: its libraries, libc among them; no interpreter.
    apt-cache $apt depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances mysql-server-core | grep '^[a-z0-9]' | grep -v '^perl\|^libperl' | sort -u >wanted
    apt-get $apt download $(cat wanted) >/dev/null 2>&1 || give_up "its packages can't be read"
    apt-cache $apt show mysql-server-core | sed -n 's/^Version: /version: /p; s/^SHA256: /sha256: /p' | head -n 2 >VERSION
}
for file in ./*.deb; do
    dpkg-deb --extract "$file" unpacked
done
mv VERSION unpacked/VERSION
cat >unpacked/mysqld <<'END'
#!/bin/sh
usr=$(dirname "$0")/usr
exec "$usr"/lib/*-linux-gnu*/ld-linux-*.so.2 --library-path "$(echo "$usr"/lib/*-linux-gnu*)" "$usr/sbin/mysqld" "$@"
END
chmod 755 unpacked/mysqld
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv unpacked "$target"
