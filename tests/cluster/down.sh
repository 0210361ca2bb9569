#!/usr/bin/env bash
# End the SLURM that up.sh brought up below $SLURM_ROOT, and only that. Returns when its daemons are gone and write nothing more.
R=${SLURM_ROOT:?}
export SLURM_CONF=$R/slurm.conf
PATIENCE=30  # seconds for a daemon to end in order

pid() { [ -s "$1" ] && cat "$1"; }
steps=$(scontrol listpids 2>/dev/null | awk 'NR > 1 { print $1 }')
controller=$(pid "$R/slurmctld.pid") node=$(pid "$R/slurmd.pid") accounting=$(pid "$R/slurmdbd.pid") database=$(pid "$R/mysql/m.pid")

end() {  # the processes named: asked to end, waited for, and killed if they stay
  [ $# -eq 0 ] && return
  kill "$@" 2>/dev/null
  for _ in $(seq $((5 * PATIENCE))); do kill -0 "$@" 2>/dev/null || return; sleep 0.2; done
  kill -9 "$@" 2>/dev/null
}

scancel --me 2>/dev/null
sleep 1
end $steps
end $controller $node
end $accounting
end $database
[ -e "$R/munged.ours" ] && end "$(pid /run/munge/munged.pid)"
exit 0
