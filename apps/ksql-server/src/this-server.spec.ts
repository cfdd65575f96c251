import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { advertisedUrl, isGone, thisServer } from './this-server.js';

describe('what a server tells the others of itself', () => {
  it.each([
    ['127.0.0.1', {}, 'http://127.0.0.1:8088'],
    ['0.0.0.0', {}, `http://${hostname()}:8088`],
    ['::', {}, `http://${hostname()}:8088`],
    ['::1', {}, 'http://[::1]:8088'],
    ['0.0.0.0', { 'ksql.advertised.listener': 'https://ksql.example/' }, 'https://ksql.example'],
  ])('is where it is asked: %s with %j is %s', (host, properties, url) => {
    expect(advertisedUrl(properties, host, 8088)).toBe(url);
  });

  it('is another one with each start', () => {
    expect(thisServer('http://a').id).not.toBe(thisServer('http://a').id);
  });
});

describe('a process', () => {
  const { machine } = thisServer('http://a');

  it('is gone when it has ended, or when this one has its number', () => {
    const ended = spawnSync(process.execPath, ['-e', '']).pid;
    expect(isGone({ machine, pid: ended })).toBe(true);
    expect(isGone({ machine, pid: process.pid })).toBe(true);
    expect(isGone({ machine, pid: process.ppid })).toBe(false);
  });

  it('of another machine is not taken for gone', () => {
    expect(isGone({ machine: 'elsewhere', pid: process.pid })).toBe(false);
  });
});
