import type { z } from 'zod';
import { bigint, double, integerReadWide, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type {
  AirQualityIndex,
  EpochMs,
  FahrenheitDegrees,
  Hectopascals,
  MicrogramsPerCubicMeter,
  Percent,
} from '../units.js';

/** One reading of one sensor. */
export const sensorReadingV1 = new EventType({
  name: 'sensor-reading',
  version: 1,
  topic: topics.iotSensors.name,
  source: 'iot_sensors_stream',
  key: { name: 'sensor_id', schema: varchar('the sensor'), format: 'KAFKA' },
  timestamp: 'measured_at',
  fields: {
    event_id: varchar('deterministic: the same reading has the same id'),
    city_key: varchar('the id of the city, which holds its state too'),
    location: varchar('name of the city'),
    state: varchar('two letters'),
    temperature_fahrenheit: double<FahrenheitDegrees>('air temperature').nullable(),
    humidity_pct: double<Percent>('relative humidity').nullable(),
    pressure_hpa: double<Hectopascals>('barometric pressure').nullable(),
    pm25_ugm3: double<MicrogramsPerCubicMeter>('fine particles').nullable(),
    air_quality_index: integerReadWide<AirQualityIndex>(
      'index of the EPA (2024 breakpoints) for the fine particles',
    ).nullable(),
    source: varchar('simulator, or who sent it'),
    measured_at: bigint<EpochMs>('when the sensor measured'),
  },
});

export type SensorReading = z.output<typeof sensorReadingV1.schema>;
