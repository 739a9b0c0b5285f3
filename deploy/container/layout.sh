#!/bin/sh
# layout.sh PROGRAM ROOT: lays out the files that the image has beside its base, in ROOT. The Dockerfile calls it, and so does
# the test that runs the layout without a daemon.
set -eu
program=$1 root=$2
# /CLIProxyAPI and /root/.cli-proxy-api are where CLIProxyAPI's compose file mounts the config, logs and accounts.
mkdir -p "$root/usr/local/bin" "$root/data" "$root/CLIProxyAPI/logs" "$root/CLIProxyAPI/auths" "$root/root/.cli-proxy-api"
install -m 755 "$program" "$root/cli-proxy-api"
ln -sf /cli-proxy-api "$root/usr/local/bin/cli-proxy-api"
ln -sf /cli-proxy-api "$root/CLIProxyAPI/CLIProxyAPI"
# Others may pass through: whoever runs it with a user of his own reaches what he mounts below.
chmod 755 "$root/root" "$root/CLIProxyAPI"
chmod 700 "$root/data" "$root/root/.cli-proxy-api"
