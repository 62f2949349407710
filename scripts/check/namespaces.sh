# Sourced by scripts/check/test-slurm.sh and scripts/check/test-hosts.sh, which set `packages`: runs the script that sources it once more,
# alone in network, process, mount and host name namespaces of its own, with the program in SEEDSWEEP_PROGRAM and an empty
# folder in `folder`; installs the Debian packages first where apt is there. The namespaces and the folder go with the script,
# however it ends. Then what stands in processes.sh is there.
if [ "$(id -u)" != 0 ]; then echo "$0 makes namespaces, which needs root" >&2; exit 2; fi

if [ -z "${SEEDSWEEP_NAMESPACES:-}" ]; then
  missing=()
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then echo "$0 needs ${missing[*]} (Debian's names)" >&2; exit 2; fi
    apt-get update -qq
    # In runlevel 1 packages start no services.
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
  fi
  if [ -z "${SEEDSWEEP_PROGRAM:-}" ]; then
    swift build -c release --product seedsweep
    SEEDSWEEP_PROGRAM=$(swift build -c release --show-bin-path)/seedsweep
  fi
  export SEEDSWEEP_PROGRAM
  # Not below /tmp, of which the hosts of a test may each have their own.
  SEEDSWEEP_NAMESPACES=$(mktemp -d /var/tmp/seedsweep-namespaces-XXXXXX)
  export SEEDSWEEP_NAMESPACES
  trap 'rm -rf "$SEEDSWEEP_NAMESPACES"' EXIT
  setpriv --pdeathsig KILL unshare --net --uts --mount --pid --fork --kill-child --mount-proc "$PWD/scripts/check/${0##*/}" "$@" &
  wait $!
  exit
fi

folder=$SEEDSWEEP_NAMESPACES
chmod 755 "$folder"
program=$SEEDSWEEP_PROGRAM
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OPENBLAS_NUM_THREADS=1 SEEDSWEEP_PROCESSES=1
# Open MPI and Slurm expect a loopback interface.
ip link set lo up
# A rank that is killed leaves its shared memory behind.
mount -t tmpfs tmpfs /dev/shm

. scripts/check/processes.sh
