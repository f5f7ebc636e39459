#!/usr/bin/env bash
# The part of bare_root.sh that is the first process of the target's namespaces: `inside.sh ROOT PLACE TARGET...`, with
# the settings as NAME=VALUE lines on standard input. Orphans of the target come to it, so that their time counts.
set -euo pipefail
set -m # a job is a process group of its own, to which Ctrl-C can be sent

readonly STOP_S=120 # how long `make run` may take to end after Ctrl-C
readonly ROOT=$1 PLACE=$2
shift 2
mapfile -t SETTINGS

mount_all() {
  mount --make-rprivate /
  mount --bind "$ROOT" "$ROOT"
  mount --bind "$PLACE/home" "$ROOT/home/builder"
  mount --bind "$PLACE/tmp" "$ROOT/tmp"
  mount -t proc proc /proc # the machine's /proc would show other processes than ours
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
  mount -t tmpfs tmpfs "$ROOT/dev/shm"
}

start() {
  exec chroot "$ROOT" setpriv --reuid=builder --regid=builder --init-groups --reset-env \
    env "${SETTINGS[@]}" make -C /home/builder/zecto-sla --no-print-directory "$@"
}

# Ctrl-C once `make run` has measured its month.
stop_after_month() {
  until grep -qE 'measured: every minute as planted|measured otherwise' "$LOG"; do
    kill -0 "$JOB" 2>/dev/null || return 0
    sleep 0.5
  done
  MEASURED=$EPOCHREALTIME
  kill -INT -- "-$JOB"
  (sleep "$STOP_S" && kill -KILL -- "-$JOB") &
  ALARM=$!
}

seconds_since() { awk -v from="$1" -v to="${2:-$EPOCHREALTIME}" 'BEGIN { printf "%.1f", to - from }'; }

# `times` of a subshell would tell of that one's children.
cpu_seconds() {
  times >"$PLACE/times"
  awk 'NR == 2 { gsub(/[ms]/, " "); printf "cpu       %.1f s\n", $1 * 60 + $2 + $3 * 60 + $4 }' "$PLACE/times"
}

# "not counted" where the machine's own interfaces are what the target sees.
received() { awk '$1 == "tap0:" { print $2; found = 1 } END { if (!found) print "not counted" }' /proc/net/dev; }

left_running() {
  local process
  for process in /proc/[0-9]*; do
    [[ ${process#/proc/} == "$$" || ! -r $process/cmdline ]] || tr '\0' ' ' <"$process/cmdline" | grep . || true
  done
}

mount_all
readonly LOG=$PLACE/output.log
before=$(received)
began=$EPOCHREALTIME
start "$@" >"$LOG" 2>&1 &
JOB=$!
MEASURED="" ALARM=""
[[ $1 != run ]] || stop_after_month
status=0
wait "$JOB" || status=$?
ended=$EPOCHREALTIME
if [[ $ALARM ]]; then
  disown "$ALARM" # its end is no news
  kill -KILL -- "-$ALARM" 2>/dev/null || true
fi
left_running >"$PLACE/left"
left=$(<"$PLACE/left")
after=$(received)
[[ $after == "not counted" ]] || after="$((after - before)) bytes"

tail -n 25 "$LOG" | sed 's/^/  | /'
echo "wall      $(seconds_since "$began" "${MEASURED:-$ended}") s"
[[ -z $MEASURED ]] || echo "stopping  $(seconds_since "$MEASURED" "$ended") s after Ctrl-C"
cpu_seconds
echo "received  $after"
echo "left      ${left:-no process}"
echo "exit      $status"
echo "tests     $(grep -E '^=+ .*(passed|failed|error|no tests).* in [0-9.]+s' "$LOG" | tr -d = || true)"
if [[ $1 == run ]]; then
  # Ctrl-C ends make as well, by the signal; the program has to end by itself, and says so last.
  [[ $status != 130 ]] || status=0
  grep -q 'measured: every minute as planted' "$LOG" || status=1
  [[ $(tail -n 1 "$LOG") == 'zecto-sla: stopped' ]] || status=1
elif grep -qE '^=+ .*[0-9]+ (skipped|xfailed)' "$LOG"; then
  status=1
fi
[[ -z $left ]] || status=1
exit "$((status != 0))"
