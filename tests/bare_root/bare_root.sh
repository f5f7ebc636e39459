#!/usr/bin/env bash
# Runs make targets of a commit in a bare Debian root: Python, venv, make and certificates, and nothing else.
set -euo pipefail
KEEP="" NETWORK=""

usage() {
  cat <<'TEXT'
usage: tests/bare_root/bare_root.sh [-r ROOT] [-k] [-n NICENESS] COMMIT TARGET [ARGUMENT...] [-- TARGET [ARGUMENT...]]...

Makes a bare root with mmdebstrap, clones COMMIT of this repository into it, and runs `make TARGET ARGUMENT...` there as
a user of its own, each target in a fresh clone with a home, a /tmp and caches that are empty, in namespaces of its own.
`run` is stopped by Ctrl-C once it has said that every minute came out as planted, and must then end by itself.

  -r ROOT      keep the root in this directory, and take it from there if it exists (making it takes a minute)
  -k           keep the clones, with each target's output in output.log; their place is printed
  -n NICENESS  run the targets at this niceness

For each target it prints
  wall         seconds on the clock, set-up and downloads with them; of `run`, to that line
  cpu          seconds, user and system, of all processes of the target, the detached ones with them
  received     bytes that came in through the only network interface of the target's namespace, headers and all
  left         processes that were still there when make had ended
  exit         make's exit status
  tests        pytest's closing lines
and exits with 1 if a target failed, left processes behind or skipped a test.

Needs root, mmdebstrap, and slirp4netns to count bytes (without it the target shares the machine's network, uncounted).
The machine's settings for package clients go along: /etc/pip.conf, /etc/uv, and the variables PIP_*, UV_*, SSL_CERT_*,
REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE and *_PROXY, with the files that they name.
TEXT
}

main() {
  local root="" niceness=0 option commit
  while getopts "r:kn:h" option; do
    case $option in
      r) root=$OPTARG ;;
      k) KEEP=yes ;;
      n) niceness=$OPTARG ;;
      h) usage && exit ;;
      *) usage >&2 && exit 2 ;;
    esac
  done
  shift $((OPTIND - 1))
  (($# >= 2)) || { usage >&2 && exit 2; }
  ((EUID == 0)) || { echo "bare_root.sh needs root: it mounts and changes roots" >&2 && exit 2; }
  HERE=$(cd "$(dirname "$0")" && pwd)
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/bare-root.XXXXXX")
  trap clean_up EXIT
  ROOT=${root:-$WORK/root}
  [[ -e $ROOT/etc/os-release ]] || make_root
  bring_settings
  commit=$1
  shift
  run_all "$commit" "$niceness" "$@"
}

make_root() {
  echo "making the root in $ROOT"
  mkdir -p "$(dirname "$ROOT")"
  mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,make,ca-certificates \
    "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$ROOT"
  chroot "$ROOT" useradd --create-home --shell /bin/bash builder
}

# The variables that package clients read, as NAME=VALUE lines.
settings() {
  env | grep -E '^(PIP_|UV_|SSL_CERT_|REQUESTS_CA_BUNDLE=|CURL_CA_BUNDLE=|(HTTPS?|ALL|NO|https?|all|no)_(PROXY|proxy)=)' || true
}

bring_settings() {
  local path
  for path in /etc/pip.conf /etc/uv /etc/ssl/certs $(settings | cut -d= -f2-); do
    if [[ $path == /* && -e $path ]]; then
      mkdir -p "$ROOT$(dirname "$path")"
      cp -rL --remove-destination --no-target-directory "$path" "$ROOT$path"
    fi
  done
  echo "127.0.0.1 localhost $(<"$ROOT/etc/hostname")" >"$ROOT/etc/hosts"
}

# Each group of arguments between `--` is a target with its arguments.
run_all() {
  local commit=$1 niceness=$2 failed=0 number=0 target
  shift 2
  while (($#)); do
    target=()
    while (($#)) && [[ $1 != -- ]]; do target+=("$1") && shift; done
    (($# == 0)) || shift
    number=$((number + 1))
    clone "$commit" "$WORK/$number"
    echo "make ${target[*]}, at $commit"
    run_in_namespaces "$niceness" "$WORK/$number" "${target[@]}" || failed=1
  done
  return "$failed"
}

clone() {
  mkdir -p "$2/tmp" "$2/home"
  git -c advice.detachedHead=false clone --quiet --no-hardlinks "$HERE/../.." "$2/home/zecto-sla"
  git -C "$2/home/zecto-sla" -c advice.detachedHead=false checkout --quiet "$1"
  chown -R "$(chroot "$ROOT" id -u builder):$(chroot "$ROOT" id -g builder)" "$2/home"
  chmod 1777 "$2/tmp"
}

run_in_namespaces() {
  local niceness=$1 place=$2 enter=() status=0
  shift 2
  cat /etc/resolv.conf >"$ROOT/etc/resolv.conf"
  if command -v slirp4netns >/dev/null; then
    open_network
    enter=(ip netns exec "$NETWORK")
    echo "nameserver 10.0.2.3" >"$ROOT/etc/resolv.conf" # slirp4netns's own, which asks the machine's
  fi
  settings | nice -n "$niceness" "${enter[@]}" unshare --mount --pid --ipc --fork --kill-child \
    bash "$HERE/inside.sh" "$ROOT" "$place" "$@" || status=$?
  close_network
  return "$status"
}

# A network of the target's own, to count what comes in: its one interface leads out through slirp4netns.
open_network() {
  NETWORK=bare-root-$$
  ip netns add "$NETWORK"
  slirp4netns --configure --mtu=65520 --disable-host-loopback --netns-type=path "/run/netns/$NETWORK" tap0 \
    >"$WORK/network.log" 2>&1 &
  SLIRP=$!
  until grep -qs tap0 <(ip netns exec "$NETWORK" ip -o route show default); do
    kill -0 "$SLIRP" || { cat "$WORK/network.log" >&2 && return 1; }
    sleep 0.1
  done
}

close_network() {
  [[ -n $NETWORK ]] || return 0
  kill "$SLIRP" 2>/dev/null || true
  wait "$SLIRP" 2>/dev/null || true
  ip netns delete "$NETWORK"
  NETWORK=""
}

clean_up() {
  close_network
  if [[ $KEEP ]]; then echo "kept in $WORK"; else rm -rf "$WORK"; fi
}

main "$@"
