import { readPipeline } from '@isobar/pipeline';
import { expect, it } from '@jest/globals';
import { forecast, limit, minutesMs, noonMs, user, warning } from './testing/events.js';
import { PipelineDriver } from './testing/pipeline-driver.js';
import { cities, simulate } from './testing/simulated-readings.js';

const minutes = 20;

it('no query writes more rows for each that it reads than its file allows', async () => {
  const objects = await readPipeline(import.meta.dirname);
  const pipeline = await PipelineDriver.create(noonMs);
  cities.forEach(({ id }, city) => {
    for (let person = 1; person <= 3; person += 1) pipeline.user(user({ id: city * 10 + person, city_key: id }));
    pipeline.limit(limit({ id: 2 * city + 1, city_key: id }));
    pipeline.limit(limit({ id: 2 * city + 2, city_key: id, metric: 'OBSERVED_TEMPERATURE' }));
    pipeline.limit(limit({ id: 100 + city, city_key: id, metric: 'FORECAST_WIND_12H' }));
    pipeline.warning(`${id}|storm`, warning(0, { city_key: id }));
  });
  const simulation = {
    seed: 1,
    sensorsPerCity: 3,
    intervalMs: 10_000,
    fromMs: noonMs,
    toMs: noonMs + minutesMs(minutes),
  };
  let issued = 0;
  for (const { kind, atMs, key, value } of simulate({
    ...simulation,
    scenarios: [{ name: 'sensor-silent', startedAtMs: noonMs + minutesMs(10) }],
  })) {
    pipeline.passTo(atMs);
    for (; issued < 3 && atMs >= noonMs + minutesMs(5 * issued); issued += 1)
      for (const { id } of cities) pipeline.forecast(id, forecast(minutesMs(5 * issued)));
    if (kind === 'reading') pipeline.reading(key, value);
    else pipeline.weather(key, value);
  }
  const rows = new Map(
    [...new Set(objects.map(({ topic }) => topic))].map((topic) => [topic, pipeline.read(topic).length]),
  );
  const topicOf = new Map(objects.map(({ name, topic }) => [name, topic]));
  const measured = objects
    .filter(({ isQuery }) => isQuery)
    .map(({ name, topic, sources, directives }) => {
      const read = sources.reduce((sum, source) => sum + (rows.get(topicOf.get(source) ?? '') ?? 0), 0);
      return { name, read, ratio: (rows.get(topic) ?? 0) / read, budget: directives.budget ?? 0 };
    });
  expect(measured.filter(({ ratio, budget }) => ratio > budget)).toEqual([]);
  expect(measured.filter(({ read }) => read === 0)).toEqual([]);
});
