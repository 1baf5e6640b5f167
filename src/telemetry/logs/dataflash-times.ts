import type { DataflashLog } from './dataflash-decode.ts';

/** Unix time [s] of GPS week 0, and the leap seconds that GPS time is ahead of it since 2017. */
const GPS_EPOCH = 315_964_800;
const LEAP_SECONDS = 18;
const WEEK = 604_800;
/** An interval between two fixes this many times the usual is a hole. */
const HOLE = 2.5;
/** `EV` of a vehicle that is armed, with which logging goes on. */
const ARMED = 10;

export interface DataflashClock {
  /** Seconds of each record of a message. */
  times(name: string): number[];
  /** Unix time of the clock's zero [s], where the log has one. */
  unixZero: number | null;
  /** Times were told by the records' order. */
  byOrder: boolean;
}

/**
 * When each record was written: by its own stamp, or, in logs of before 2014, by where it stands between two GPS fixes, which alone have
 * a time. Nothing is written while disarmed, so over a hole records keep their usual pace: on from the fix before it, and from arming on
 * back from the fix behind.
 */
export function dataflashClock(log: DataflashLog): DataflashClock {
  const stamped = [...log.messages.values()].some(({ columns }) => columns.has('TimeUS') || columns.has('TimeMS'));
  const place = stamped ? () => Number.NaN : byOrder(log);
  return {
    times: (name) => {
      const { columns, order } = log.messages.get(name)!;
      const micro = columns.get('TimeUS');
      if (micro) return micro.map((time) => time / 1e6);
      const milli = columns.get('TimeMS');
      return milli ? milli.map((time) => time / 1e3) : order.map(place);
    },
    unixZero: unixZero(log),
    byOrder: !stamped,
  };
}

function unixZero({ messages }: DataflashLog): number | null {
  const columns = messages.get('GPS')?.columns;
  const [week, ms, own] = ['GWk', 'GMS', 'TimeUS'].map((field) => columns?.get(field) ?? []);
  const fix = week.findIndex((value, i) => value > 0 && ms[i] > 0 && own[i] > 0);
  return fix < 0 ? null : GPS_EPOCH + week[fix] * WEEK + ms[fix] / 1e3 - LEAP_SECONDS - own[fix] / 1e6;
}

function byOrder({ messages }: DataflashLog): (order: number) => number {
  const gps = messages.get('GPS');
  const stamps = gps?.columns.get('Time') ?? gps?.columns.get('GMS') ?? [];
  const fixes: { order: number; time: number }[] = [];
  stamps.forEach((stamp, i) => {
    const time = stamp / 1e3;
    if (fixes.length === 0 || time > fixes[fixes.length - 1].time) fixes.push({ order: gps!.order[i], time });
  });
  if (fixes.length < 2) return () => Number.NaN;
  const { usual, pace } = paceOf(fixes);
  const armings = (messages.get('EV')?.columns.get('Id') ?? []).flatMap((id, i) =>
    id === ARMED ? [messages.get('EV')!.order[i]] : [],
  );
  const spans = fixes
    .slice(1)
    .map((to, i) => ({ from: fixes[i], to, arming: armings.find((at) => at > fixes[i].order && at <= to.order) }));
  let span = 0;
  return (order) => {
    while (span > 0 && order < spans[span].from.order) span--;
    while (span < spans.length - 1 && order >= spans[span].to.order) span++;
    const { from, to, arming } = spans[span];
    const behind = arming !== undefined && order >= arming;
    const inside = order >= from.order && order <= to.order;
    if (inside && to.time - from.time <= HOLE * usual)
      return from.time + ((order - from.order) / (to.order - from.order)) * (to.time - from.time);
    if (order > to.order || behind) return to.time + (order - to.order) * pace;
    return Math.min(from.time + (order - from.order) * pace, order < from.order ? Infinity : to.time);
  };
}

/** Usual seconds from fix to fix, and from record to record. */
function paceOf(fixes: { order: number; time: number }[]): { usual: number; pace: number } {
  const middle = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
  const steps = fixes
    .slice(1)
    .map(({ order, time }, i) => ({ seconds: time - fixes[i].time, records: order - fixes[i].order }));
  return {
    usual: middle(steps.map(({ seconds }) => seconds)),
    pace: middle(steps.map(({ seconds, records }) => seconds / records)),
  };
}
