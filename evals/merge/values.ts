/** Values of the kinds that logs and tool results hold; the names are the slots of `events.ts`. */
import type { Random } from './random.ts';

type MakeValue = (random: Random) => string;

const USERS =
  'root admin oracle postgres mysql guest test ftp nagios deploy backup alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter'.split(
    ' ',
  );
const HOSTS =
  'atlas borealis cygnus dorado eridanus fornax gemini hydra indus lyra mensa norma octans pavo pyxis sagitta taurus ursa vela volans'.split(
    ' ',
  );
const STATES =
  'NEW INITED SETUP RUNNING COMMITTING SUCCEEDED ASSIGNED UNASSIGNED SCHEDULED FINISHING KILLED LOCALIZING'.split(
    ' ',
  );
const SERVICES =
  'dhcpd crond sshd named postfix snmpd ntpd cupsd autofs xinetd portmap rpcidmapd syslogd acpid gpm smartd'.split(
    ' ',
  );
const DIRECTORIES = 'var usr home data opt tmp lib log spool cache jobs scratch'.split(' ');
const PACKAGES = 'android systemui launcher phone mail settings keyguard music camera'.split(' ');
const KEYS =
  'tip job task.attempt map.input cluster.local output.dir user.name reduce.tasks cache.files'.split(
    ' ',
  );

const digits = (random: Random, length: number): string =>
  Array.from({ length }, (_, index) => String(random.integer(index === 0 ? 1 : 0, 9))).join('');
const hex = (random: Random, length: number): string =>
  Array.from({ length }, () => random.integer(0, 15).toString(16)).join('');
const two = (random: Random, high: number): string =>
  String(random.integer(0, high)).padStart(2, '0');
const ip: MakeValue = (random) =>
  `10.${random.integer(0, 255)}.${random.integer(0, 255)}.${random.integer(1, 254)}`;
const path: MakeValue = (random) =>
  Array.from({ length: random.integer(2, 4) }, () => `/${random.pick(DIRECTORIES)}`).join('') +
  `/${random.pick(HOSTS)}${random.integer(0, 99)}.${random.pick(['log', 'dat', 'so', 'rts'])}`;
const time: MakeValue = (random) => `${two(random, 23)}:${two(random, 59)}:${two(random, 59)}`;

const version: MakeValue = (random) =>
  `${random.integer(1, 9)}.${random.integer(0, 9)}.${random.integer(100, 9999)}.${random.integer(1, 99)}`;

