import { readFileSync } from 'node:fs';

/** USER_HZ: what /proc counts in, 100 a second on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU time of a process so far, its own and the kernel's for it. Milliseconds, in steps of 10. */
export function cpuMs(pid: number): number {
  return cpuMsOfStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** proc_pid_stat(5): utime and stime are the 14th and 15th field; the 2nd, the name, may hold spaces and brackets. */
export function cpuMsOfStat(stat: string): number {
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(afterName[11]) + Number(afterName[12])) * 1_000) / ticksPerSecond;
}

/** CPU time that everything on this machine took so far, all cores together. Milliseconds. */
export function machineCpuMs(): number {
  return machineCpuMsOfStat(readFileSync('/proc/stat', 'latin1'));
}

/** proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal; what a hypervisor took is not ours either. */
export function machineCpuMsOfStat(stat: string): number {
  const [user, nice, system, , , irq, softirq, steal] = stat.split('\n')[0]!.split(/ +/).slice(1).map(Number);
  return ((user! + nice! + system! + irq! + softirq! + steal!) * 1_000) / ticksPerSecond;
}
