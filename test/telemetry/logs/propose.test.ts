import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseColumnMap } from '../../../src/telemetry/logs/column-map.ts';
import { proposeColumns } from '../../../src/telemetry/logs/propose.ts';
import { findTable } from '../../../src/telemetry/logs/table.ts';

/** What is proposed for a table of these columns, with numbers that grow slowly. */
function proposed(header: string) {
  const count = header.split(/[,;]/).length;
  const separator = header.includes(';') ? ';' : ',';
  const rows = [1, 2, 3].map((row) =>
    Array(count)
      .fill(row / 10)
      .join(separator),
  );
  return parseColumnMap(proposeColumns(findTable([header, ...rows, ''].join('\n'))!, 'mine'), 'mine.yaml');
}

test('the axes of one topic have one stem: no height is taken from elsewhere', () => {
  const map = proposed('t;Ort X;Ort Y;Höhe;v_x;v_y;v_z');
  assert.is(map.position, undefined);
  assert.equal(map.velocity?.columns, ['v_x', 'v_y', 'v_z']);
  assert.is(proposed('t,v_x,v_y,v_z,est_vel_x,est_vel_y,est_vel_z,gyro_x,gyro_y,gyro_z').position, undefined);
});

test('a stem that has all axes is found behind one that lacks some', () => {
  const map = proposed('t,cam_x,cam_y,est_z,est_x,est_y,mocap roll,mocap pitch,est_roll,est_pitch,est_yaw');
  assert.equal(map.position?.columns, ['est_x', 'est_y', 'est_z']);
  assert.equal(map.attitude?.angles, ['est_roll', 'est_pitch', 'est_yaw']);
});

test('north, east and down are a position in NED, vn, ve and vd a velocity, p, q and r rates of an FRD body', () => {
  for (const [position, velocity] of [
    ['north,east,down', 'vn,ve,vd'],
    ['pn,pe,pd', 'v_north,v_east,v_down'],
    ['est_n,est_e,est_d', 'est_vel_n,est_vel_e,est_vel_d'],
  ]) {
    const map = proposed(`t,${position},${velocity},p,q,r`);
    assert.equal(map.position?.columns, position.split(','));
    assert.equal(map.velocity?.columns, velocity.split(','));
    assert.equal(map.rates?.columns, ['p', 'q', 'r']);
    assert.equal([map.world, map.body], ['NED', 'FRD']);
  }
});

test('east, north and up are ENU', () => {
  const map = proposed('t,east,north,up,ve,vn,vu');
  assert.equal(
    [map.position?.columns, map.velocity?.columns],
    [
      ['east', 'north', 'up'],
      ['ve', 'vn', 'vu'],
    ],
  );
  assert.equal([map.world, map.body], ['ENU', 'FLU']);
});

test.run();
