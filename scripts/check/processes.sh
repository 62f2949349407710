# Sourced by scripts of this folder that start runs: counts what is wrong, waits for what is to come, and finds ranks.

problems=0
# Says what is wrong, and with which kind of trouble if the script makes several.
fail() { echo "PROBLEM: ${kind:+$kind: }$*" >&2; problems=$((problems + 1)); }

cores=$(nproc)
# Waits until a command succeeds, for a number of seconds at most; seconds in which other programs had the cores do not count.
wait_until() {
  local left=$((1000 * $1)) running
  shift
  until "$@"; do
    if [ "$left" -le 0 ]; then return 1; fi
    sleep 0.05
    read -r _ _ _ running _ < /proc/loadavg
    running=${running%%/*}
    left=$((left - 50 * cores / (running > cores ? running : cores)))
  done
}

# The process of a rank of the mpirun whose process is $main.
rank_process() {
  local process
  for process in $(cat "/proc/$main/task/$main/children" 2>/dev/null || true); do
    if tr '\0' '\n' < "/proc/$process/environ" 2>/dev/null | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then
      echo "$process"
      return
    fi
  done
}
