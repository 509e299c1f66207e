#!/bin/sh
# Says in one line each what is missing and how to get it; exit 1 if anything is.
# With --python: prints the Python that the environment is made with.
set -u

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if [ "${1:-}" = "--python" ]; then
    find_python
    exit
fi

missing=0
need() {
    missing=1
    echo "missing: $1" >&2
}

find_python >/dev/null || need "Python 3.11 or newer with venv: https://www.python.org/downloads/ (Debian: apt-get install python3 python3-venv)"

node_major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
[ "${node_major:-0}" -ge 20 ] || need "Node.js 20 or newer: https://nodejs.org/en/download"
command -v npm >/dev/null || need "npm, which comes with Node.js: https://nodejs.org/en/download"

terraform_version=$(env -u TF_CLI_CONFIG_FILE terraform version 2>/dev/null | sed -n 's/^Terraform v\([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
# shellcheck disable=SC2086 # two numbers on purpose
set -- ${terraform_version:-0 0}
{ [ "$1" -gt 1 ] || { [ "$1" -eq 1 ] && [ "$2" -ge 11 ]; }; } ||
    need "Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install"

command -v openssl >/dev/null || need "openssl, for the example service's TLS: https://openssl-library.org/source (Debian: apt-get install openssl)"

exit $missing
