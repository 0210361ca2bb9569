#!/usr/bin/env bash
# End the SLURM that up.sh brought up below $SLURM_ROOT, and only that.
R=${SLURM_ROOT:?}
export SLURM_CONF=$R/slurm.conf
scancel --me 2>/dev/null
sleep 1
scontrol shutdown 2>/dev/null
for daemon in slurmd slurmctld slurmdbd; do [ -s "$R/$daemon.pid" ] && kill "$(cat "$R/$daemon.pid")" 2>/dev/null; done
[ -s "$R/mysql/m.pid" ] && kill "$(cat "$R/mysql/m.pid")" 2>/dev/null
[ -e "$R/munged.ours" ] && kill "$(cat /run/munge/munged.pid)" 2>/dev/null
exit 0
