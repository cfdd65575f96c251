import { describe, expect, it } from '@jest/globals';
import { pipelineOf } from './pipeline-watch.js';
import type { QueryState } from './query-states.js';

const query = (name: string, topic: string, sources: string[], state = 'RUNNING'): QueryState => ({
  name,
  topic,
  sources,
  state,
});
const states = (changes: Record<string, string> = {}): QueryState[] =>
  [
    query('WEATHER_LATEST', 'weather-latest', []),
    query('CITY_SENSORS', 'city-sensors', []),
    query('CITY_CONDITIONS', 'city-conditions', ['WEATHER_LATEST', 'CITY_SENSORS']),
    query('SENSOR_HEALTH', 'sensor-health', ['CITY_CONDITIONS']),
    query('CITY_AVERAGES_5M', 'city-averages-5m', ['CITY_CONDITIONS']),
    query('USER_CONDITIONS', 'user-conditions', ['CITY_CONDITIONS']),
  ].map((each) => ({ ...each, state: changes[each.name] ?? each.state }));

const nothing = { weather: null, sensors: null, air: null, averages: null, people: null };

describe('whether what feeds the page moves', () => {
  it('is ready when all queries run and all topics are read', () => {
    expect(pipelineOf(new Map(), states(), undefined)).toEqual({
      health: 'ready',
      because: [],
      losses: [],
      feeds: nothing,
    });
  });

  it('names the query that stands still for what it feeds, and leaves the rest alone', () => {
    const why = 'query CITY_SENSORS was terminated';
    expect(pipelineOf(new Map(), states({ CITY_SENSORS: 'TERMINATED' }), undefined)).toEqual({
      health: 'not ready',
      because: [why],
      losses: [],
      feeds: { weather: null, sensors: why, air: why, averages: why, people: why },
    });
    expect(pipelineOf(new Map(), states({ USER_CONDITIONS: 'ERROR' }), undefined).feeds).toEqual({
      ...nothing,
      people: 'query USER_CONDITIONS failed',
    });
  });

  it('names the topic that is not read, with the reason', () => {
    const readers = new Map([
      ['sensor-health', 'Failed to find group coordinator'],
      ['another part', 'away'],
    ]);
    const why = 'the topic sensor-health is not read: Failed to find group coordinator';
    expect(pipelineOf(readers, states(), undefined)).toEqual({
      health: 'not ready',
      because: [why],
      losses: [],
      feeds: { ...nothing, air: why },
    });
  });

  it('tells what was lost, which makes nothing stand still', () => {
    const losses = ['topic weather-data was deleted'];
    expect(pipelineOf(new Map(), states(), undefined, losses)).toMatchObject({ health: 'ready', because: [], losses });
  });

  it('is degraded when only nobody knows the queries', () => {
    expect(pipelineOf(new Map(), [], 'stream-admin does not answer')).toEqual({
      health: 'degraded',
      because: ['stream-admin does not answer, so the state of the queries is not known'],
      losses: [],
      feeds: nothing,
    });
  });
});
