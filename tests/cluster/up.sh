#!/usr/bin/env bash
# Bring up a SLURM of one node, with accounting, below $SLURM_ROOT; nothing is written to /etc/slurm. For root on Debian.
# Prints the node's state; `export SLURM_CONF=$SLURM_ROOT/slurm.conf` to use it, down.sh to end it.
set -euo pipefail
R=${SLURM_ROOT:?set SLURM_ROOT to an empty folder}
H=$(hostname -s)
mkdir -p "$R"/{log,mysql,state,spool}
chmod 711 "$R"
chown mysql:mysql "$R/mysql"
getent hosts "$H" >/dev/null || echo "127.0.0.1 $H" >> /etc/hosts

wait_for() { for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.2; done; echo "no answer: $*"; tail -n 20 "$R"/log/*.log; exit 1; }
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1"); }

# munge, by which the daemons trust each other
install -d -o munge -g munge -m 0755 /run/munge
[ -s /etc/munge/munge.key ] || runuser -u munge -- mungekey --create --keyfile=/etc/munge/munge.key
if ! munge -n 2>/dev/null | unmunge >/dev/null 2>&1; then
  runuser -u munge -- /usr/sbin/munged
  touch "$R/munged.ours"
fi

# accounting
mariadb-install-db --user=mysql --datadir="$R/mysql" --skip-test-db --auth-root-authentication-method=socket >"$R/log/mariadb-install.log" 2>&1
setsid mariadbd --no-defaults --user=mysql --datadir="$R/mysql" --socket="$R/mysql/m.sock" --port=13306 --bind-address=127.0.0.1 \
  --pid-file="$R/mysql/m.pid" --innodb-buffer-pool-size=64M --innodb-lock-wait-timeout=900 >"$R/log/mariadb.log" 2>&1 </dev/null &
wait_for mariadb -S "$R/mysql/m.sock" -e 'select 1'
PW=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
mariadb -S "$R/mysql/m.sock" -e "create database slurm_acct_db; create user 'slurm'@'127.0.0.1' identified by '$PW'; grant all on slurm_acct_db.* to 'slurm'@'127.0.0.1';"
( umask 077; cat > "$R/slurmdbd.conf" <<CONF
AuthType=auth/munge
DbdHost=$H
DbdAddr=127.0.0.1
DbdPort=16819
SlurmUser=root
PidFile=$R/slurmdbd.pid
LogFile=$R/log/slurmdbd.log
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=13306
StorageUser=slurm
StoragePass=$PW
StorageLoc=slurm_acct_db
CONF
)

# the cluster
eval "$(slurmd -C | head -1 | tr ' ' '\n' | grep -E '^(CPUs|RealMemory)=')"
cat > "$R/slurm.conf" <<CONF
ClusterName=ci
SlurmctldHost=$H(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=cred_expire=15
StateSaveLocation=$R/state
SlurmdSpoolDir=$R/spool
SlurmctldPidFile=$R/slurmctld.pid
SlurmdPidFile=$R/slurmd.pid
SlurmctldLogFile=$R/log/slurmctld.log
SlurmdLogFile=$R/log/slurmd.log
SlurmctldPort=16817
SlurmdPort=16818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=0
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=16819
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=5
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
MaxArraySize=1001
MinJobAge=300
KillWait=5
NodeName=$H NodeAddr=127.0.0.1 CPUs=$CPUs Boards=1 SocketsPerBoard=1 CoresPerSocket=$CPUs ThreadsPerCore=1 RealMemory=$((RealMemory - 512)) State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=ci Nodes=$H Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=1
PartitionName=urgent Nodes=$H MaxTime=INFINITE State=UP OverSubscribe=NO PriorityTier=10
CONF
if [ "$(slurmd -V | tr -dc '0-9.' | cut -d. -f1)" -ge 23 ]; then  # these look for a control group even with linuxproc
  echo "CgroupPlugin=disabled" > "$R/cgroup.conf"
fi
export SLURM_CONF=$R/slurm.conf
slurmdbd
wait_for listens 16819
slurmctld
slurmd
wait_for sh -c "sinfo -h -o %T | grep -q -E 'idle|mixed|alloc'"
sinfo
