// A network of its own for a program: the loopback and nothing else, where every attempt to reach something is counted.
// By Linux's network namespaces, through util-linux's `unshare`; nothing to install.
import { spawnSync } from 'node:child_process';

/** How `server/setup/allowed-skips.json` calls what is missing where a system gives no such network. */
export const ownNetworkName = 'a network of its own';

// Where there is no `ip`, Perl asks the kernel: SIOCSIFFLAGS with IFF_UP | IFF_RUNNING.
const byPerl = `socket(S, AF_INET, SOCK_DGRAM, 0); $r = pack("a16s x22", "lo", 65); ioctl(S, 0x8914, $r) or die`;
const loopbackUp = `ip link set lo up 2>/dev/null || perl -MSocket -e '${byPerl}'`;
const ways = [['-n'], ['-rn']];
/** @type {{ way?: string[] } | undefined} */
let found;
/**
 * @returns {string[] | undefined} the arguments of `unshare` that work here; undefined: not Linux, or the system does
 * not allow it
 */
function ownNetwork() {
  found ??= { way: ways.find((way) => spawnSync('unshare', [...way, 'sh', '-c', loopbackUp]).status === 0) };
  return found.way;
}
export const hasOwnNetwork = () => ownNetwork() !== undefined;

/**
 * A command that runs `program` in such a network and then writes the network's counters to the file `counters`. Where
 * there is none, the program as it is.
 * @param {string} counters
 * @param {string} program
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
export function inOwnNetwork(counters, program, args) {
  const way = ownNetwork();
  if (!way) return [program, args];
  const script = `${loopbackUp}; "$@"; status=$?; cat /proc/net/snmp /proc/net/snmp6 > "$0"; exit $status`;
  return ['unshare', [...way, 'sh', '-c', script, counters, program, ...args]];
}

/**
 * What the counters say of attempts to reach more than the loopback: packets and connections that found no way out, and
 * UDP at all, since a look-up of a name may go to a resolver on the loopback.
 * @param {string} counters what the file holds
 */
export function attempts(counters) {
  const [heads, values] = ['Ip', 'Udp'].reduce(
    ([h, v], protocol) => {
      const [names, numbers] = counters.split('\n').filter((line) => line.startsWith(`${protocol}: `));
      return [
        [...h, ...names.split(' ').map((name) => protocol + name)],
        [...v, ...numbers.split(' ')],
      ];
    },
    [[], []],
  );
  const of = (name) => Number(values[heads.indexOf(name)]);
  return {
    noWayOut: of('IpOutNoRoutes') + Number(/Ip6OutNoRoutes\s+(\d+)/.exec(counters)?.[1] ?? 0),
    datagrams: of('UdpOutDatagrams') + Number(/Udp6OutDatagrams\s+(\d+)/.exec(counters)?.[1] ?? 0),
  };
}
