import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Playback } from '../../viewer/src/playback.ts';
import { near } from '../given.ts';

const test = suite('playback');

function givenPlayback(duration: number, speed = 1): Playback {
  const playback = new Playback();
  playback.load(duration);
  playback.setSpeed(speed);
  return playback;
}

test('time passes at the chosen speed, and only while playing', () => {
  const playback = givenPlayback(10, 4);
  playback.tick(0.5);
  assert.is(playback.time, 0);
  playback.toggle();
  playback.tick(0.5);
  near(playback.time, 2, 1e-12);
});

test('stops at the end, from where play starts again at the beginning', () => {
  const playback = givenPlayback(1);
  playback.toggle();
  playback.tick(3);
  assert.equal([playback.time, playback.playing], [1, false]);
  playback.toggle();
  assert.equal([playback.time, playback.playing], [0, true]);
});

test('a loop goes on with what is left over', () => {
  const playback = givenPlayback(2);
  playback.setLoop(true);
  playback.toggle();
  playback.tick(2.5);
  near(playback.time, 0.5, 1e-12);
  assert.ok(playback.playing);
});

test('seeking stays within the recording', () => {
  const playback = givenPlayback(2);
  for (const [wanted, got] of [
    [-1, 0],
    [1.5, 1.5],
    [9, 2],
    [Number.NaN, 0],
  ]) {
    playback.seek(wanted);
    assert.is(playback.time, got);
  }
});

test('nothing plays where nothing is open', () => {
  const playback = new Playback();
  playback.toggle();
  assert.not(playback.playing);
});

test('speeds go up and down in their steps and no further', () => {
  const playback = givenPlayback(1, 4);
  playback.shiftSpeed(1);
  playback.shiftSpeed(1);
  assert.is(playback.speed, 8);
  for (let press = 0; press < 20; press++) playback.shiftSpeed(-1);
  assert.is(playback.speed, 0.1);
});

test('stays at the end of a flight under way until one looks back, and returns by going to its end', () => {
  const playback = new Playback();
  playback.load(2, 2, true);
  playback.extend(3);
  assert.equal([playback.time, playback.following], [3, true]);
  playback.seek(1);
  playback.extend(4);
  assert.equal([playback.time, playback.following], [1, false]);
  playback.seek(4);
  playback.extend(5);
  assert.equal([playback.time, playback.following], [5, true]);
  playback.toggle();
  playback.extend(6);
  assert.equal([playback.time, playback.following, playback.playing], [5, false, false]);
});

test('playing catches up with a flight under way, even where it would start again', () => {
  const playback = new Playback();
  playback.load(2, 1, true);
  playback.setLoop(true);
  playback.toggle();
  playback.tick(5);
  assert.equal([playback.time, playback.following, playback.playing], [2, true, false]);
});

test('a flight that has ended plays like any other', () => {
  const playback = new Playback();
  playback.load(2, 2, true);
  playback.settle();
  playback.toggle();
  assert.equal([playback.time, playback.playing, playback.following], [0, true, false]);
});

test.run();