export const VALUES: Readonly<Record<string, MakeValue>> = {
  int: (random) =>
    String(random.integer(0, random.pick(['9', '99', '65535', '99999999']).length * 3417)),
  small: (random) => String(random.integer(0, 9)),
  signed: (random) => String(random.integer(-90, 90)),
  port: (random) => String(random.integer(1024, 65535)),
  float: (random) => `${random.integer(0, 99)}.${digits(random, 2)}`,
  percent: (random) => `${random.integer(0, 100)}%`,
  hex: (random) => `0x${hex(random, 8)}`,
  word32: (random) => hex(random, 8),
  ip,
  address: (random) => `${ip(random)}:${random.integer(1024, 65535)}`,
  socket: (random) => `/${ip(random)}:${random.integer(1024, 65535)}`,
  user: (random) => random.pick(USERS),
  host: (random) => random.pick(HOSTS),
  fqdn: (random) =>
    `${random.pick(HOSTS)}${random.pick(['', '-2', '7', ''])}.${random.pick(['net', 'dsl.isp', 'cs.uni'])}.example.${random.pick(['org', 'com', 'de'])}`,
  service: (random) => random.pick(SERVICES),
  state: (random) => random.pick(STATES),
  path,
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-'),
  block: (random) => `blk_${random.pick(['', '-'])}${digits(random, 18)}`,
  attempt: (random) =>
    `attempt_14${digits(random, 8)}_00${two(random, 20)}_${random.pick(['m', 'r'])}_0000${two(random, 12)}_${random.integer(0, 3)}`,
  container: (random) =>
    `container_14${digits(random, 8)}_00${two(random, 20)}_01_0000${two(random, 40)}`,
  rdd: (random) => `rdd_${random.integer(0, 40)}_${random.integer(0, 9)}`,
  broadcast: (random) => `broadcast_${random.integer(0, 60)}`,
  midplane: (random) =>
    `R${two(random, 71)}-M${random.integer(0, 1)}-N${random.integer(0, 15).toString(16)}`,
  node: (random) => `tbird-sm${random.integer(1, 90)}`,
  size: (random) =>
    random.pick([
      `${random.integer(1, 900)} bytes`,
      `${random.integer(1024, 9999)} bytes (${random.integer(1, 9)}.${digits(random, 2)} KB)`,
      `${random.integer(1_100_000, 9_999_999)} bytes (${random.integer(1, 9)}.${digits(random, 2)} MB)`,
    ]),
  memory: (random) =>
    `${random.integer(1, 900)}.${random.integer(0, 9)} ${random.pick(['KB', 'MB', 'GB', 'B'])}`,
  bool: (random) => random.pick(['true', 'false']),
  Bool: (random) => random.pick(['True', 'False']),
  date: (random) => `2016-${two(random, 8).replace('00', '11')}-1${random.integer(0, 9)}`,
  time,
  stamp: (random) =>
    `${random.pick(['Mon', 'Tue', 'Wed', 'Thu', 'Fri'])} ${random.pick(['Jun', 'Jul', 'Aug', 'Dec'])} ${random.integer(1, 28)} ${time(random)} 2005`,
  package: (random) => `com.${random.pick(PACKAGES)}.${random.pick(PACKAGES)}`,
  key: (random) => `mapred.${random.pick(KEYS)}.${random.pick(KEYS)}`,
  url: (random) => `http://${ip(random)}:8774/v2/${hex(random, 12)}/servers/detail`,
  version: (random) =>
    `${random.integer(1, 9)}.${random.integer(0, 9)}.${random.integer(100, 9999)}.${random.integer(1, 99)}`,
  session: (random) => `${digits(random, 8)}_${digits(random, 9)}`,
  pair: (random) =>
    `${random.integer(0, 12000)}##${random.integer(0, 12000)}##${random.integer(0, 99)}`,
  city: (random) =>
    random.pick(
      'Oslo|Lima|New York|Quito|Cairo|Los Angeles|Hanoi|Dakar|San Diego|Perth|Turin|Porto|Cape Town|Kyoto|Bergen'.split(
        '|',
      ),
    ),
  mac: (random) => [0, 1, 2, 3, 4, 5].map(() => hex(random, 2)).join(':'),
  vversion: (random) => `v${version(random)}`,
  winpath: (random) => `C:\\Windows\\winsxs\\amd64_${hex(random, 8)}\\cbscore.dll`,
  kb: (random) => `Package_for_KB${digits(random, 7)}~31bf3856ad364e35~amd64~~${version(random)}`,
  csi: (random) =>
    `${digits(random, 8)}@2016/9/${random.integer(1, 28)}:${time(random)}.${digits(random, 3)}`,
  task: (random) => `t${random.integer(10, 999)}`,
  jvm: (random) => `jvm_14${digits(random, 8)}_0001_m_0000${two(random, 20)}`,
  http: () => '1.1',
  msgid: (random) => `<${digits(random, 8)}.${digits(random, 5)}@mail.example.org>`,
  relay: (random) => `${random.pick(USERS)}@localhost`,
  switch: (random) => `IOThunderboltSwitch<${random.integer(0, 3)}>`,
  cores: (random) => `${random.integer(-20, 90)}>`,
  vfloat: (random) => `v${random.integer(1, 9)}.${digits(random, 2)}`,
  split: (random) =>
    `hdfs://${ip(random)}:9000/logs/${random.pick(HOSTS)}.log:${digits(random, 6)}+${digits(random, 4)}`,
  email: (random) => `${random.pick(USERS)}@example.com`,
  askdate: (random) => `2016-0${random.integer(1, 9)}-1${random.integer(0, 9)}?`,
  hostport: (random) =>
    `${random.pick(HOSTS)}-${random.integer(1, 40)}:${random.integer(1024, 65535)}`,
  action: (random) =>
    `android.intent.action.${random.pick(['SCREEN_ON', 'SCREEN_OFF', 'TIME_TICK'])}`,
  nic: (random) => `eth${random.integer(0, 3)}`,
  kind: (random) => random.pick(['type', 'sort']),
};
